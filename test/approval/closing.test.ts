import {
  isToolsetError,
  ToolManager,
  type ApprovalAnswer,
  type ApprovalRequest,
  type Ask,
  type AuditRecord,
} from "langchain-1password";
import { createMcpHandler } from "langchain-1password/mcp";
import { askInTerminal } from "langchain-1password/node";
import { expect, test } from "vitest";
import { call, initialize, messagesOf, postHeaders } from "../mcp/http/messages.js";
import { fakeTerminal, prompt } from "../support/fake-terminal.js";
import { useSandbox } from "../support/sandbox.js";

async function askedBy(ask: Ask) {
  const sandbox = await useSandbox({ users: 10 });
  const records: AuditRecord[] = [];
  const audit = { write: (record: AuditRecord) => void records.push(record) };
  const manager = new ToolManager({ ...sandbox, approval: { ask }, audit });
  const tool = await manager.getTool("1_password_users_suspend");
  const { id } = sandbox.users.find(({ email }) => email === "m.scott@example.com")!;
  const writes = () => sandbox.requests.filter(({ path }) => path.includes("suspend"));
  return { manager, records, writes, suspend: () => tool.invoke({ id }) as Promise<unknown> };
}

/** A function that asks and is not answered until the test does so. */
function unanswered() {
  const questions: {
    request: ApprovalRequest;
    signal: AbortSignal;
    answer: (answer: ApprovalAnswer) => void;
  }[] = [];
  let wasAsked: () => void;
  const asked = new Promise<void>((resolve) => (wasAsked = resolve));
  const ask: Ask = (request, { signal }) =>
    new Promise((answer) => {
      questions.push({ request, signal, answer: answer });
      wasAsked();
    });
  return { ask, asked, questions };
}

test("a manager that is closed ends an open question, and a late answer changes nothing", async () => {
  const { ask, asked, questions } = unanswered();
  const { manager, records, writes, suspend } = await askedBy(ask);
  const call = suspend();
  const ended = expect(call).rejects.toMatchObject({
    code: "approval_unavailable",
    message: expect.stringMatching(/manager was closed.*Nothing was changed/s) as string,
  });
  await asked;
  const [{ request, signal, answer } = expect.fail()] = questions;
  expect(signal.aborted).toBe(false);
  await manager.close();
  await ended;
  expect(signal.aborted).toBe(true);
  answer({ decision: "approve", requestId: request.id });
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(writes()).toEqual([]);
  expect(records).toMatchObject([{ status: "Failure", unmapped: { phase: "decision" } }]);
});

test("a yes that comes in the moment of the end is none", async () => {
  const { ask, asked, questions } = unanswered();
  const { manager, writes, suspend } = await askedBy(ask);
  const call = suspend();
  const ended = expect(call).rejects.toMatchObject({ code: "approval_unavailable" });
  await asked;
  const [{ request, answer } = expect.fail()] = questions;
  answer({ decision: "approve", requestId: request.id });
  await manager.close();
  await ended;
  expect(writes()).toEqual([]);
});

test("a manager that is closed asks nobody any more", async () => {
  const { ask, questions } = unanswered();
  const { manager, writes, suspend } = await askedBy(ask);
  await manager.close();
  const error: unknown = await suspend().catch((reason: unknown) => reason);
  expect(isToolsetError(error)).toBe(true);
  expect(questions).toEqual([]);
  expect(writes()).toEqual([]);
});

test("a manager that is closed takes its question from a terminal", async () => {
  const terminal = fakeTerminal();
  const { manager, writes, suspend } = await askedBy(askInTerminal({ terminal }));
  const ended = expect(suspend()).rejects.toMatchObject({ code: "approval_unavailable" });
  await terminal.shows(prompt);
  await manager.close();
  await ended;
  terminal.type("yes");
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(terminal.input.listenerCount("data")).toBe(0);
  expect(writes()).toEqual([]);
});

test("a manager that is closed takes its question from an MCP client", async () => {
  const sandbox = await useSandbox({ users: 10 });
  const manager = new ToolManager({ ...sandbox });
  const handler = createMcpHandler(manager, { methods: ["write"] });
  const headers: Record<string, string> = { ...postHeaders };
  const post = (body: unknown) =>
    handler.fetch(
      new Request("http://localhost/mcp", { method: "POST", headers, body: JSON.stringify(body) }),
    );
  const greeted = await post(initialize);
  await greeted.text();
  headers["mcp-session-id"] = greeted.headers.get("mcp-session-id")!;
  const { id, email } = sandbox.users.find((user) => user.email === "m.scott@example.com")!;
  const response = await post(call("onepassword_users_suspend", { id, expected_email: email }));
  const [shown, told] = response.body!.tee();
  const reader = shown.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("elicitation/create")) text += (await reader.read()).value ?? expect.fail(text);
  await manager.close();
  const messages = await messagesOf(new Response(told, { headers: response.headers }));
  expect(messages.map(({ method, id }) => method ?? id)).toEqual([
    "elicitation/create",
    "notifications/cancelled",
    1,
  ]);
  expect(messages[2]!.result).toMatchObject({ isError: true });
  const question = messages[0]!.id;
  const late = { jsonrpc: "2.0", id: question, result: { action: "accept", content: { approve: true } } };
  await (await post(late)).text();
  await handler.close();
  expect(sandbox.requests.filter(({ path }) => path.includes("suspend"))).toEqual([]);
});
