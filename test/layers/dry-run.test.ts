import { describe, expect, test, vi } from "vitest";
import { call, callAll, everyWay, jan, michael, useGuarded } from "../support/guarded.js";
import { memoryAudit } from "../support/memory-audit.js";

describe.each(everyWay)("$source through $host", ({ source, host }) => {
  test("says what would change, reads what it has to, writes nothing and asks nobody", async () => {
    const ask = vi.fn();
    const audit = memoryAudit();
    const options = { dryRun: true, approval: { ask }, audit, maxWrites: { count: 1, windowMs: 60_000 } };
    const { suspend, person, writes, reads } = await useGuarded(source, options);
    const { id } = person(michael);
    for (let time = 0; time < 2; time += 1) {
      const { text, code, artifact } = await call(host, suspend, { id, expected_email: michael });
      expect(code).toBeNull();
      expect(text).toBe(
        `Dry run: nothing was sent and nothing was changed. It would suspend id ${id} ("Michael Scott" <${michael}>), ` +
          `who is ACTIVE and would be SUSPENDED. A person would have been asked first.`,
      );
      expect(artifact).toMatchObject({ data: { kind: "planned" }, status: null });
    }
    expect(reads()).toHaveLength(2);
    expect(writes()).toEqual([]);
    expect(ask).not.toHaveBeenCalled();
    expect(audit.told()).toEqual(["decision dry_run", "decision dry_run"]);
    expect(audit.records[0]).toMatchObject({ status: "Other", status_id: 99, user: { uid: id } });
    expect(person(michael).state).toBe("ACTIVE");
  });

  test("names everything that would have stopped it", async () => {
    const { suspend, reactivate, person, writes } = await useGuarded(source, {
      dryRun: true,
      protect: ["*@example.com"],
      maxWrites: { count: 0, windowMs: 60_000 },
    });
    const args = { id: person(michael).id, expected_email: jan };
    const outcomes = await callAll(host, [[suspend, reactivate].map((tool) => ({ tool, args }))]);
    expect(outcomes).toHaveLength(2);
    for (const { text, code } of outcomes) {
      expect(code).toBeNull();
      const [, stops = ""] = text.split(" It would have been stopped by ");
      expect(stops.split(" And by ").map((stop) => stop.split(":", 1).join(""))).toEqual([
        "identity_mismatch",
        "protected",
        "budget_exhausted",
      ]);
      expect(text.match(/nothing was changed/gi)).toHaveLength(1);
      expect(text).not.toMatch(/Next: |"code"/);
    }
    expect(writes()).toEqual([]);
  });

  test("does not say whose id it is that another email was expected for", async () => {
    const options = { dryRun: true, protect: ["*@example.com"], approval: { ask: vi.fn() } };
    const { suspend, person } = await useGuarded(source, options);
    const { id } = person(michael);
    const { text, artifact } = await call(host, suspend, { id, expected_email: jan });
    expect(text).toContain(`It would suspend id ${id}, who is ACTIVE`);
    expect(text).toContain(`protected: id ${id} is protected`);
    expect(`${text} ${JSON.stringify(artifact)}`).not.toMatch(/Michael|m\.scott/);
  });

  test("says that a person would be asked where only the budget makes it necessary", async () => {
    const ask = vi.fn();
    const { suspend, person } = await useGuarded(source, {
      dryRun: true,
      maxWrites: { count: 0, windowMs: 60_000 },
      approval: { ask, when: "past-budget" },
    });
    const { text } = await call(host, suspend, { id: person(michael).id });
    expect(text).toMatch(/would be SUSPENDED\. A person would have been asked first: 0 writes were made/);
    expect(ask).not.toHaveBeenCalled();
  });

  test("finds that nothing would change, as a real run does", async () => {
    const { suspend, person } = await useGuarded(source, { dryRun: true });
    const { report } = await call(host, suspend, { id: person(jan).id });
    expect(report).toMatchObject({ changed: false, note: "already suspended, nothing changed" });
  });

  test("fails where a real run would fail before it writes, and lets reads through", async () => {
    const { suspend, get, person, reads } = await useGuarded(source, { dryRun: true });
    expect((await call(host, suspend, { id: "A".repeat(26) })).code).toBe("not_found");
    const before = reads().length;
    expect((await call(host, get, { id: person(michael).id })).text).toContain(michael);
    expect(reads()).toHaveLength(before + 1);
  });
});
