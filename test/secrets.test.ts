import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { ToolMessage } from "@langchain/core/messages";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TrutoLangchainToolManager } from "langchain-1password";
import { withoutSecrets } from "../src/http/secrets.js";
import {
  allWays,
  apiKey,
  clientId,
  clientSecret,
  fetchFailures,
  searchRuns,
  secretFailures,
  secretsAt,
  serverFailures,
  type Extent,
} from "./support/failing-matrix.js";
import type { PrintedRuns } from "./support/failing-process.js";
import {
  brokenAnswers,
  errorAnswers,
  hostileAccount,
  someErrorAnswers,
  useHostileServer,
} from "./support/hostile-server.js";
import { formsOf, LeakSearch } from "./support/leak-search.js";
import { keepPrinted } from "./support/printed.js";

const isAgent = ({ host }: (typeof allWays)[number]) => !host.startsWith("tool.");
const [agents, directly] = [allWays.filter(isAgent), allWays.filter((way) => !isAgent(way))];

/** Every second time by an agent, which takes longer, and shows mostly what the tool showed before. */
const turns = agents.flatMap((way, index) => [way, directly[index % directly.length]!]);

/** Each failure once, with another host each time; test/full/secrets.test.ts has every host for each. */
const some: Extent = {
  errorAnswers: someErrorAnswers,
  ways: (index) => [turns[index % turns.length]!],
};

describe.each(["users", "truto"] as const)("in a run with %s, no secret comes to light", (api) => {
  test.each([
    ["the server fails and echoes all that it heard", serverFailures],
    ["the fetch that was given fails", fetchFailures],
    ["the function that gives the secret fails", secretFailures],
  ])(
    "when %s",
    async (_what, failures) => {
      const printed = keepPrinted();
      const server = await useHostileServer();
      const search = new LeakSearch(secretsAt(server));
      const outcome = await searchRuns(failures(api, server, some), search);
      expect(outcome).toEqual({ leaks: [], idle: [] });
      expect(search.in(printed)).toEqual([]);
      // A search that is shown nothing finds nothing.
      expect(search.size).toBeGreaterThan(50);
    },
    60_000,
  );
});

test("no secret is printed by a program that prints all it gets, and ends by an error", async () => {
  const server = await useHostileServer();
  const at = (endpoint: "token" | "revoke" | "get" | "suspend" | "tools", failure: string) =>
    server.failing(endpoint, { ...errorAnswers, ...brokenAnswers }[failure]!).baseUrl;
  const told: PrintedRuns = {
    runs: [
      {
        api: "users",
        endpoint: "token",
        host: "createAgent.stream",
        baseUrl: at("token", "400 with an OAuth error"),
      },
      {
        api: "users",
        endpoint: "suspend",
        host: "AgentExecutor.invoke",
        baseUrl: at("suspend", "what is no HTTP"),
      },
      {
        api: "truto",
        endpoint: "get",
        host: "tool.invoke(args)",
        baseUrl: at("get", "500 with a nested error"),
      },
      {
        api: "truto",
        endpoint: "tools",
        host: "tool.invoke(args)",
        baseUrl: at("tools", "401 with a gRPC status"),
      },
    ],
    closing: at("revoke", "503 with an OAuth error"),
    last: at("get", "429 with a gRPC status"),
  };
  const { code, stdout, stderr } = await printedBy(told);
  const search = new LeakSearch(secretsAt(server));
  expect(search.in([stdout, stderr])).toEqual([]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/\[tool\/error\].*answered 429/s);
  expect(stderr).toMatch(/The access token could not be revoked.*RateLimitError.*retryAfterMs/s);
}, 60_000);

function printedBy(told: PrintedRuns) {
  const program = fileURLToPath(new URL("support/failing-process.ts", import.meta.url));
  const env = {
    ...process.env,
    OP_ACCOUNT_ID: hostileAccount.accountId,
    OP_CLIENT_ID: clientId,
    OP_CLIENT_SECRET: clientSecret,
    TRUTO_API_KEY: apiKey,
  };
  return new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    const args = ["--import", "tsx", program, JSON.stringify(told)];
    execFile(process.execPath, args, { env, maxBuffer: 2 ** 28 }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });
}

describe("a server's text is shown without secrets", () => {
  const secret = fc.string({ minLength: 20, maxLength: 60, unit: "grapheme" });
  const around = fc.string({ maxLength: 40 });

  test("in whatever form they are, and wherever they are cut off", () => {
    const cut = fc.record({ form: fc.nat(12), start: fc.nat(20), end: fc.nat(20) });
    fc.assert(
      fc.property(secret, around, around, cut, (text, before, after, { form, start, end }) => {
        const [, echo] = [...formsOf(text)][form]!;
        const shown = withoutSecrets(`${before}${echo.slice(start, echo.length - end)}${after}`, [text]);
        expect(new LeakSearch([{ name: "secret", value: text }]).in(shown)).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  test("and is the same text where none is in it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(withoutSecrets(text, [randomUUID(), randomUUID()])).toBe(text);
      }),
    );
  });
});

test("a manager of Truto's tools shows no key", () => {
  const search = new LeakSearch([{ name: "API key", value: apiKey }]);
  expect(search.in(new TrutoLangchainToolManager({ apiKey }))).toEqual([]);
});

describe("the search", () => {
  const search = () => new LeakSearch([{ name: "secret", value: clientSecret }]);

  test.each([...formsOf(clientSecret)])("finds a secret that is %s", (form, text) => {
    // Some forms are of one kind with others, such as base64 with and without padding.
    expect(search().in(`before ${text} after`), form).toHaveLength(1);
  });

  const base64 = formsOf(clientSecret).get("base64")!;
  const nested = { a: [new Map([["key", { b: new Set([clientSecret]) }]])] };
  class WithGetter {
    get secret() {
      return clientSecret;
    }
  }
  const places: [where: string, what: unknown][] = [
    ["a text", clientSecret],
    ["an error's message", new Error(clientSecret)],
    ["an error's stack", Object.assign(new Error("x"), { stack: clientSecret })],
    ["the cause of a cause", new Error("x", { cause: new Error("y", { cause: clientSecret }) })],
    ["one of many errors", new AggregateError([new Error(base64)])],
    ["a hidden property", Object.defineProperty({}, "x", { value: clientSecret })],
    ["a symbol's property", { [Symbol("x")]: { y: clientSecret } }],
    ["a name", { [clientSecret]: 1 }],
    ["a getter", Object.defineProperty({}, "x", { get: () => clientSecret })],
    ["a map, a set and lists", nested],
    ["headers", new Headers({ authorization: `Basic ${base64}` })],
    ["bytes", { data: new TextEncoder().encode(`x${clientSecret}`) }],
    ["a long text", "x".repeat(200_000) + clientSecret],
    ["a long list", [...Array<string>(5000).fill("x"), clientSecret]],
    ["depth", Array.from({ length: 40 }).reduce((inner) => ({ inner }), clientSecret)],
    ["what a function holds", Object.assign(() => 1, { config: clientSecret })],
    ["an artifact", new ToolMessage({ content: "", tool_call_id: "1", artifact: { data: clientSecret } })],
  ];
  test.each(places)("finds a secret in %s", (_where, what) => {
    expect(search().in(what).length).toBeGreaterThan(0);
    expect(search().inside(what).length).toBeGreaterThan(0);
  });

  test("prints what only printing shows", () => {
    const object = Object.setPrototypeOf(
      { [inspect.custom]: () => clientSecret },
      WithGetter.prototype,
    ) as object;
    expect(search().in(object).length).toBeGreaterThan(0);
  });

  test("finds a secret that was cut off on both sides", () => {
    const cuts = fc.tuple(fc.nat(clientSecret.length - 24), fc.nat(10));
    fc.assert(
      fc.property(cuts, ([start, more]) => {
        const piece = clientSecret.slice(start, start + 24 + more);
        expect(search().in({ piece })).not.toEqual([]);
      }),
    );
  });

  test("finds nothing where there is nothing", () => {
    expect(search().in({ clientId, nested: ["p@ss", new Error("and-no")] })).toEqual([]);
  });
});
