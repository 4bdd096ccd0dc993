import { afterEach, describe, expect, test, vi } from "vitest";
import { defineTool, ToolManager, usersApi, type ManagerOptions } from "langchain-1password";
import {
  askByElicitation,
  createMcpHandler,
  createMcpServers,
  memoryMcpServerStore,
  type McpHandlerOptions,
} from "langchain-1password/mcp";
import { someCredentials } from "../support/credentials.js";
import { firstClient, pinnedClient, useHttp, type Answer } from "../support/mcp.js";
import { useSandbox } from "../support/sandbox.js";
import { messagesOf, modern, posted } from "./http/messages.js";

const suspend = "onepassword_users_suspend";
const email = "m.scott@example.com";

afterEach(() => void vi.useRealTimers());

async function useServer(selfApproval = true) {
  const sandbox = await useSandbox();
  const manager = new ToolManager({ source: usersApi({ ...sandbox }) });
  const handler = createMcpHandler(manager, {
    methods: ["read", "write"],
    authenticate: (request) => request.headers.get("x-user") ?? undefined,
    selfApproval,
  });
  const { url } = await useHttp(handler.fetch);
  const { fetch } = handler;
  const person = sandbox.users.find((user) => user.email === email)!;
  return { fetch, url, person, args: { id: person.id, expected_email: email } };
}

test("in 2026 a no holds for its caller, for the ten minutes that are taken for one conversation", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.parse("2026-11-05T12:00:01.000Z") });
  const { url, args, person } = await useServer();
  let asked = 0;
  const answers: Answer[] = [{ action: "decline" }, { action: "accept", content: { approve: true } }];
  const elicit = () => {
    asked += 1;
    return answers.shift()!;
  };
  const ada = () => pinnedClient.connect(url, { elicit, headers: { "x-user": "ada" } });
  const refused = await (await ada()).callTool(suspend, args);
  expect(JSON.stringify(refused)).toContain("approval_rejected");
  const again = await (await ada()).callTool(suspend, args);
  expect(JSON.stringify(again)).toContain("repeated");
  expect(asked).toBe(1);
  vi.setSystemTime(Date.now() + 600_000);
  await (await ada()).callTool(suspend, args);
  expect(asked).toBe(2);
  expect(person.state).toBe("SUSPENDED");
});

test.each([
  ["another caller of the 2026 era", pinnedClient, "bob"],
  ["another session of the 2025 era", firstClient, "ada"],
])("a no does not hold for %s", async (_who, client, user) => {
  const { url, args, person } = await useServer();
  const no = await client.connect(url, {
    elicit: () => ({ action: "decline" }),
    headers: { "x-user": "ada" },
  });
  expect(JSON.stringify(await no.callTool(suspend, args))).toContain("approval_rejected");
  const yes = await client.connect(url, {
    elicit: () => ({ action: "accept", content: { approve: true } }),
    headers: { "x-user": user },
  });
  await yes.callTool(suspend, args);
  expect(person.state).toBe("SUSPENDED");
});

test("an answer fits the caller who was asked, and nobody else", async () => {
  const { fetch, args, person } = await useServer();
  const round = async (user: string, answered: object = {}) => {
    const { body, headers } = modern("tools/call", { name: suspend, arguments: args, ...answered });
    const messages = await messagesOf(await fetch(posted(body, { ...headers, "x-user": user })));
    return messages.at(-1)!;
  };
  const { requestState } = (await round("ada")).result!;
  const inputResponses = { approve: { action: "accept", content: { approve: true } } };
  expect((await round("bob", { requestState, inputResponses })).error?.code).toBe(-32602);
  expect(person.state).toBe("ACTIVE");
  await round("ada", { requestState, inputResponses });
  expect(person.state).toBe("SUSPENDED");
});

test('option "selfApproval" of createMcpServer and createMcpHandler: without it, an authenticated caller cannot approve what they asked for', async () => {
  const { url, args, person } = await useServer(false);
  const client = await pinnedClient.connect(url, {
    headers: { "x-user": "ada" },
    elicit: () => ({ action: "accept", content: { approve: true } }),
  });
  const refused = JSON.stringify(await client.callTool(suspend, args));
  expect(refused).toContain("whoever approved it is the one who asked for it");
  expect(person.state).toBe("ACTIVE");
});

const authenticate = () => "ada";
const write = { methods: ["read", "write"] };
const ask = askByElicitation();
const readsOnly = defineTool({
  name: "read_ticket",
  description: "Reads a ticket.",
  schema: { type: "object" },
  kind: "read",
  method: "lookup",
  call: () => "open",
});

describe("callers who would only approve what they asked for themselves are told of at the start", () => {
  const made: [string, (manager: ToolManager, options: McpHandlerOptions) => unknown][] = [
    ["createMcpHandler", createMcpHandler],
    [
      "createMcpServers",
      (manager, options) =>
        createMcpServers(manager, {
          store: memoryMcpServerStore(),
          adminToken: "a".repeat(40),
          publicUrl: "https://mcp.example.com",
          ...options,
        }),
    ],
  ];

  describe.each(made)("by %s", (_name, create) => {
    const warnings = (options: McpHandlerOptions, of: ManagerOptions = {}) => {
      const onWarning = vi.fn();
      create(new ToolManager({ source: usersApi(someCredentials), ...of, onWarning }), options);
      return onWarning.mock.calls.map(([text]) => text as string);
    };

    test.each<[string, McpHandlerOptions, ManagerOptions, string]>([
      ["by the server's own question", { ...write, authenticate }, {}, '"selfApproval": true'],
      ["where a verb writes", { methods: ["suspend"], authenticate }, {}, '"selfApproval": true'],
      [
        "by the manager's",
        { ...write, authenticate },
        { approval: { ask } },
        '"approval.selfApproval": true',
      ],
    ])("%s", (_what, options, of, fix) => {
      const told = warnings(options, of);
      expect(told).toHaveLength(1);
      expect(told[0]).toContain(`Give ${fix} to allow that, or the manager an "approval.ask" of your own.`);
    });

    test.each<[string, McpHandlerOptions, ManagerOptions]>([
      ["they may", { ...write, authenticate, selfApproval: true }, {}],
      ["the manager lets them", { ...write, authenticate }, { approval: { ask, selfApproval: true } }],
      ["somebody else is asked", { ...write, authenticate }, { approval: { ask: () => undefined as never } }],
      ["nobody is asked", { ...write, authenticate, approval: "none" }, {}],
      ["callers have no names", write, {}],
      ["nothing writes", { authenticate }, {}],
      ["only reading is asked for", { methods: ["lookup"], authenticate }, { tools: [readsOnly] }],
      ["the manager only reads", { ...write, authenticate }, { readOnly: true }],
      ["nothing is written", { ...write, authenticate }, { dryRun: true }],
    ])("and not where %s", (_what, options, of) => {
      expect(warnings(options, of)).toEqual([]);
    });
  });
});
