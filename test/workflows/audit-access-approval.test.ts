import { Annotation, Command, interrupt, MemorySaver, START, StateGraph } from "@langchain/langgraph";
import { afterEach, describe, expect, test, vi } from "vitest";
import {
  askByInterrupt,
  auditAccess,
  type ApprovalOptions,
  type ApprovalRequest,
  type AuditAccessReport,
  type AuditRecord,
  type CallConfig,
} from "langchain-1password";
import { expectWritten, sourceNames } from "./use-account.js";
import { approve, crowd, emailsOf, inShort, rowOf, useAudit } from "./use-audit.js";

afterEach(() => vi.useRealTimers());

describe.each(sourceNames)("through %s", (source) => {
  test("a person is asked once for all changes, by name, and each person's record holds that yes", async () => {
    const asked: ApprovalRequest[] = [];
    const records: AuditRecord[] = [];
    const { audit } = await useAudit(
      source,
      {},
      {
        workflows: { reviewReactivates: true },
        approval: { ask: (request) => (asked.push(request), approve(request)) },
        audit: { write: (record) => void records.push(record) },
        requireReason: true,
        identity: "required",
      },
    );
    const csv = "email,state\nleaver@example.com,suspended\nback@example.com,active\nother@example.com,";
    const { report } = await audit({
      csv,
      state: "SUSPENDED",
      fix: true,
      fix_reactivate: true,
      reason: "Q4 review",
    });
    expect(report.fixes).toMatchObject({ changed: 3 });
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({
      action: "audit",
      person: null,
      reason: "Q4 review",
      items: [
        {
          action: "suspend",
          person: { email: "leaver@example.com", display_name: "Lea Ver", state: "ACTIVE" },
        },
        { action: "reactivate", person: { email: "back@example.com", state: "SUSPENDED" } },
        { action: "suspend", person: { email: "other@example.com" } },
      ],
    });
    const calls = new Map<string, string[]>();
    for (const { user, unmapped } of records) {
      expect(unmapped).toMatchObject({
        reason: "Q4 review",
        approval: { request: asked[0]!.id, approver: "it@example.com" },
      });
      calls.set(unmapped.call, [
        ...(calls.get(unmapped.call) ?? []),
        `${unmapped.phase} ${user?.email_addr ?? ""}`,
      ]);
    }
    expect([...calls.values()]).toEqual(
      ["leaver", "back", "other"].map((name) => [
        `intent ${name}@example.com`,
        `outcome ${name}@example.com`,
      ]),
    );
  });

  const noes: [what: string, ask: ApprovalOptions["ask"], code: string, words: RegExp][] = [
    [
      "a rejection",
      () => ({ decision: "reject", approver: "it@example.com", reason: "not today" }),
      "approval_rejected",
      /Stopped by approval_rejected: it@example\.com said no\. They said: "not today"\. Next: report this.*do not ask/,
    ],
    [
      "no answer",
      () => undefined as never,
      "approval_unavailable",
      /Stopped by approval_unavailable.*do not ask/,
    ],
    [
      "a yes of one of those concerned",
      (request) => ({ ...approve(request), approver: "Leaver@example.com" }),
      "approval_unavailable",
      /the person concerned/,
    ],
  ];
  test.each(noes)("%s changes nobody, and the report says why", async (_what, answer, code, words) => {
    const ask = vi.fn(answer);
    const { audit, writes } = await useAudit(source, {}, { approval: { ask } });
    const { report, text } = await audit({
      emails: ["leaver@example.com", "other@example.com"],
      state: "SUSPENDED",
      fix: true,
    });
    expect(report.stopped?.code).toBe(code);
    expect(report.fixes).toMatchObject({ left: 2, changed: 0 });
    expect(text).toMatch(words);
    expect(text).toContain("Left ACTIVE, should be SUSPENDED (2):");
    expect(text).not.toContain("make the same call again");
    expect(ask).toHaveBeenCalledOnce();
    expect(writes()).toEqual([]);
  });

  test("whoever changes after the yes is not touched, and the others are", async () => {
    const { audit, person, writes } = await useAudit(
      source,
      {},
      {
        approval: {
          ask: (request) => {
            person("leaver@example.com").display_name = "Somebody Else";
            person("other@example.com").state = "SUSPENDED";
            return approve(request);
          },
        },
      },
    );
    const emails = ["leaver@example.com", "other@example.com", "boss@example.com", "jos\u00e9@example.com"];
    const { report, text } = await audit({ emails, state: "SUSPENDED", fix: true });
    expect(inShort(report)).toEqual([
      "leaver@example.com other_state refused",
      "other@example.com other_state unchanged",
      "boss@example.com other_state refused",
      "jos\u00e9@example.com other_state changed",
    ]);
    expect(rowOf(report, "leaver@example.com").fix?.code).toBe("approval_expired");
    expect(report.stopped).toBeUndefined();
    expect(text).toContain("1 changed, 1 found in the wanted state by then, 2 refused");
    expectWritten(writes(), [person("boss@example.com"), person("jos\u00e9@example.com")]);
  });

  test("a yes that ends on the way stops the run, and the next run asks for what is left", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const asked: ApprovalRequest[] = [];
    let isFirst = true;
    const users = crowd(4);
    const { audit, writes, sandbox } = await useAudit(
      source,
      { users },
      {
        approval: { ask: (request) => (asked.push(request), approve(request)), ttlMs: 60_000 },
        layers: [
          (next) => async (request) => {
            const result = await next(request);
            if (isFirst) vi.setSystemTime(Date.now() + 61_000);
            isFirst = false;
            return result;
          },
        ],
      },
    );
    const { report, text } = await audit({ emails: emailsOf(users), state: "SUSPENDED", fix: true });
    expect(report.fixes).toMatchObject({ changed: 1, left: 3 });
    expect(text).toMatch(
      /Stopped by approval_expired.*Next: make the same call again, which goes on from here/,
    );
    const again = await audit({ emails: emailsOf(users), state: "SUSPENDED", fix: true });
    expect(again.report.fixes).toMatchObject({ changed: 3 });
    expect(asked.map(({ items }) => items?.length)).toEqual([4, 3]);
    expectWritten(writes(), sandbox.users);
  });

  test("past a budget the whole batch is asked for at once", async () => {
    const ask = vi.fn(approve);
    const users = crowd(5);
    const { audit, writes } = await useAudit(
      source,
      { users },
      { maxWrites: { count: 2, windowMs: 600_000 }, approval: { ask, when: "past-budget" } },
    );
    await audit({ emails: emailsOf(users).slice(0, 2), state: "SUSPENDED", fix: true });
    expect(ask).not.toHaveBeenCalled();
    await audit({ emails: emailsOf(users), state: "SUSPENDED", fix: true });
    expect(ask).toHaveBeenCalledOnce();
    expect(ask.mock.calls[0]![0].items).toHaveLength(3);
    expect(writes()).toHaveLength(5);
  });
});

test("a graph that is interrupted for the batch goes on with the answer, and changes each person once", async () => {
  const users = crowd(4);
  const { manager, sandbox, writes } = await useAudit(
    "the Users API",
    { users },
    { approval: { ask: askByInterrupt(interrupt) } },
  );
  const graph = new StateGraph(Annotation.Root({ report: Annotation<AuditAccessReport> }))
    .addNode("audit", async (_state, config) => {
      return {
        report: await auditAccess(
          manager,
          { emails: emailsOf(users), state: "SUSPENDED", fix: true },
          config as CallConfig,
        ),
      };
    })
    .addEdge(START, "audit")
    .compile({ checkpointer: new MemorySaver() });
  const thread = { configurable: { thread_id: "t1" } };
  const stopped = (await graph.invoke({}, thread)) as { __interrupt__?: { value: ApprovalRequest }[] };
  const request = stopped.__interrupt__![0]!.value;
  expect(request.items?.map(({ person }) => person.email)).toEqual(emailsOf(users));
  expect(writes()).toEqual([]);
  const { report } = await graph.invoke(new Command({ resume: approve(request) }), thread);
  expect(report.fixes).toMatchObject({ changed: 4 });
  expectWritten(writes(), sandbox.users);
});

test("an interrupt of the host passes through the function, before anybody is changed", async () => {
  const interrupt = Object.assign(new Error("interrupted"), { is_bubble_up: true });
  const ask = () => {
    throw interrupt;
  };
  const { manager, writes } = await useAudit("the Users API", {}, { approval: { ask } });
  await expect(
    auditAccess(manager, { emails: ["leaver@example.com"], state: "SUSPENDED", fix: true }),
  ).rejects.toBe(interrupt);
  expect(writes()).toEqual([]);
});
