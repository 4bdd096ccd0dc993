import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { SandboxFault, SandboxFaultAction } from "langchain-1password/sandbox";
import { call, everyWay, michael, useGuarded } from "../support/guarded.js";
import { memoryAudit } from "../support/memory-audit.js";

const verbs = ["suspend", "reactivate"] as const;
const states = { suspend: "SUSPENDED", reactivate: "ACTIVE" } as const;

const action: fc.Arbitrary<SandboxFaultAction> = fc.oneof(
  fc.constantFrom<SandboxFaultAction>({ kind: "close", when: "after" }, { kind: "half" }),
  fc.constantFrom<SandboxFaultAction>(
    { kind: "close", when: "before" },
    { kind: "html", status: 200 },
    { kind: "html", status: 502 },
    { kind: "body", body: {} },
    { kind: "body", body: { id: "A".repeat(26), email: "x@example.com", state: "SUSPENDED" } },
    { kind: "headers", headers: { "x-request-id": "req-1" } },
  ),
  fc
    .constantFrom(400, 401, 403, 404, 409, 429, 500, 503)
    .map((status): SandboxFaultAction => ({ kind: "status", status })),
);
const fault: fc.Arbitrary<SandboxFault> = fc.record({
  operation: fc.constantFrom("suspend", "suspend", "reactivate", "reactivate", "get", "get", "get", "token"),
  after: fc.constantFrom(0, 0, 1, 2),
  times: fc.constantFrom(1, 2, Infinity),
  do: action,
});
const schedule = fc.record({
  faults: fc.array(fault, { minLength: 1, maxLength: 6 }),
  state: fc.constantFrom("ACTIVE", "SUSPENDED"),
  calls: fc.array(fc.record({ verb: fc.constantFrom(...verbs), isNamed: fc.boolean() }), {
    minLength: 1,
    maxLength: 3,
  }),
});

describe.each(everyWay)("$source through $host", ({ source, host }) => {
  test("whatever goes wrong on the way, no result contradicts the account, and no write goes without a record", async () => {
    await fc.assert(
      fc.asyncProperty(schedule, async ({ faults, state, calls }) => {
        const audit = memoryAudit();
        const users = [{ email: michael, state }];
        const account = await useGuarded(source, { audit }, { users });
        const person = account.person(michael);
        account.sandbox.setFaults(faults);
        for (const { verb, isNamed } of calls) {
          const before = {
            state: person.state,
            writes: account.writes().length,
            records: audit.records.length,
          };
          const args = { id: person.id, ...(isNamed ? { expected_email: michael } : {}) };
          const { report, code, text } = await call(host, account[verb], args);
          const sent = account.writes().length - before.writes;
          const records = audit.records.slice(before.records);
          const phases = records.map(({ unmapped }) => unmapped.phase);
          expect(phases).toEqual(phases[0] === "intent" ? ["intent", "outcome"] : ["decision"]);
          if (sent > 0) expect(phases).toContain("intent");
          const end = records.at(-1)!;
          if (code === null) {
            const isDone = report?.state === states[verb];
            const isSeen = report?.state !== "unknown";
            expect(report).toMatchObject({
              previous_state: before.state,
              state: isSeen ? person.state : "unknown",
              changed: isSeen ? before.state !== person.state : null,
              verified: isDone,
            });
            const was = before.state === states[verb] ? "Other" : "Success";
            expect(end.status).toBe(isDone ? was : "Unknown");
            expect(end.unmapped.state).toBe(report?.state);
            if (!isDone) expect(report?.note).toMatch(/answer(ed|.* was a success), but /);
          } else {
            if (/nothing was (changed|sent)|this one did nothing/i.test(text)) {
              expect(person.state).toBe(before.state);
            }
            expect(end.status).not.toBe("Success");
            if (end.status === "Failure") expect(person.state).toBe(before.state);
          }
        }
      }),
      { numRuns: process.env.TEST_FULL ? 100 : 6 },
    );
  }, 60_000);
});
