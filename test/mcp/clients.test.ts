import { setTimeout as sleep } from "node:timers/promises";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { describe, expect, onTestFinished, test } from "vitest";
import { transports, useMcpAccount } from "../support/mcp-account.js";
import {
  clients,
  type Answer,
  type CalledTool,
  type CallOptions,
  type Question,
  type ServerPlace,
} from "../support/mcp.js";

const suspend = "onepassword_users_suspend";
const list = "list_all_1_password_users";
const get = "get_single_1_password_user_by_id";
const find = "find_1_password_users";

const yes: Answer = { action: "accept", content: { approve: true } };
const untouched = { state: "ACTIVE", writes: 0 };
const suspended = { state: "SUSPENDED", writes: 1 };

const refusals: readonly [Answer, string][] = [
  [{ action: "decline" }, "approval_rejected"],
  [{ action: "accept", content: { approve: false } }, "approval_rejected"],
  [{ action: "cancel" }, "approval_unavailable"],
];

/** What a client that is in a hurry leaves a whole call, in milliseconds. */
const wholeMs = 300;
/** What a 2026 client leaves each round of a call, in milliseconds. */
const roundMs = 700;

/** Every client over every transport, by name. */
const doors = transports.flatMap((transport) =>
  clients.map((client) => [`${client.name} over ${transport}`, transport, client] as const),
);

describe.each(doors)("%s", (_name, transport, client) => {
  test("lists the tools without a word to the account, and calls one, whose text and structured content agree", async () => {
    const { place, sandbox, scott, seen } = await useMcpAccount(transport);
    const connected = await client.connect(place);
    expect((await connected.listTools()).map(({ name }) => name).sort()).toEqual([
      "find_1_password_users",
      "get_single_1_password_user_by_id",
      "list_all_1_password_users",
      "onepassword_users_reactivate",
      "onepassword_users_suspend",
    ]);
    expect(sandbox.requests).toEqual([]);
    const answer = await connected.callTool(find, { email: scott.email });
    expect(answer.structuredContent).toMatchObject({
      people: [{ id: scott.id, email: scott.email, state: "ACTIVE" }],
    });
    expect(textOf(answer)).toContain(scott.id);
    expect(seen()).toEqual(untouched);
  });

  test("pages to the end by the cursor, and sees everybody once", async () => {
    const { place, sandbox } = await useMcpAccount(transport, { users: 250 });
    const connected = await client.connect(place);
    // From here on the client checks structured content against the tool's schema by itself.
    await connected.listTools();
    const ids: string[] = [];
    let pages = 0;
    for (let cursor: string | null | undefined; cursor !== null; pages += 1) {
      const { structuredContent } = await connected.callTool(list, {
        max_page_size: 100,
        ...(cursor === undefined ? {} : { page_token: cursor }),
      });
      const page = structuredContent as { people: { id: string }[]; next_cursor: string | null };
      ids.push(...page.people.map(({ id }) => id));
      cursor = page.next_cursor;
    }
    expect(pages).toBe(3);
    expect(ids).toEqual(sandbox.users.map(({ id }) => id));
    expect(sandbox.requests.filter(({ path }) => path.endsWith("/users"))).toHaveLength(3);
  });

  test("cancels a search, which reads no more pages", async () => {
    const { place, sandbox, scott } = await useMcpAccount(transport, {
      users: 6000,
      faults: [
        { operation: "list", after: 1, times: Infinity, do: { kind: "delay", ms: 150, when: "before" } },
        { operation: "get", do: { kind: "delay", ms: 550, when: "before" } },
      ],
    });
    const connected = await client.connect(place);
    const stop = new AbortController();
    const call = connected.callTool(
      find,
      { email: "nobody@example.com" },
      { signal: stop.signal, onprogress: () => stop.abort() },
    );
    await expect(call).rejects.toThrow();
    // In whose time a search that was let go on would have read three more.
    await connected.callTool(get, { id: scott.id });
    expect(sandbox.requests.filter(({ path }) => path.endsWith("/users")).length).toBeLessThanOrEqual(3);
  });

  test("makes a write once, after a yes to a question that shows who it is", async () => {
    const { place, args, scott, seen } = await useMcpAccount(transport);
    const questions: Question[] = [];
    const connected = await client.connect(place, {
      elicit: (question) => {
        questions.push(question);
        expect(seen()).toEqual(untouched);
        return yes;
      },
    });
    await connected.listTools();
    const answer = await connected.callTool(suspend, args);
    expect(answer.structuredContent).toMatchObject({ previous_state: "ACTIVE", state: "SUSPENDED" });
    expect(questions).toHaveLength(1);
    expect(questions[0]!.message).toContain(`id ${scott.id}: "${scott.display_name}" <${scott.email}>`);
    expect(seen()).toEqual(suspended);
  });

  test("makes no write after a declined form, a no in the form and a dismissed form", async () => {
    const { place, sandbox, seen } = await useMcpAccount(transport);
    const answers = refusals.map(([answer]) => answer);
    const connected = await client.connect(place, { elicit: () => answers.shift()! });
    // Somebody else each time: what was rejected once is not asked for again.
    const people = sandbox.users.filter(({ state, role }) => state === "ACTIVE" && role === "member");
    for (const [index, [, code]] of refusals.entries()) {
      const { id, email } = people[index]!;
      const answer = await connected.callTool(suspend, { id, expected_email: email });
      expect([answer.isError, codeOf(answer)]).toEqual([true, code]);
      expect(people[index]!.state).toBe("ACTIVE");
    }
    expect(answers).toEqual([]);
    expect(seen()).toEqual(untouched);
  });

  test("makes no write for a client that cannot be asked, and is told the way out", async () => {
    const { place, args, seen } = await useMcpAccount(transport);
    const answer = await (await client.connect(place)).callTool(suspend, args);
    expect([answer.isError, codeOf(answer)]).toEqual([true, "approval_unavailable"]);
    expect(textOf(answer)).toMatch(/cannot show a question .* --approval terminal/);
    expect(seen()).toEqual(untouched);
  });

  test.each<[string, CallOptions, number]>([
    ["was cancelled while the person was asked", {}, 0],
    ["has timed out while the person was asked", lasting(wholeMs), wholeMs + 100],
  ])("makes no write for a call that %s, though the yes comes later", async (_what, options, patienceMs) => {
    const { place, args, scott, seen } = await useMcpAccount(transport);
    const person = slowPerson();
    const connected = await client.connect(place, { elicit: person.elicit });
    await connected.callTool(get, { id: scott.id });
    const stop = new AbortController();
    const outcome = connected.callTool(suspend, args, { ...options, signal: stop.signal }).then(
      () => "done",
      () => "given up",
    );
    await Promise.race([person.asked, outcome]);
    if (patienceMs === 0) stop.abort();
    // A 2026 client finds out when it has the answer.
    await Promise.race([outcome, sleep(patienceMs)]);
    // By then the server has heard of it.
    await connected.callTool(get, { id: scott.id });
    person.answer(yes);
    expect(await outcome).toBe("given up");
    await connected.callTool(get, { id: scott.id });
    expect(seen()).toEqual(untouched);
  });
});

test.each(doors.filter(([, , { era }]) => era === "2026"))(
  "a 2026 client, whose every round has its own time, hears a person who answers late: %s",
  async (_name, transport, client) => {
    const { place, args, scott, seen } = await useMcpAccount(transport);
    const person = slowPerson();
    const connected = await client.connect(place, { elicit: person.elicit });
    await connected.callTool(get, { id: scott.id });
    const call = connected.callTool(suspend, args, { timeout: roundMs });
    await Promise.race([person.asked, call]);
    await sleep(roundMs + 100);
    expect(seen()).toEqual(untouched);
    person.answer(yes);
    expect((await call).structuredContent).toMatchObject({ state: "SUSPENDED" });
    expect(seen()).toEqual(suspended);
  },
);

describe.each(transports)("a 2026 client over %s that answers by hand", (transport) => {
  test("has one write made by one answer: tampered with, for somebody else or a second time, it makes none", async () => {
    const { place, sandbox, scott, args, seen } = await useMcpAccount(transport);
    const client = await useClientByHand(place);
    const call = async (given: object, more: object = {}) =>
      (await client.callTool(
        { name: suspend, arguments: { ...given }, ...more },
        { allowInputRequired: true },
      )) as unknown as CalledTool & { requestState?: string };
    const { requestState = "" } = await call(args);
    const inputResponses = { approve: yes };

    const at = Math.floor(requestState.length / 2);
    const tampered =
      requestState.slice(0, at) + (requestState[at] === "A" ? "B" : "A") + requestState.slice(at + 1);
    await expect(call(args, { requestState: tampered, inputResponses })).rejects.toMatchObject({
      code: -32602,
    });

    const other = sandbox.users.find(
      ({ state, role, id }) => state === "ACTIVE" && role === "member" && id !== scott.id,
    )!;
    const others = { id: other.id, expected_email: other.email };
    expect(codeOf(await call(others, { requestState, inputResponses }))).toBe("approval_unavailable");
    expect([other.state, seen()]).toEqual(["ACTIVE", untouched]);

    await call(args, { requestState, inputResponses });
    expect(seen()).toEqual(suspended);
    // Somebody reactivates them: the answer that was given before must not undo that.
    scott.state = "ACTIVE";
    expect((await call(args, { requestState, inputResponses })).isError).toBe(true);
    expect(seen()).toEqual({ state: "ACTIVE", writes: 1 });
  });
});

/** The official client, which hands every question on to the test. */
async function useClientByHand(place: ServerPlace): Promise<Client> {
  const client = new Client(
    { name: "by-hand", version: "1.0.0" },
    { capabilities: { elicitation: {} }, versionNegotiation: { mode: { pin: "2026-07-28" } } },
  );
  onTestFinished(() => client.close());
  await client.connect(
    typeof place === "string"
      ? new StreamableHTTPClientTransport(new URL(place))
      : new StdioClientTransport(place),
  );
  return client;
}

/** Gives up after so many milliseconds, those of a 2026 client's other rounds and of the person included. */
function lasting(ms: number): CallOptions {
  const options = { timeout: ms, maxTotalTimeout: ms };
  return options;
}

/** Somebody who is asked, and who answers when the test says so. */
function slowPerson() {
  let answer: (given: Answer) => void = () => undefined;
  let ask: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => (ask = resolve));
  const answered = new Promise<Answer>((resolve) => (answer = resolve));
  const elicit = () => {
    ask();
    return answered;
  };
  return { elicit, asked, answer: (given: Answer) => answer(given) };
}

function textOf({ content }: CalledTool): string {
  return content.map(({ text }) => text).join("\n");
}

/** The code in the last line of a tool's error. */
function codeOf(answer: CalledTool): unknown {
  return (JSON.parse(textOf(answer).split("\n").at(-1)!) as { code: unknown }).code;
}
