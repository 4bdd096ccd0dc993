import { describe, expect, test } from "vitest";
import { defineTool, ToolManager, usersApi, type AuditRecord } from "langchain-1password";
import {
  admin,
  call,
  callAll,
  dwight,
  eachOnce,
  everyWay,
  jan,
  michael,
  useGuarded,
  type Guarded,
} from "../support/guarded.js";
import { RecordingHandler } from "../support/recording-callbacks.js";
import { memoryAudit } from "../support/memory-audit.js";
import { useSandbox } from "../support/sandbox.js";

describe.each(everyWay)("$source through $host", ({ source, host }) => {
  test("the intent is safe before the request leaves, and the outcome is written after it", async () => {
    const seen: string[] = [];
    const look: { at?: Guarded } = {};
    const audit = memoryAudit(async ({ unmapped }) => {
      // Long enough for a request that does not wait.
      await new Promise((resolve) => setTimeout(resolve, 20));
      seen.push(`${unmapped.phase} after ${look.at?.writes().length} writes`);
    });
    look.at = await useGuarded(source, { audit });
    await call(host, look.at.suspend, { id: look.at.person(michael).id });
    expect(seen).toEqual(["intent after 0 writes", "outcome after 1 writes"]);
  });

  test("both say who did what to whom, on whose behalf, and how it ended", async () => {
    const audit = memoryAudit();
    const { suspend, reactivate, person, sandbox } = await useGuarded(
      source,
      { audit },
      { faults: [{ operation: "suspend", do: { kind: "headers", headers: { "x-request-id": "req-1" } } }] },
    );
    const { id } = person(michael);
    const config = { configurable: { thread_id: "thread-7", actor: "alex@example.com" } };
    const turns = [
      [{ tool: suspend, args: { id, expected_email: michael } }],
      [{ tool: reactivate, args: { id } }],
    ];
    await callAll(host, turns, config);
    const [intent, outcome, ...others] = audit.records;
    const account =
      source === "a foreign tool" ? "tools" : (expect.stringContaining(sandbox.baseUrl) as string);
    const common = {
      class_uid: 3001,
      class_name: "Account Change",
      activity_id: 5,
      activity_name: "Disable",
      type_uid: 300_105,
      actor: { user: { name: "alex@example.com" } },
      user: { uid: id, email_addr: michael, name: "Michael Scott" },
    };
    expect(intent).toMatchObject({
      ...common,
      status: "Unknown",
      status_id: 0,
      severity_id: 1,
      unmapped: {
        phase: "intent",
        tool: suspend.name,
        operation: "suspend",
        account,
        thread: "thread-7",
        previous_state: "ACTIVE",
      },
    });
    expect(outcome).toMatchObject({
      ...common,
      status: "Success",
      status_id: 1,
      unmapped: {
        ...intent!.unmapped,
        phase: "outcome",
        intent: intent!.metadata.uid,
        state: "SUSPENDED",
        changed: true,
        attempts: 1,
        ...(source === "a foreign tool" ? {} : { request_id: "req-1" }),
      },
    });
    expect(outcome!.metadata.correlation_uid).toBe(intent!.metadata.correlation_uid);
    expect(outcome!.metadata.uid).not.toBe(intent!.metadata.uid);
    expect(outcome!.unmapped.call).toBe(outcome!.metadata.correlation_uid);
    expect(others.map(({ activity_name }) => activity_name)).toEqual(["Enable", "Enable"]);
  });

  test("the run that a tracer knows the call by is recorded", async () => {
    const audit = memoryAudit();
    const started: unknown[] = [];
    const tracer = new RecordingHandler((what, told) => {
      if (what === "handleToolStart") started.push((told as unknown[])[2]);
    });
    const { suspend, person } = await useGuarded(source, { audit });
    await call(host, suspend, { id: person(michael).id }, { callbacks: [tracer] });
    const runs = audit.records.map(({ unmapped }) => unmapped.run);
    expect(runs).toEqual([started[0], started[0]]);
    expect(started[0]).toMatch(/^[\da-f-]{36}$/);
  });

  test("what was refused, rejected or had nothing to do is recorded, with nobody said to have been touched", async () => {
    const audit = memoryAudit();
    const { suspend, person, writes } = await useGuarded(source, {
      audit,
      protect: [dwight],
      approval: { ask: () => ({ decision: "reject", reason: "not today", approver: "pam@example.com" }) },
    });
    const calls = [
      { id: person(michael).id, expected_email: jan },
      { id: person(michael).id, expected_email: jan },
      { id: person(dwight).id },
      { id: person(jan).id },
      { id: person(michael).id },
      { id: "A".repeat(26) },
    ];
    const turns = calls.map((args) => [{ tool: suspend, args }]);
    await callAll(host, turns, { configurable: { thread_id: "a" } });
    expect(audit.told()).toEqual([
      "decision identity_mismatch",
      "decision repeated",
      "decision protected",
      "decision no_change",
      "decision approval_rejected",
      "decision not_found",
    ]);
    expect(audit.records.map(({ status }) => status)).toEqual([
      "Failure",
      "Failure",
      "Failure",
      "Other",
      "Failure",
      "Failure",
    ]);
    expect(audit.records[0]).toMatchObject({
      status_detail: expect.stringContaining(`not of <${jan}>`) as string,
      user: { uid: person(michael).id, email_addr: michael },
    });
    expect(audit.records[4]?.status_detail).toMatch(/^pam@example\.com said no\. They said: "not today"/);
    expect(writes()).toEqual([]);
  });

  test("what failed before anything was sent is a decision, and no doubt is left about it", async () => {
    const audit = memoryAudit();
    const faults = [{ operation: "get" as const, do: { kind: "close" as const, when: "before" as const } }];
    const { suspend, person, writes } = await useGuarded(source, { audit }, { faults });
    await call(host, suspend, { id: person(michael).id });
    expect(audit.told()).toEqual([`decision ${source === "a foreign tool" ? "server_error" : "network"}`]);
    expect(audit.records[0]).toMatchObject({ status: "Failure", severity_id: 1 });
    expect(writes()).toEqual([]);
  });

  test("what the server refused is an outcome, and a failure", async () => {
    const audit = memoryAudit();
    const { suspend, person } = await useGuarded(source, { audit });
    await call(host, suspend, { id: person(admin).id });
    expect(audit.told()).toEqual(["intent", "outcome forbidden"]);
    expect(audit.records[1]).toMatchObject({ status: "Failure", severity_id: 1, unmapped: { attempts: 1 } });
  });

  test("a write that was approved says by whom, and to which request", async () => {
    const audit = memoryAudit();
    const ask = () => ({ decision: "approve" as const, approver: "pam@example.com", reason: "last day" });
    const { suspend, person } = await useGuarded(source, { audit, approval: { ask } });
    await call(host, suspend, { id: person(michael).id });
    const approval = {
      request: expect.any(String) as string,
      approver: "pam@example.com",
      reason: "last day",
    };
    expect(audit.records.map(({ unmapped }) => unmapped.approval)).toEqual([approval, approval]);
  });

  test("a write whose intent cannot be recorded is not made", async () => {
    const audit = memoryAudit(() => Promise.reject(new Error("disk full")));
    const { suspend, person, writes } = await useGuarded(source, { audit });
    const { code, text } = await call(host, suspend, { id: person(michael).id });
    expect(code).toBe("audit_unavailable");
    expect(text).toContain("its audit record could not be written. Nothing was changed.");
    expect(writes()).toEqual([]);
    expect(person(michael).state).toBe("ACTIVE");
  });

  test("an outcome that cannot be recorded is told with the result, be it a success or a failure", async () => {
    const audit = memoryAudit(({ unmapped }) => {
      if (unmapped.phase !== "intent") throw new Error("disk full");
    });
    const faults = [
      { operation: "suspend" as const, after: 1, do: { kind: "status" as const, status: 503 } },
    ];
    const { suspend, person } = await useGuarded(source, { audit }, { faults });
    const made = await call(host, suspend, { id: person(michael).id });
    expect(made.report).toMatchObject({
      state: "SUSPENDED",
      changed: true,
      note: "The audit log could not record this, and the operator has been told why.",
    });
    const failed = await call(host, suspend, { id: person(dwight).id });
    expect(failed.code).toBe("server_error");
    expect(failed.text).toContain("The audit log could not record this, and the operator has been told why.");
    const refused = await call(host, suspend, { id: person(dwight).id, expected_email: jan });
    expect(refused.code).toBe("identity_mismatch");
    expect(refused.text).toContain(
      "The audit log could not record this, and the operator has been told why.",
    );
    const idle = await call(host, suspend, { id: person(jan).id });
    expect(idle.report?.note).toBe(
      "already suspended, nothing changed. The audit log could not record this, and the operator has been told why.",
    );
    expect(audit.told()).toEqual(["intent", "intent"]);
  });

  test("reads are not recorded, and a signal to the host is no decision", async () => {
    const audit = memoryAudit();
    const signal = Object.assign(new Error("ask a person"), { is_bubble_up: true });
    const ask = () => Promise.reject(signal);
    const { get, suspend, person } = await useGuarded(source, { audit, approval: { ask } });
    await call(host, get, { id: person(michael).id });
    await call(host, suspend, { id: person(michael).id });
    expect(audit.records).toEqual([]);
  });
});

describe.each(eachOnce)("$source through $host", ({ source, host }) => {
  test("several writes at once leave an intent and an outcome each, which belong together", async () => {
    const audit = memoryAudit();
    const users = Array.from({ length: 8 }, (_, index) => ({ email: `person.${index}@example.com` }));
    const { suspend, sandbox } = await useGuarded(source, { audit }, { users });
    await callAll(host, [sandbox.users.map(({ id }) => ({ tool: suspend, args: { id } }))]);
    const intents = audit.records.filter(({ unmapped }) => unmapped.phase === "intent");
    const outcomes = audit.records.filter(({ unmapped }) => unmapped.phase === "outcome");
    expect([intents.length, outcomes.length]).toEqual([8, 8]);
    const whose = (records: readonly AuditRecord[], uid: (record: AuditRecord) => string | undefined) =>
      new Map(records.map((record) => [uid(record), record.user?.uid]));
    expect(whose(outcomes, ({ unmapped }) => unmapped.intent)).toEqual(
      whose(intents, ({ metadata }) => metadata.uid),
    );
  });
});

describe("a write of one's own that concerns nobody", () => {
  const rotate = defineTool({
    name: "rotate_secret",
    description: "Makes a new secret.",
    schema: { type: "object", properties: { vault: { type: "string" } }, required: ["vault"] },
    kind: "write",
    call: ({ vault }: { vault: string }) => ({ vault, version: 2 }),
  });

  async function useRotation(audit: ReturnType<typeof memoryAudit>) {
    const sandbox = await useSandbox();
    const manager = new ToolManager({ source: usersApi({ ...sandbox }), tools: [rotate], audit });
    return manager.getTool("rotate_secret");
  }

  test("is recorded without a person", async () => {
    const audit = memoryAudit();
    await call("tool.invoke", await useRotation(audit), { vault: "Payroll" });
    expect(audit.told()).toEqual(["intent", "outcome"]);
    for (const record of audit.records) {
      expect(record).toMatchObject({ activity_id: 99, activity_name: "rotate_secret", type_uid: 300_199 });
      expect(record).not.toHaveProperty("user");
    }
    expect(audit.records[1]).toMatchObject({ status: "Success" });
  });

  test("tells of an outcome that cannot be recorded beside its answer", async () => {
    const audit = memoryAudit(({ unmapped }) => {
      if (unmapped.phase === "outcome") throw new Error("disk full");
    });
    const { text, artifact } = await call("tool.invoke", await useRotation(audit), { vault: "Payroll" });
    expect(text).toBe(
      '{"vault":"Payroll","version":2}\nThe audit log could not record this, and the operator has been told why.',
    );
    expect(artifact).toMatchObject({ data: { vault: "Payroll", version: 2 } });
  });
});
