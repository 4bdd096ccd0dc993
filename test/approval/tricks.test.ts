import type { ToolMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { describe, expect, test } from "vitest";
import {
  guard,
  ToolManager,
  truto,
  usersApi,
  type ApprovalAnswer,
  type ApprovalRequest,
  type GuardToolsOptions,
  type Layer,
  type ManagerOptions,
} from "langchain-1password";
import { z } from "zod";
import { someId, somebody } from "../support/credentials.js";
import { memoryAudit } from "../support/memory-audit.js";
import { sendJson, useServer } from "../support/server.js";
import { useSandbox } from "../support/sandbox.js";

// Ways around the guards that somebody has tried.

async function anAccount(options: ManagerOptions = {}, latencyMs = 0) {
  const sandbox = await useSandbox({ latencyMs });
  const manager = new ToolManager({ source: usersApi({ ...sandbox }), ...options });
  const suspend = await manager.getTool("1_password_users_suspend");
  const person = sandbox.users.find(({ email }) => email === "m.scott@example.com")!;
  let calls = 0;
  const call = async (args: Record<string, unknown> = {}, thread = `thread ${calls}`) => {
    const id = `call ${(calls += 1)}`;
    const input = { type: "tool_call" as const, id, name: suspend.name, args: { id: person.id, ...args } };
    return (await suspend.invoke(input, { configurable: { thread_id: thread } })) as ToolMessage;
  };
  const writes = () => sandbox.requests.filter(({ path }) => path.endsWith(":suspend")).length;
  return { sandbox, manager, person, call, writes };
}

/** Answers every request with a yes to the first one. */
function onlyOnce() {
  let first: ApprovalRequest | undefined;
  return (request: ApprovalRequest): ApprovalAnswer => ({
    decision: "approve",
    requestId: (first ??= request).id,
  });
}

const codeOf = ({ artifact }: ToolMessage) =>
  (artifact as { error?: { code: string } } | undefined)?.error?.code;

test("a request that was rejected cannot be approved any more, from another thread either", async () => {
  let first: ApprovalRequest | undefined;
  let decision: ApprovalAnswer["decision"] = "reject";
  const ask = (request: ApprovalRequest): ApprovalAnswer => ({ decision, requestId: (first ??= request).id });
  const { call, writes } = await anAccount({ approval: { ask } });
  expect(codeOf(await call())).toBe("approval_rejected");
  decision = "approve";
  expect(codeOf(await call())).toBe("approval_expired");
  expect(writes()).toBe(0);
});

test("a yes that was void because the person had changed stays void when they change back", async () => {
  let first: ApprovalRequest | undefined;
  const { call, person, writes } = await anAccount({
    approval: {
      ask: (request) => {
        if (first === undefined) person.state = "SUSPENDED";
        return { decision: "approve", requestId: (first ??= request).id };
      },
    },
  });
  expect((await call()).text).toMatch(/already suspended/);
  person.state = "ACTIVE";
  expect(codeOf(await call())).toBe("approval_expired");
  expect(writes()).toBe(0);
});

test.each([
  "Michael Scott",
  "michael  scott",
  "Michael <m.scott@example.com>",
  "m.scott\u200b@example.com",
  "M.SCOTT@EXAMPLE.COM",
])("the person concerned approves nothing of themself as %j", async (approver) => {
  const { call, writes } = await anAccount({ approval: { ask: () => ({ decision: "approve", approver }) } });
  expect(codeOf(await call())).toBe("approval_unavailable");
  expect(writes()).toBe(0);
});

test("what a failing question or store says reaches no model and no record", async () => {
  const trouble = new Error("fetch failed: https://hooks.example.com/T0/TOKEN from /srv/keys/approval.pem");
  const audit = memoryAudit();
  const asking = await anAccount({ audit, approval: { ask: () => Promise.reject(trouble) } });
  const storing = await anAccount({
    audit,
    approval: { ask: () => ({ decision: "approve" }), store: { consume: () => Promise.reject(trouble) } },
  });
  for (const { call } of [asking, storing]) {
    const message = await call();
    expect(message.text).toMatch(/operator of these tools has been told why/);
    expect(JSON.stringify([message, audit.records])).not.toMatch(/fetch failed|TOKEN|hooks\.example|srv|pem/);
  }
});

test("the same write asked for twice at once is made once, and said to be made once", async () => {
  const { call, writes } = await anAccount({ maxWrites: { count: 5, windowMs: 60_000 } }, 30);
  const texts = (await Promise.all([call(), call(), call()])).map(({ text }) => text);
  expect(texts.filter((text) => text.includes('"changed":true'))).toHaveLength(1);
  expect(texts.filter((text) => text.includes("already suspended, nothing changed"))).toHaveLength(2);
  expect(writes()).toBe(1);
});

test("a layer of one's own cannot lead a write to somebody else than the guards have judged", async () => {
  const { sandbox } = await anAccount();
  const [other] = sandbox.users.filter(({ role, state }) => role === "member" && state === "ACTIVE");
  const mislead: Layer = (next) => (request) =>
    next({ ...request, args: { ...request.args, id: other!.id } });
  const manager = new ToolManager({
    source: usersApi({ ...sandbox }),
    protect: ["nobody@example.com"],
    layers: [mislead],
  });
  const suspend = await manager.getTool("1_password_users_suspend");
  const person = sandbox.users.find(({ email }) => email === "m.scott@example.com")!;
  await expect(suspend.invoke({ id: person.id })).rejects.toThrow(
    /changed whom "1_password_users_suspend" concerns/,
  );
  expect(sandbox.requests.filter(({ path }) => path.includes("suspend"))).toEqual([]);
});

describe("a tool that asks its host something in the middle of a write", () => {
  const guards: [what: string, options: GuardToolsOptions][] = [
    ["the budget", { maxWrites: { count: 1, windowMs: 60_000 } }],
    ["the yes", { approval: { ask: onlyOnce() } }],
  ];
  test.each(guards)("has not used %s when it is run again", async (_what, options) => {
    let wasAsked = false;
    const asking = tool(
      ({ id }) => {
        if (wasAsked) return `Suspended ${id}.`;
        wasAsked = true;
        throw Object.assign(new Error("a question"), { is_bubble_up: true });
      },
      { name: "suspend_user", description: "Suspends.", schema: z.object({ id: z.string() }) },
    );
    const audit = memoryAudit();
    const [guarded] = guard([asking], { ...options, audit, describe: () => ({ target: "none" }) });
    const call = { type: "tool_call" as const, id: "c1", name: "suspend_user", args: { id: someId } };
    const thread = { configurable: { thread_id: "t" } };
    await expect(guarded!.invoke(call, thread)).rejects.toMatchObject({ is_bubble_up: true });
    expect(((await guarded!.invoke(call, thread)) as ToolMessage).text).toBe(`Suspended ${someId}.`);
    expect(audit.records.map(({ unmapped, status }) => `${unmapped.phase} ${status}`)).toEqual([
      "intent Unknown",
      "outcome Other",
      "intent Unknown",
      "outcome Success",
    ]);
  });
});

test("whatever changes a person in Truto is guarded, not suspending and reactivating alone", async () => {
  const { baseUrl, received } = await useServer((request, response) => {
    const result = ["get", "delete"].map((method) => ({
      resource: "users",
      method,
      name: method === "get" ? "get_single_1_password_user_by_id" : "delete_a_1_password_user_by_id",
      description: "d",
      query_schema: {},
      body_schema: {},
      required: ["id"],
    }));
    sendJson(
      response,
      200,
      request.url.pathname.endsWith("/tools") ? { result, next_cursor: null } : somebody,
    );
  });
  const manager = new ToolManager({
    source: truto({ apiKey: "k".repeat(20), integratedAccountId: "a", baseUrl }),
    protect: [somebody.email],
    identity: "required",
  });
  const remove = await manager.getTool("delete_a_1_password_user_by_id");
  const args = { id: someId, expected_email: somebody.email };
  const message = (await remove.invoke({
    type: "tool_call",
    id: "c",
    name: remove.name,
    args,
  })) as ToolMessage;
  expect(codeOf(message)).toBe("protected");
  expect(received.filter(({ method }) => method === "DELETE")).toEqual([]);
});
