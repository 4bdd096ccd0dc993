import { ToolManager, type ApprovalAnswer, type AuditRecord } from "langchain-1password";
import { describe, expect, test } from "vitest";
import { useSandbox } from "../support/sandbox.js";

const leaver = "m.scott@example.com";

async function suspended(
  answer: Partial<ApprovalAnswer>,
  { actor, selfApproval }: { actor?: unknown; selfApproval?: boolean } = {},
) {
  const sandbox = await useSandbox({ users: 20 });
  const person = sandbox.users.find(({ email }) => email === leaver)!;
  const records: AuditRecord[] = [];
  await using manager = new ToolManager({
    ...sandbox,
    handleErrors: "all",
    workflows: true,
    audit: { write: (record) => void records.push(record) },
    approval: { ask: () => ({ decision: "approve", ...answer }), selfApproval },
  });
  const configurable = { thread_id: "t1", ...(actor === undefined ? {} : { actor }) };
  const tool = await manager.getTool("1_password_users_suspend");
  await tool.invoke({ id: person.id }, { configurable });
  const one = person.state;
  person.state = "ACTIVE";
  const audit = await manager.getTool("audit_1_password_access");
  await audit.invoke(
    { emails: [leaver], state: "SUSPENDED", fix: true },
    { configurable: { ...configurable, thread_id: "t2" } },
  );
  return { one, inBatch: person.state, records };
}

const owner = "owner@example.com";

describe("a change, alone and in a batch,", () => {
  test.each([
    ["the one who asked", owner, "Owner@Example.com"],
    ["the one who asked, by name and comment", owner, "The Owner (owner+1@example.com)"],
    [
      "the one who asked, whom the host names otherwise",
      "mailto:owner@example.com",
      "Owner <o.w.n.e.r@example.com>",
    ],
    ["the person concerned, by a link", undefined, `mailto:${leaver}`],
    ["the person concerned, by a comment", owner, `Michael (${leaver})`],
  ])("is not approved by %s", async (_who, actor, approver) => {
    const { one, inBatch } = await suspended({ approver }, actor === undefined ? {} : { actor });
    expect([one, inBatch]).toEqual(["ACTIVE", "ACTIVE"]);
  });

  test("is not approved by an answer without a name where somebody asked", async () => {
    for (const approver of [undefined, "", " \u200b"]) {
      const { one, inBatch } = await suspended({ approver }, { actor: owner });
      expect([one, inBatch]).toEqual(["ACTIVE", "ACTIVE"]);
    }
  });

  test("is not approved by the one who asked where the host names them by something else than a text", async () => {
    for (const [actor, approver] of [
      [{ email: owner }, `Owner <${owner}>`],
      [[owner], owner],
      [42, "42"],
      [{ email: owner }, undefined],
    ] as const) {
      const { one, inBatch } = await suspended({ approver }, { actor });
      expect([one, inBatch]).toEqual(["ACTIVE", "ACTIVE"]);
    }
    const other = await suspended({ approver: "Pam <pam@example.com>" }, { actor: { email: owner } });
    expect([other.one, other.inBatch]).toEqual(["SUSPENDED", "SUSPENDED"]);
  });

  test("keeps no token of such an actor in its records", async () => {
    const actor = { email: owner, accessToken: "t0p", session: { client_secret: "s3cret" } };
    const { records } = await suspended({ approver: "Pam <pam@example.com>" }, { actor });
    expect(JSON.stringify(records)).toContain(owner);
    expect(JSON.stringify(records)).not.toMatch(/t0p|s3cret/);
  });

  test("is approved by somebody else, and by nobody in particular where nobody is known to have asked", async () => {
    const other = await suspended({ approver: "Pam <pam@example.com>" }, { actor: owner });
    expect([other.one, other.inBatch]).toEqual(["SUSPENDED", "SUSPENDED"]);
    const unknown = await suspended({});
    expect([unknown.one, unknown.inBatch]).toEqual(["SUSPENDED", "SUSPENDED"]);
    const approvers = unknown.records.flatMap(({ unmapped }) => unmapped.approval?.approver ?? []);
    expect(new Set(approvers)).toEqual(new Set(["unknown"]));
  });

  test('option "selfApproval" lets the one who asked approve, and never the person concerned', async () => {
    for (const approver of [owner, undefined]) {
      const { one, inBatch } = await suspended({ approver }, { actor: owner, selfApproval: true });
      expect([one, inBatch]).toEqual(["SUSPENDED", "SUSPENDED"]);
    }
    const own = await suspended({ approver: leaver }, { actor: leaver, selfApproval: true });
    expect([own.one, own.inBatch]).toEqual(["ACTIVE", "ACTIVE"]);
  });
});
