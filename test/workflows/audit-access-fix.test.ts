import { afterEach, describe, expect, test, vi } from "vitest";
import { auditAccess, ToolsetError, type AuditRecord, type Layer } from "langchain-1password";
import { expectWritten, sourceNames } from "./use-account.js";
import { approve, crowd, emailsOf, inShort, outcomesOf, people, rowOf, useAudit } from "./use-audit.js";

afterEach(() => vi.useRealTimers());

/** A manager whose operator lets a model give access back. */
const reactivating = { workflows: { reviewReactivates: true } } as const;

describe.each(sourceNames)("through %s", (source) => {
  test("with fix, those in another state are changed, in the directions asked for, and nobody else", async () => {
    const { audit, sandbox, writes, person } = await useAudit(source, {}, reactivating);
    const csv = `email,state
leaver@example.com,suspended
back@example.com,active
gone@example.com,suspended
both@example.com,suspended
nobody@example.com,suspended`;
    const { report, text } = await audit({ csv, fix: true, fix_reactivate: true });
    expect(inShort(report)).toEqual([
      "leaver@example.com other_state changed",
      "back@example.com other_state changed",
      "gone@example.com as_expected",
      "both@example.com shared",
      "nobody@example.com not_in_account",
    ]);
    expect(rowOf(report, "leaver@example.com")).toMatchObject({
      people: [{ state: "ACTIVE" }],
      fix: { outcome: "changed", state: "SUSPENDED" },
    });
    expect(report).toMatchObject({ drift: 3, fixes: { changed: 2, left: 0 } });
    expect(text).toContain("Of 2 to change: 2 changed.");
    expect(text).toContain("SUSPENDED now, ACTIVE before (1):");
    expect(text).toContain(",back@example.com,back,ACTIVE,");
    expectWritten(writes(), [person("leaver@example.com"), person("back@example.com")]);
    expect(sandbox.users.map(({ email, state }) => `${email} ${state}`)).toEqual(
      people.map(({ email, state = "ACTIVE" }) => {
        if (email === "leaver@example.com") return `${email} SUSPENDED`;
        return email === "back@example.com" ? `${email} ACTIVE` : `${email} ${state}`;
      }),
    );
    const again = await audit({ csv, fix: true, fix_reactivate: true });
    expect(again.text).toContain("There was nothing to change.");
    expect(writes()).toHaveLength(2);
  });

  test("fix takes access away and gives none back, unless that is asked for by name", async () => {
    const { manager, writes, person } = await useAudit(source);
    const csv = "email,state\nleaver@example.com,suspended\nback@example.com,active";
    const back = () => auditAccess(manager, { csv, fix: { reactivate: true } });
    const first = await auditAccess(manager, { csv, fix: true });
    expect(inShort(first)).toEqual([
      "leaver@example.com other_state changed",
      "back@example.com other_state not_asked",
    ]);
    expect(first.fixes).toMatchObject({ changed: 1, not_asked: 1 });
    expectWritten(writes(), [person("leaver@example.com")]);
    person("leaver@example.com").state = "ACTIVE";
    expect(inShort(await back())).toEqual([
      "leaver@example.com other_state not_asked",
      "back@example.com other_state changed",
    ]);
    expectWritten(writes(), [person("leaver@example.com"), person("back@example.com")]);
  });

  test("a model can give access back only where the operator allows it, and by name", async () => {
    const csv = "email,state\nleaver@example.com,suspended\nback@example.com,active";
    const plain = await useAudit(source);
    const refused = await plain.audit({ csv, fix: true, fix_reactivate: true });
    expect(refused.code).toBe("invalid_argument");
    const { text } = await plain.audit({ csv, fix: true });
    expect(text).toContain("Of 2 to change: 1 changed, 1 not in a direction that was asked for.");
    expect(text).toContain("Left SUSPENDED, should be ACTIVE, which was not asked for (1):");
    expect(plain.person("back@example.com").state).toBe("SUSPENDED");

    const allowed = await useAudit(source, {}, reactivating);
    const { report } = await allowed.audit({ csv, fix_reactivate: true });
    expect(inShort(report)).toEqual([
      "leaver@example.com other_state not_asked",
      "back@example.com other_state changed",
    ]);
    const [asked] = Object.values(await allowed.manager.interruptOn()).flatMap(({ when }) =>
      when({ toolCall: { name: "audit_1_password_access", args: { csv, fix_reactivate: true } } })
        ? [true]
        : [],
    );
    expect(asked).toBe(true);
  });

  test("what a guard or the server says of one person is that row's outcome, and the others go on", async () => {
    const { audit, person } = await useAudit(source, {}, { protect: ["jos\u00e9@example.com"] });
    const emails = ["boss@example.com", "managed@example.com", "jos\u00e9@example.com", "leaver@example.com"];
    const { report, text } = await audit({ emails, state: "SUSPENDED", fix: true });
    expect(inShort(report)).toEqual([
      "boss@example.com other_state refused",
      "managed@example.com other_state refused",
      "jos\u00e9@example.com other_state refused",
      "leaver@example.com other_state changed",
    ]);
    expect(report.stopped).toBeUndefined();
    expect(rowOf(report, "jos\u00e9@example.com").fix?.code).toBe("protected");
    expect(rowOf(report, "boss@example.com").fix?.code).toBe("forbidden");
    expect(text).toContain("Of 4 to change: 1 changed, 3 refused.");
    if (source === "the Users API") {
      expect(text).toMatch(/line 1: boss@example\.com: forbidden: 1Password refused.*last remaining owner/);
    }
    expect(text).not.toContain("Nothing was changed.");
    expect(person("leaver@example.com").state).toBe("SUSPENDED");
  });

  test("a budget stops the run, which says when it can go on, and runs finish it between them", async () => {
    vi.useFakeTimers({ toFake: ["Date", "performance"] });
    const users = crowd(5);
    const { audit, writes, sandbox } = await useAudit(
      source,
      { users },
      { maxWrites: { count: 2, windowMs: 600_000 } },
    );
    const changed: number[] = [];
    for (let run = 0; run < 3; run += 1) {
      const { report, text } = await audit({ emails: emailsOf(users), state: "SUSPENDED", fix: true });
      changed.push(report.fixes!.changed);
      if (run < 2) {
        expect(report.stopped).toMatchObject({
          code: "budget_exhausted",
          retryAfterMs: expect.any(Number) as number,
        });
        expect(text).toMatch(
          /Stopped by budget_exhausted.*Next: in \d+ s or later, make the same call again/,
        );
        expect(report.rows.filter(({ fix }) => fix?.outcome === "left")).toHaveLength(3 - run * 2);
      }
      vi.advanceTimersByTime(600_000);
    }
    expect(changed).toEqual([2, 2, 1]);
    expectWritten(writes(), sandbox.users);
  });

  test("a rate limit that nobody waits out stops the run, and the next one does what is left", async () => {
    const users = crowd(4);
    const { audit, sandbox, writes } = await useAudit(source, { users });
    const fault = { status: 429, headers: { "retry-after": "30" } };
    sandbox.setFaults([{ operation: "suspend", after: 2, do: { kind: "status", ...fault } }]);
    const { report, text } = await audit({ emails: emailsOf(users), state: "SUSPENDED", fix: true });
    expect(outcomesOf(report)).toEqual(["changed", "changed", "left", "left"]);
    expect(report.stopped).toMatchObject({ code: "rate_limited", retryAfterMs: 30_000 });
    expect(text).toContain("Next: in 30 s or later, make the same call again");
    const again = await audit({ emails: emailsOf(users), state: "SUSPENDED", fix: true });
    expect(again.report.fixes).toMatchObject({ changed: 2 });
    expect(sandbox.users.every(({ state }) => state === "SUSPENDED")).toBe(true);
    expectWritten(
      writes().filter(({ status }) => status === 200),
      sandbox.users,
    );
  });

  test("one person whom the server fails on does not keep the others back; two in a row end the run", async () => {
    const users = crowd(5);
    const emails = emailsOf(users);
    const { audit, sandbox } = await useAudit(source, { users });
    const broken = { operation: "suspend", do: { kind: "status", status: 500 } } as const;
    sandbox.setFaults([{ ...broken, after: 1 }]);
    const first = await audit({ emails: emails.slice(0, 3), state: "SUSPENDED", fix: true });
    expect(first.report.stopped).toBeUndefined();
    expect(outcomesOf(first.report)).toEqual(["changed", "unknown", "changed"]);
    expect(first.text).toMatch(/1 with an outcome that is not known\. Next: make the same call again/);
    sandbox.setFaults([{ ...broken, times: 2 }]);
    const second = await audit({ emails, state: "SUSPENDED", fix: true });
    expect(outcomesOf(second.report)).toEqual(["as_expected", "unknown", "as_expected", "unknown", "left"]);
    expect(second.report.stopped?.code).toBe("server_error");
    await audit({ emails, state: "SUSPENDED", fix: true });
    expect(sandbox.users.every(({ state }) => state === "SUSPENDED")).toBe(true);
  });

  test("somebody who cannot be read before the change is left, and nothing is said to have been sent", async () => {
    const users = crowd(3);
    const { audit, sandbox, writes } = await useAudit(source, { users });
    sandbox.setFaults([{ operation: "get", after: 1, do: { kind: "status", status: 500 } }]);
    const { report, text } = await audit({ emails: emailsOf(users), state: "SUSPENDED", fix: true });
    expect(outcomesOf(report)).toEqual(["changed", "left", "changed"]);
    expect(report.rows[1]!.fix?.code).toBe("server_error");
    expect(text).toContain("Of 3 to change: 2 changed, 1 left. Next: make the same call again");
    expect(writes()).toHaveLength(2);
  });

  test("an answer that is lost is found out, and nobody is told of as changed who is not", async () => {
    const users = crowd(4);
    const { audit, sandbox } = await useAudit(source, { users });
    sandbox.setFaults([
      { operation: "suspend", do: { kind: "close", when: "after" } },
      { operation: "suspend", do: { kind: "half" } },
      { operation: "suspend", do: { kind: "close", when: "before" } },
    ]);
    const { report } = await audit({ emails: emailsOf(users), state: "SUSPENDED", fix: true });
    expect(report.fixes).toMatchObject({ changed: 4 });
    for (const { fix, people: some } of report.rows) {
      expect(fix?.state).toBe(sandbox.users.find(({ id }) => id === some[0]!.id)!.state);
    }
  });

  test("an abort is thrown as it is, and the next run does what is left: nobody twice, nobody missed", async () => {
    const users = crowd(6);
    const { managerWith, sandbox, writes } = await useAudit(source, { users });
    const abort = new AbortController();
    const reason = new Error("the host gave up");
    const options = { emails: emailsOf(users), state: "SUSPENDED", fix: true } as const;
    const run = auditAccess(managerWith(), options, {
      signal: abort.signal,
      writer: (event) => {
        if (event.type === "write" && writes().length === 3) abort.abort(reason);
      },
    });
    await expect(run).rejects.toBe(reason);
    expect(writes()).toHaveLength(3);
    const report = await auditAccess(managerWith(), options);
    expect(report.fixes).toMatchObject({ changed: 3 });
    expect(report.counts).toMatchObject({ as_expected: 3, other_state: 3 });
    expectWritten(writes(), sandbox.users);
  });

  test("in a dry run each row says what would happen and what would stop it, and nothing is sent", async () => {
    const ask = vi.fn(approve);
    const { audit, writes } = await useAudit(
      source,
      {},
      { ...reactivating, dryRun: true, protect: ["other@example.com"], approval: { ask } },
    );
    const csv =
      "email,state\nother@example.com,\nleaver@example.com,\nback@example.com,active\nnobody@example.com,";
    const { report, text } = await audit({ csv, state: "SUSPENDED", fix: true, fix_reactivate: true });
    expect(inShort(report)).toEqual([
      "other@example.com other_state refused",
      "leaver@example.com other_state planned",
      "back@example.com other_state planned",
      "nobody@example.com not_in_account",
    ]);
    expect(rowOf(report, "leaver@example.com").fix?.note).toMatch(
      /It would suspend id [A-Z0-9]{26} \("Lea Ver" <leaver@example\.com>\)/,
    );
    expect(rowOf(report, "back@example.com").fix?.note).toMatch(/It would reactivate/);
    expect(rowOf(report, "other@example.com").fix?.code).toBe("protected");
    expect(report.fixes).toMatchObject({ planned: 2, refused: 1 });
    expect(text).toContain(
      "Of 3 to change: 2 only planned, because this is a dry run: nobody was changed, 1 refused.",
    );
    expect(text).toContain("Refused (1):\nline 2: other@example.com: protected: ");
    expect(text).toContain("Would be made SUSPENDED, ACTIVE now (1):");
    expect(text).toContain("Would be made ACTIVE, SUSPENDED now (1):");
    expect(writes()).toEqual([]);
    expect(ask).not.toHaveBeenCalled();
  });
});

test("a run ends with the first thing that would meet everybody else as well", async () => {
  const users = crowd(3);
  const sink = { write: () => Promise.reject(new Error("disk full")) };
  const { audit, writes } = await useAudit("the Users API", { users }, { audit: sink });
  const { report } = await audit({ emails: emailsOf(users), state: "SUSPENDED", fix: true });
  expect(report).toMatchObject({ stopped: { code: "audit_unavailable" }, fixes: { left: 3 } });
  expect(writes()).toEqual([]);
});

test("an answer that shows them as they were is no change, whatever its status", async () => {
  const { audit, sandbox, person } = await useAudit("the Users API");
  const { role: _role, ...body } = person("leaver@example.com");
  sandbox.setFaults([{ operation: "suspend", do: { kind: "body", body } }]);
  const { report, text } = await audit({ emails: ["leaver@example.com"], state: "SUSPENDED", fix: true });
  expect(report.rows[0]!.fix).toMatchObject({ outcome: "unknown", state: "ACTIVE" });
  expect(text).toMatch(/Outcome not known \(1\):\nline 1: leaver@example\.com: they are ACTIVE afterwards/);
});

test("an answer that shows another email than theirs is an outcome that is not known", async () => {
  const { audit, sandbox, person } = await useAudit("the Users API");
  const { role: _role, ...shown } = person("leaver@example.com");
  const body = { ...shown, email: "new.ceo@example.com", state: "SUSPENDED" };
  sandbox.setFaults([{ operation: "suspend", do: { kind: "body", body } }]);
  const { report, text } = await audit({ emails: ["leaver@example.com"], state: "SUSPENDED", fix: true });
  expect(report.rows[0]!.fix).toMatchObject({ outcome: "unknown" });
  expect(text).toMatch(
    /Outcome not known \(1\):\nline 1: leaver@example\.com: the answer shows another email than that of the person/,
  );
});

const refusal = { kind: "refused", code: "protected", text: "Not this one." } as const;
test.each([
  ["by an error", 1, () => Promise.reject(new ToolsetError("server_error", "The server went away."))],
  ["by a refusal", 2, () => Promise.resolve(refusal)],
])(
  "a change that ends %s after an abort is no outcome, and nobody else's is tried",
  async (_how, some, end) => {
    const abort = new AbortController();
    const reason = new Error("the host gave up");
    let calls = 0;
    const layer: Layer = () => () => {
      calls += 1;
      abort.abort(reason);
      return end();
    };
    const users = crowd(2);
    const { manager } = await useAudit("the Users API", { users }, { layers: [layer] });
    const run = auditAccess(
      manager,
      { emails: emailsOf(users).slice(0, some), state: "SUSPENDED", fix: true },
      { signal: abort.signal },
    );
    await expect(run).rejects.toBe(reason);
    expect(calls).toBe(1);
  },
);

test("a run that a budget stopped says in whole milliseconds when it can go on", async () => {
  const users = crowd(2);
  const { audit } = await useAudit(
    "the Users API",
    { users },
    { maxWrites: { count: 1, windowMs: 60_000.5 } },
  );
  const { report } = await audit({ emails: emailsOf(users), state: "SUSPENDED", fix: true });
  expect(report.stopped?.retryAfterMs).toSatisfy(Number.isInteger);
});

test("what could not be recorded of a change is told beside it", async () => {
  const sink = {
    write: ({ unmapped }: AuditRecord) => {
      if (unmapped.phase === "outcome") throw new Error("disk full");
    },
  };
  const { audit } = await useAudit("the Users API", {}, { audit: sink });
  const { text } = await audit({ emails: ["leaver@example.com"], state: "SUSPENDED", fix: true });
  expect(text).toMatch(
    /With a note \(1\):\nline 1: leaver@example\.com: The audit log could not record this/,
  );
});
