import { expect, test, vi } from "vitest";
import {
  auditAccess,
  offboardUser,
  ToolManager,
  usersApi,
  type ApprovalAnswer,
  type ManagerOptions,
} from "langchain-1password";
import { toolsetErrorOf } from "../support/errors.js";
import { memoryAudit } from "../support/memory-audit.js";
import { useSandbox } from "../support/sandbox.js";

// What holds for the tools holds for the functions, and for a batch as for one.

async function anAccount(options: ManagerOptions = {}) {
  const sandbox = await useSandbox();
  const manager = new ToolManager({ source: usersApi({ ...sandbox }), workflows: true, ...options });
  const emails = sandbox.users
    .filter(({ role, state }) => role === "member" && state === "ACTIVE")
    .slice(0, 3)
    .map(({ email }) => email);
  const suspended = () =>
    sandbox.users.filter(({ email, state }) => emails.includes(email) && state === "SUSPENDED").length;
  return { sandbox, manager, emails, suspended };
}

const reject = (): ApprovalAnswer => ({ decision: "reject", reason: "not today" });

test("where a reason is required, nothing is changed without one, by no way", async () => {
  const { manager, emails, suspended } = await anAccount({ requireReason: true });
  for (const reason of [undefined, " "]) {
    const error = await toolsetErrorOf(offboardUser(manager, { email: emails[0]!, reason }));
    expect(error).toMatchObject({ code: "invalid_argument" });
    expect(error.text).toMatch(/"reason" is missing/);
    const { fixes, stopped } = await auditAccess(manager, { emails, state: "SUSPENDED", fix: true, reason });
    expect([fixes?.changed, stopped?.code ?? "invalid_argument"]).toEqual([0, "invalid_argument"]);
  }
  expect(suspended()).toBe(0);
  await offboardUser(manager, { email: emails[0]!, reason: "HR-1" });
  expect(suspended()).toBe(1);
});

test("a manager that is read-only asks nobody and changes nobody", async () => {
  const ask = vi.fn(reject);
  const { manager, emails, sandbox } = await anAccount({ readOnly: true, approval: { ask } });
  expect(await toolsetErrorOf(auditAccess(manager, { emails, state: "SUSPENDED", fix: true }))).toMatchObject(
    {
      code: "read_only",
    },
  );
  expect(await toolsetErrorOf(offboardUser(manager, { email: emails[0]! }))).toMatchObject({
    code: "read_only",
  });
  expect(ask).not.toHaveBeenCalled();
  expect(sandbox.requests.filter(({ path }) => path.includes("suspend"))).toEqual([]);
});

test("a batch that was rejected is recorded, and not asked for again in the thread", async () => {
  const ask = vi.fn(reject);
  const audit = memoryAudit();
  const { manager, emails, suspended } = await anAccount({
    approval: { ask },
    audit,
  });
  const thread = { configurable: { thread_id: "t" } };
  const codes: (string | undefined)[] = [];
  for (let turn = 0; turn < 2; turn += 1) {
    const { stopped } = await auditAccess(manager, { emails, state: "SUSPENDED", fix: true }, thread);
    codes.push(stopped?.code);
  }
  expect(codes).toEqual(["approval_rejected", undefined]);
  expect(ask).toHaveBeenCalledTimes(1);
  // The second time each of them is refused for itself.
  const [first, ...others] = audit.told();
  expect(first).toBe("decision approval_rejected");
  expect(others).toEqual(emails.map(() => "decision repeated"));
  await auditAccess(
    manager,
    { emails, state: "SUSPENDED", fix: true },
    { configurable: { thread_id: "another" } },
  );
  expect(ask).toHaveBeenCalledTimes(2);
  expect(suspended()).toBe(0);
});

test("a refused list is told in words, by an audit as well", async () => {
  const { sandbox, manager, emails } = await anAccount();
  sandbox.setFaults([{ operation: "list", times: Infinity, do: { kind: "status", status: 403 } }]);
  const tool = await manager.getTool("audit_1_password_access");
  const call = { type: "tool_call" as const, id: "c1", name: tool.name, args: { emails } };
  const { text } = (await tool.invoke(call)) as { text: string };
  expect(text).toMatch(/lack the permission "list users"/);
});
