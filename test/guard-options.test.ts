import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ToolMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { expect, onTestFinished, test } from "vitest";
import {
  guard,
  ToolManager,
  usersApi,
  type ApprovalRequest,
  type GuardToolsOptions,
  type ManagerOptions,
} from "langchain-1password";
import { auditFile, verifyAudit, type AuditLine } from "langchain-1password/node";
import { z } from "zod";
import { somebody, someId } from "./support/credentials.js";
import { memoryAudit } from "./support/memory-audit.js";
import { useSandbox } from "./support/sandbox.js";
import { sharedStore } from "./support/shared-store.js";

// One test for each option of the README's tables on guards, named after it: what the option changes, and no more.

async function aPerson(options: ManagerOptions = {}) {
  const sandbox = await useSandbox();
  const manager = new ToolManager({ source: usersApi({ ...sandbox }), ...options });
  const person = sandbox.users.find(({ email }) => email === "m.scott@example.com")!;
  const suspend = async (args: Record<string, unknown> = {}, config = {}) => {
    const found = await manager.getTool("1_password_users_suspend");
    const call = { type: "tool_call" as const, id: "c1", name: found.name, args: { id: person.id, ...args } };
    return (await found.invoke(call, config)) as ToolMessage;
  };
  return { sandbox, manager, person, suspend };
}

const codeOf = ({ artifact }: ToolMessage) =>
  (artifact as { error?: { code: string } } | undefined)?.error?.code;

test('option "identity" of ToolManager: decides whether writes say whom they mean', async () => {
  const other = { expected_email: "somebody.else@example.com" };
  expect(codeOf(await (await aPerson()).suspend(other))).toBe("identity_mismatch");
  expect(codeOf(await (await aPerson({ identity: "required" })).suspend())).toBe("identity_required");
  const off = await (await aPerson({ identity: "off" })).manager.getDescriptors({ methods: ["suspend"] });
  expect(off[0]!.inputSchema.properties).not.toHaveProperty("expected_email");
});

test('option "protect" of ToolManager: who is on it is not touched', async () => {
  for (const protect of [["m.scott@example.com"], ["*@example.com"], () => true]) {
    const { suspend, person } = await aPerson({ protect });
    expect([codeOf(await suspend()), person.state]).toEqual(["protected", "ACTIVE"]);
  }
});

test('option "taskUsers" of ToolManager: nobody else is touched', async () => {
  const { suspend, person } = await aPerson({ taskUsers: ["d.schrute@example.com"] });
  expect([codeOf(await suspend()), person.state]).toEqual(["out_of_scope", "ACTIVE"]);
});

test('option "onWarning" of ToolManager: hears what a function of the operator throws, which no model does', async () => {
  const warnings: unknown[] = [];
  const protect = () => {
    throw new Error("the list of executives is away");
  };
  const { suspend } = await aPerson({ protect, onWarning: (message) => void warnings.push(message) });
  expect((await suspend()).text).not.toContain("executives");
  expect(warnings).toHaveLength(1);
});

test('option "maxWrites" of ToolManager: past it nothing is written', async () => {
  const { suspend, person } = await aPerson({ maxWrites: { count: 0, windowMs: 1000 } });
  expect([codeOf(await suspend()), person.state]).toEqual(["budget_exhausted", "ACTIVE"]);
});

test('option "repeats" of ToolManager: decides whether what failed for good is sent again', async () => {
  const again = async (options: ManagerOptions) => {
    const { manager, sandbox } = await aPerson(options);
    const get = await manager.getTool("get_single_1_password_user_by_id");
    const call = { type: "tool_call" as const, id: "c1", name: get.name, args: { id: someId } };
    const thread = { configurable: { thread_id: "t" } };
    for (let turn = 0; turn < 2; turn += 1) await get.invoke(call, thread);
    return sandbox.requests.filter(({ path }) => path.includes(someId)).length;
  };
  expect([await again({}), await again({ repeats: false })]).toEqual([1, 2]);
});

test('option "approval" of ToolManager: a person is asked', async () => {
  const { suspend, person } = await aPerson({ approval: { ask: () => ({ decision: "reject" }) } });
  expect([codeOf(await suspend()), person.state]).toEqual(["approval_rejected", "ACTIVE"]);
});

test('option "audit" of ToolManager: a write is recorded before and after', async () => {
  const audit = memoryAudit();
  await (await aPerson({ audit })).suspend();
  expect(audit.told()).toEqual(["intent", "outcome"]);
});

test('option "dryRun" of ToolManager: nothing is written', async () => {
  const { suspend, person } = await aPerson({ dryRun: true });
  expect((await suspend()).text).toMatch(/^Dry run.*would suspend id \w{26} \("Michael Scott"/s);
  expect(person.state).toBe("ACTIVE");
});

test('option "requireReason" of ToolManager: writes take a reason', async () => {
  const audit = memoryAudit();
  const { suspend } = await aPerson({ requireReason: true, audit });
  expect(codeOf(await suspend())).toBe("invalid_argument");
  await suspend({ reason: "HR-1" });
  expect(audit.records.map(({ unmapped }) => unmapped.reason)).toEqual(["HR-1", "HR-1"]);
});

test('option "actor" of ToolManager: records name it, unless the call names somebody', async () => {
  const audit = memoryAudit();
  const { suspend, person } = await aPerson({ actor: "night watch", audit });
  await suspend();
  person.state = "ACTIVE";
  await suspend({}, { configurable: { actor: "jo@example.com" } });
  expect([...new Set(audit.records.map(({ actor }) => actor?.user.name))]).toEqual([
    "night watch",
    "jo@example.com",
  ]);
});

test('option "workflows" of ToolManager: there are tools for whole tasks', async () => {
  const names = async (options: ManagerOptions) =>
    (await (await aPerson(options)).manager.getDescriptors()).map(({ name }) => name);
  const added = (await names({ workflows: true })).filter(
    (name) => !name.includes("users") || name.includes("offboard"),
  );
  expect(added).toContain("offboard_1_password_user");
  expect((await names({})).join()).not.toMatch(/offboard/);
});

test('option "reviewReactivates" of workflows: a model may give access back by a list', async () => {
  const audit = async (workflows: ManagerOptions["workflows"]) => {
    const { manager } = await aPerson({ workflows });
    return (await manager.getDescriptors()).find(({ method }) => method === "audit")?.inputSchema.properties;
  };
  expect(await audit({ reviewReactivates: true })).toHaveProperty("fix_reactivate");
  for (const workflows of [true, {}, { reviewReactivates: false }]) {
    const properties = await audit(workflows);
    expect(properties).toHaveProperty("fix");
    expect(properties).not.toHaveProperty("fix_reactivate");
  }
  await expect(audit({ reviewsReactivate: true } as never)).rejects.toThrow(
    /"reviewsReactivate" is not an option of workflows/,
  );
  await expect(audit({ reviewReactivates: "yes" } as never)).rejects.toThrow(/"reviewReactivates" is "yes"/);
});

test('option "ask" of approval: is told of the request and the call', async () => {
  const asked: [ApprovalRequest, string][] = [];
  const { suspend } = await aPerson({
    approval: { ask: (request, { callId }) => void asked.push([request, callId]) as never },
  });
  await suspend();
  expect(asked).toEqual([[expect.objectContaining({ action: "suspend" }), "c1"]]);
});

test('option "selfApproval" of approval: who asked may approve', async () => {
  const ask = ({ id }: ApprovalRequest) =>
    ({ decision: "approve", requestId: id, approver: "pam@example.com" }) as const;
  const actor = "pam@example.com";
  const four = await aPerson({ approval: { ask }, actor });
  expect([codeOf(await four.suspend()), four.person.state]).toEqual(["approval_unavailable", "ACTIVE"]);
  const self = await aPerson({ approval: { ask, selfApproval: true }, actor });
  await self.suspend();
  expect(self.person.state).toBe("SUSPENDED");
});

test('option "key" of approval: a request of one manager is known to another with the same key alone', async () => {
  const ids: string[] = [];
  const ask = (request: ApprovalRequest) => void ids.push(request.id) as never;
  const store = sharedStore();
  const { sandbox, suspend, person } = await aPerson({
    approval: { ask, key: "one key of enough characters", store },
  });
  await suspend();
  const codes = ["another key of enough characters", "one key of enough characters"].map(async (key) => {
    const manager = new ToolManager({
      source: usersApi({ ...sandbox }),
      approval: { key, store, ask: () => ({ decision: "approve", requestId: ids[0] }) },
    });
    const found = await manager.getTool("1_password_users_suspend");
    const call = { type: "tool_call" as const, id: "c1", name: found.name, args: { id: person.id } };
    return codeOf((await found.invoke(call)) as ToolMessage);
  });
  expect(await codes[0]).toBe("approval_unavailable");
  expect(await codes[1]).toBeUndefined();
});

test('option "store" of approval: decides whether a yes was used', async () => {
  const store = { consume: () => false };
  const { suspend } = await aPerson({ approval: { ask: () => ({ decision: "approve" }), store } });
  expect(codeOf(await suspend())).toBe("approval_expired");
});

test('option "ttlMs" of approval: how long a request holds', async () => {
  const { suspend } = await aPerson({ approval: { ask: () => new Promise(() => undefined), ttlMs: 20 } });
  expect(codeOf(await suspend())).toBe("approval_expired");
});

test('option "when" of approval: only writes past the budget are asked for', async () => {
  const ask = () => undefined as never;
  const within = await aPerson({
    approval: { ask, when: "past-budget" },
    maxWrites: { count: 1, windowMs: 60_000 },
  });
  await within.suspend();
  expect(within.person.state).toBe("SUSPENDED");
  const past = await aPerson({
    approval: { ask, when: "past-budget" },
    maxWrites: { count: 0, windowMs: 60_000 },
  });
  expect(codeOf(await past.suspend())).toBe("approval_unavailable");
});

const mcpTool = tool(({ id }) => `done with ${id}`, {
  name: "users_suspend",
  description: "Suspends a user.",
  schema: z.object({ id: z.string() }),
});

async function guarded(options: GuardToolsOptions, args: Record<string, unknown> = { id: someId }) {
  const [found] = guard([mcpTool], options);
  return (await found!.invoke({ type: "tool_call", id: "c1", name: found!.name, args })) as ToolMessage;
}

test('option "account" of guard: records name it', async () => {
  const audit = memoryAudit();
  await guarded({ account: "acme", audit, readUser: async () => ({ ...somebody }) });
  expect(audit.records[0]!.unmapped.account).toBe("acme");
});

test('option "describe" of guard: tells what a tool does', async () => {
  const [read] = guard([mcpTool], { describe: () => ({ kind: "read" }) });
  expect(read!.descriptor).toMatchObject({ kind: "read", method: "suspend" });
  expect(read!.descriptor.inputSchema.properties).not.toHaveProperty("expected_email");
});

test('option "readUser" of guard: the person is read by it, before and after', async () => {
  const states = ["ACTIVE", "SUSPENDED"] as const;
  let reads = 0;
  const message = await guarded(
    { readUser: async () => ({ ...somebody, state: states[reads++]! }) },
    { id: someId, expected_email: somebody.email },
  );
  expect(message.text).toMatch(/"previous_state":"ACTIVE","state":"SUSPENDED","changed":true/);
});

test('option "handleErrors" of guard: decides which errors are answers', async () => {
  const call = { id: someId, expected_email: "somebody.else@example.com" };
  const readUser = async () => ({ ...somebody });
  expect((await guarded({ readUser }, call)).status).toBe("error");
  await expect(guarded({ readUser, handleErrors: "none" }, call)).rejects.toMatchObject({
    code: "identity_mismatch",
  });
});

test('option "readOnly" of guard: tools that write are left out', () => {
  expect(guard([mcpTool], { readOnly: true })).toEqual([]);
});

async function aLog() {
  const folder = await mkdtemp(join(tmpdir(), "options-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, "audit.jsonl");
}

test('option "key" of auditFile: only who has it can verify the log', async () => {
  const path = await aLog();
  await using sink = auditFile(path, { key: "k".repeat(32) });
  await (await aPerson({ audit: sink })).suspend();
  expect(await verifyAudit(path, { key: "k".repeat(32) })).toMatchObject({ ok: true, records: 2 });
  expect(await verifyAudit(path, { key: "j".repeat(32) })).toMatchObject({ ok: false });
});

test('option "onWarning" of auditFile: is told of a record that onRecord failed for, and the write is made', async () => {
  const warnings: string[] = [];
  const onRecord = () => Promise.reject(new Error("the collector is away"));
  const sink = auditFile(await aLog(), { onRecord, onWarning: (message) => warnings.push(message) });
  const { suspend, person } = await aPerson({ audit: sink });
  await suspend();
  await sink.close();
  expect(person.state).toBe("SUSPENDED");
  expect(warnings).toHaveLength(2);
});

test('option "onRecord" of auditFile: is told of every line as it stands in the file', async () => {
  const path = await aLog();
  const told: AuditLine[] = [];
  await using sink = auditFile(path, { onRecord: (line) => void told.push(line) });
  await (await aPerson({ audit: sink })).suspend();
  const lines = (await readFile(path, "utf8")).trim().split("\n");
  expect(told).toEqual(lines.map((line) => JSON.parse(line) as unknown));
});
