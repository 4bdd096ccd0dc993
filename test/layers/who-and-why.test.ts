import { afterEach, describe, expect, test, vi } from "vitest";
import { guard, offboardUser, ToolManager, truto, usersApi } from "langchain-1password";
import { toolsetErrorOf } from "../support/errors.js";
import { foreignAccount } from "../support/foreign-tools.js";
import { call, callAll, everyWay, michael, sources, useGuarded } from "../support/guarded.js";
import { memoryAudit } from "../support/memory-audit.js";
import { useSandbox } from "../support/sandbox.js";

afterEach(() => vi.unstubAllEnvs());

describe.each(everyWay)("$source through $host", ({ source, host }) => {
  test("requireReason: a write without a reason, or with a blank one, is not sent", async () => {
    const { suspend, person, sandbox } = await useGuarded(source, { requireReason: true });
    const { id } = person(michael);
    const before = sandbox.requests.length;
    const turn = [{ id }, { id, reason: "" }, { id, reason: " \t\n" }, { id, reason: 7 }].map((args) => ({
      tool: suspend,
      args,
    }));
    const outcomes = await callAll(host, [turn]);
    expect(outcomes).toHaveLength(4);
    for (const { code, text } of outcomes) {
      expect(code).toBe("invalid_argument");
      expect(text).toContain('"reason"');
    }
    expect(sandbox.requests).toHaveLength(before);
  });

  test("requireReason: the approver is shown the reason, the record holds it, and the server never hears it", async () => {
    const ask = vi.fn(() => ({ decision: "approve" as const }));
    const audit = memoryAudit();
    const options = { requireReason: true, approval: { ask }, audit };
    const { suspend, person, sandbox } = await useGuarded(source, options);
    const reason = "IT-4711: last\u202e day\u200b today";
    const { report } = await call(host, suspend, { id: person(michael).id, reason });
    expect(report).toMatchObject({ changed: true });
    const shown = "IT-4711: last day today";
    expect(ask).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ reason: shown }),
      expect.objectContaining({ reason }),
    );
    expect(audit.records.map(({ unmapped }) => unmapped.reason)).toEqual([shown, shown]);
    // That the sandbox records no undocumented field is checked after every test.
    expect(JSON.stringify(sandbox.requests)).not.toContain("IT-4711");
  });

  test("without requireReason, a reason is an unknown argument like any other", async () => {
    const { suspend, person } = await useGuarded(source);
    const { code, text } = await call(host, suspend, { id: person(michael).id, reason: "IT-4711" });
    expect(code).toBe("invalid_argument");
    expect(text).toContain('"reason" is not an argument');
  });

  test("the actor is the host's, else the option's, and never an argument's", async () => {
    const audit = memoryAudit();
    const { suspend, person, writes } = await useGuarded(source, { audit, actor: "the night shift" });
    const args = { id: person(michael).id, expected_email: "somebody.else@example.com" };
    const asked = await call(host, suspend, { ...args, actor: "root" });
    expect(asked.code).toBe("invalid_argument");
    for (const actor of ["alex@example.com", undefined, 7]) {
      await call(host, suspend, args, { configurable: { thread_id: String(actor), actor } });
    }
    expect(audit.records.map(({ actor }) => actor?.user.name)).toEqual([
      "alex@example.com",
      "the night shift",
      "the night shift",
    ]);
    expect(writes()).toEqual([]);
  });
});

describe.each(sources)("read-only (%s)", (source) => {
  const everything = {
    identity: "required",
    protect: ["*@board.example.com"],
    maxWrites: { count: 1, windowMs: 60_000 },
    approval: { ask: () => ({ decision: "approve" as const }) },
    audit: memoryAudit(),
    dryRun: true,
    requireReason: true,
    handleErrors: "all",
  } as const;

  test("beats every other option: there is no tool that writes", async () => {
    const { all } = await useGuarded(source, { ...everything, readOnly: true });
    expect(all.map(({ descriptor }) => descriptor.kind)).not.toContain("write");
    expect(all.length).toBeGreaterThan(0);
  });

  test("is what OP_READ_ONLY=1 makes of readOnly: false", async () => {
    vi.stubEnv("OP_READ_ONLY", "1");
    const { all } = await useGuarded(source, { ...everything, readOnly: false });
    expect(all.map(({ descriptor }) => descriptor.kind)).not.toContain("write");
  });
});

test("read-only holds for whole tasks as well", async () => {
  const sandbox = await useSandbox();
  const manager = new ToolManager({ source: usersApi({ ...sandbox }), readOnly: true });
  const error = await toolsetErrorOf(offboardUser(manager, { email: michael }));
  expect(error.code).toBe("read_only");
  expect(sandbox.requests.filter(({ path }) => path.endsWith(":suspend"))).toEqual([]);
});

test("guards around a manager's own tools are asked first, and the manager's own after them", async () => {
  const sandbox = await useSandbox();
  const { trutoApiKey: apiKey, integratedAccountId, baseUrl } = sandbox;
  const manager = new ToolManager({ source: truto({ apiKey, integratedAccountId, baseUrl }) });
  const { readUser } = foreignAccount(sandbox, 10_000);
  const tools = guard(await manager.getTools({ methods: ["suspend"] }), {
    readUser,
    identity: "required",
    requireReason: true,
  });
  const [suspend] = tools;
  const { id } = sandbox.users.find(({ email }) => email === michael)!;
  const unnamed = await call("tool.invoke", suspend!, { id, reason: "IT-1" });
  expect(unnamed.code).toBe("identity_required");
  const other = await call("tool.invoke", suspend!, { id, reason: "IT-1", expected_email: "x@example.com" });
  expect(other.code).toBe("identity_mismatch");
  const named = await call("tool.invoke", suspend!, { id, reason: "IT-1", expected_email: michael });
  expect(named.report).toMatchObject({ previous_state: "ACTIVE", state: "SUSPENDED", changed: true });
});
