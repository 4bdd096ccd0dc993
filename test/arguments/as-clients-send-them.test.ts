import { tool } from "@langchain/core/tools";
import { InMemoryTransport, type JSONRPCMessage } from "@modelcontextprotocol/server";
import { describe, expect, onTestFinished, test } from "vitest";
import { guard, ToolManager, type ApprovalRequest } from "langchain-1password";
import { createMcpServer } from "langchain-1password/mcp";
import { call, everyWay, michael, useGuarded } from "../support/guarded.js";
import { memoryAudit } from "../support/memory-audit.js";
import { codeOf, textOf, useRounds, yes, type Round } from "../support/mcp-rounds.js";
import { useSandbox } from "../support/sandbox.js";

const [email, other] = ["l@example.com", "b@example.com"];

async function useManager(options: { readOnly?: boolean } = {}) {
  const sandbox = await useSandbox({ users: [{ email }, { email: other }] });
  const manager = new ToolManager({ ...sandbox, workflows: true, ...options });
  const answerOf = async (name: string, args: unknown) => {
    const { status, text } = (await (
      await manager.getTool(name)
    ).invoke({ type: "tool_call", id: "c1", name, args } as never)) as { status?: string; text: string };
    return { isError: status === "error", text };
  };
  const states = () => Object.fromEntries(sandbox.users.map((user) => [user.email, user.state]));
  return { sandbox, manager, answerOf, states };
}

describe("a read means what its client could not say otherwise:", () => {
  const nobody = {
    emails: null,
    email_domain: null,
    name_contains: null,
    state: null,
    limit: null,
    cursor: null,
  };
  test.each<[string, string, unknown, string]>([
    ["null for all that is left out", "find_1_password_users", { email, ...nobody }, "1 person found"],
    [
      "an empty text for it",
      "find_1_password_users",
      { email, email_domain: "", state: "" },
      "1 person found",
    ],
    ["a list as text", "find_1_password_users", { emails: `["${email}","${other}"]` }, "2 people found"],
    ["a single text for a list", "find_1_password_users", { emails: email }, "1 person found"],
    ["a number as text", "find_1_password_users", { email_domain: "example.com", limit: "50" }, "2 people"],
    [
      "a client's books",
      "find_1_password_users",
      { email, toolCallId: "c", action: "sendMessage" },
      "1 person found",
    ],
    ["arguments as text", "find_1_password_users", JSON.stringify({ email }), "1 person found"],
    ["no arguments", "list_all_1_password_users", undefined, email],
    ["null for a page", "list_all_1_password_users", { max_page_size: null, filter: null }, email],
    [
      "an empty text for a column's name",
      "audit_1_password_access",
      { csv: `Email,S\n${email},Active`, columns: { email: "", state: "S", ignore: "" } },
      "1 as expected",
    ],
    ["a list as text for an audit", "audit_1_password_access", { emails: `["${email}"]` }, "1 line"],
  ])("%s", async (_name, name, args, expected) => {
    const { answerOf } = await useManager({ readOnly: name === "audit_1_password_access" });
    const { isError, text } = await answerOf(name, args);
    expect({ isError, text }).toEqual({ isError: false, text: expect.stringContaining(expected) as string });
  });
});

describe("what allows more is said, and never guessed:", () => {
  test.each([[1], ["True"], ["yes"], ["1"], [["true"]], [{}]])("fix as %j is refused", async (fix) => {
    const { answerOf, states, sandbox } = await useManager();
    expect((await answerOf("audit_1_password_access", { emails: [email], fix })).isError).toBe(true);
    expect(states()[email]).toBe("ACTIVE");
    expect(sandbox.requests).toEqual([]);
  });

  test.each([[null], [""], ["false"], [false]])("fix as %j changes nobody", async (fix) => {
    const { answerOf, states } = await useManager();
    expect((await answerOf("audit_1_password_access", { emails: [email], fix })).isError).toBe(false);
    expect(states()[email]).toBe("ACTIVE");
  });

  test('fix as "true" is true', async () => {
    const { answerOf, states } = await useManager();
    await answerOf("audit_1_password_access", { emails: email, state: "SUSPENDED", fix: "true" });
    expect(states()).toEqual({ [email]: "SUSPENDED", [other]: "ACTIVE" });
  });

  test("the middleware that asks first is asked for it in every form that the tool takes", async () => {
    const { manager } = await useManager();
    const { audit_1_password_access: audit } = await manager.interruptOn();
    const asks = (fix: unknown) =>
      audit!.when({ toolCall: { name: "audit_1_password_access", args: { emails: [email], fix } } });
    expect([true, "true", false, "false", null, ""].map(asks)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
    const toolCall = {
      name: "audit_1_password_access",
      args: { emails: email, fix: "true", chatInput: "Go." },
    };
    expect(await audit!.description(toolCall)).toContain(`{"emails":["${email}"],"fix":true}`);
  });

  test("an empty email beside an id checks nobody, and is refused", async () => {
    const { answerOf, sandbox } = await useManager();
    const { id } = sandbox.users[0]!;
    expect((await answerOf("offboard_1_password_user", { id, email: "" })).isError).toBe(true);
    expect(sandbox.requests).toEqual([]);
  });

  test.each([["yes"], [""], [1], ["True"]])("dry_run of somebody's tool as %j is refused", async (given) => {
    let calls = 0;
    const removing = tool(() => String((calls += 1)), {
      name: "remove",
      description: "Removes.",
      schema: { type: "object", properties: { dry_run: { type: "boolean" } } },
    });
    const [guarded] = guard([removing]);
    await expect(guarded!.invoke({ dry_run: given } as never)).rejects.toThrow('"dry_run"');
    expect(calls).toBe(0);
    await guarded!.invoke({ dry_run: "true" } as never);
    expect(calls).toBe(1);
  });
});

describe.each(everyWay)("a write on $source by $host", ({ source, host }) => {
  test("with null for the expected email and a client's books is made, approved and recorded as the write it is", async () => {
    const asked: ApprovalRequest[] = [];
    const audit = memoryAudit();
    const ask = (request: ApprovalRequest) => {
      asked.push(request);
      return { decision: "approve" as const };
    };
    const { suspend, person, writes } = await useGuarded(source, { approval: { ask }, audit });
    const { id } = person(michael);
    const args = { id, expected_email: null, toolCallId: "call-of-n8n", sessionId: "s", chatInput: "Go." };
    const { report } = await call(host, suspend, args);
    expect(report).toMatchObject({ id, state: "SUSPENDED" });
    expect(writes()).toHaveLength(1);
    expect(asked.map(({ person: shown }) => shown?.id)).toEqual([id]);
    expect(JSON.stringify([asked, audit.records])).not.toMatch(/call-of-n8n|chatInput/);
  });

  test("with an empty expected email is refused", async () => {
    const { suspend, person, writes } = await useGuarded(source);
    const { code } = await call(host, suspend, { id: person(michael).id, expected_email: "" });
    expect(code).toBe("invalid_argument");
    expect(writes()).toEqual([]);
  });
});

test("a call that was rejected is the same call in another form", async () => {
  let asked = 0;
  const note = tool(() => "Noted.", {
    name: "note",
    description: "Takes notes.",
    schema: { type: "object", properties: { count: { type: "integer" }, about: { type: "string" } } },
  });
  const ask = ({ args }: ApprovalRequest) => {
    asked += 1;
    expect(args).toEqual({ count: 5 });
    return { decision: "reject" as const };
  };
  const [guarded] = guard([note], { approval: { ask }, describe: () => ({ target: "none" }) });
  const config = { configurable: { thread_id: "t" } };
  await expect(guarded!.invoke({ count: "5", about: null } as never, config)).rejects.toThrow("rejected");
  for (const args of [{ count: 5 }, { count: "5", toolCallId: "c2" }, { count: 5, about: "" }]) {
    await expect(guarded!.invoke(args as never, config)).rejects.toThrow("Not sent");
  }
  expect(asked).toBe(1);
});

describe("over MCP", () => {
  /** A client of the 2026 era that sends `arguments` as they are given. */
  async function sent(manager: ToolManager, name: string, args: unknown): Promise<Round> {
    const [here, there] = InMemoryTransport.createLinkedPair();
    const server = createMcpServer(manager);
    await server.connect(there);
    onTestFinished(() => server.close());
    const answer = new Promise<Round>((resolve) => {
      here.onmessage = (message: JSONRPCMessage) => resolve(message as Round);
    });
    await here.start();
    const _meta = {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientInfo": { name: "by hand", version: "1.0.0" },
      "io.modelcontextprotocol/clientCapabilities": {},
    };
    await here.send({
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: { name, arguments: args, _meta },
    } as never);
    return answer;
  }

  test.each([[undefined], [null], [""], ["{}"], [{ page_token: null, action: "sendMessage" }]])(
    "a list with %j as its arguments is a list",
    async (args) => {
      const { manager } = await useManager();
      const round = await sent(manager, "list_all_1_password_users", args);
      expect(round.result?.isError).toBeUndefined();
      expect(textOf(round)).toContain(email);
    },
  );

  test("arguments as JSON text are arguments, and other text is an error", async () => {
    const { manager } = await useManager();
    const name = "find_1_password_users";
    expect(textOf(await sent(manager, name, `{"emails":"[\\"${email}\\"]"}`))).toContain("1 person found");
    expect((await sent(manager, name, email)).error?.code).toBe(-32602);
  });

  test("an answer fits the call that is made again in another form", async () => {
    const { sandbox, manager, states } = await useManager();
    const { id } = sandbox.users[0]!;
    const client = await useRounds(createMcpServer(manager, { methods: ["suspend"] }));
    const name = "onepassword_users_suspend";
    const question = await client.call(name, { id, expected_email: email, toolCallId: "c1" });
    expect(codeOf(question)).toBeUndefined();
    const { requestState } = question.result!;
    const answer = await client.call(
      name,
      { id, expected_email: email, toolCallId: "c2" },
      { requestState, inputResponses: yes },
    );
    expect(answer.result?.isError).toBeUndefined();
    expect(states()[email]).toBe("SUSPENDED");
  });
});
