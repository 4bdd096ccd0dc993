import { expect, test, describe } from "vitest";
import type { ApprovalRequest, Layer } from "langchain-1password";
import {
  admin,
  call,
  callAll,
  comingTogether,
  dwight,
  everyWay,
  jan,
  michael,
  sources,
  useGuarded,
} from "../support/guarded.js";
import type { Guarded, GuardedOptions } from "../support/guarded.js";
import { memoryAudit } from "../support/memory-audit.js";

const approve = () => ({ decision: "approve" as const });

describe.each(everyWay)("$source through $host", ({ source, host }) => {
  test("a write is read, judged, passed on, asked for, read afresh, recorded, sent and recorded, in this order", async () => {
    const trace: string[] = [];
    const look: { at?: Guarded } = {};
    const note = (what: string) => {
      trace.push(`${what} after ${look.at!.reads().length} reads and ${look.at!.writes().length} writes`);
    };
    const layer: Layer = (next) => async (request) => {
      note("a layer of one's own");
      const result = await next(request);
      note("back in it");
      return result;
    };
    const options: GuardedOptions = {
      protect: () => {
        note("judged");
        return false;
      },
      maxWrites: { count: 0, windowMs: 60_000 },
      approval: {
        ask: ({ consequence }: ApprovalRequest) => {
          note(consequence.includes("Past the budget") ? "asked for the budget" : "asked");
          return approve();
        },
      },
      audit: memoryAudit(({ unmapped }) => note(unmapped.phase)),
      layers: [layer],
    };
    look.at = await useGuarded(source, options);
    await call(host, look.at.suspend, { id: look.at.person(michael).id, expected_email: michael });
    // A foreign tool's answer is looked up afterwards, and `guard` takes no layers.
    const isForeign = source === "a foreign tool";
    const last = isForeign ? "3 reads and 1 writes" : "2 reads and 1 writes";
    expect(trace).toEqual([
      "judged after 1 reads and 0 writes",
      ...(isForeign ? [] : ["a layer of one's own after 1 reads and 0 writes"]),
      "asked for the budget after 1 reads and 0 writes",
      "intent after 2 reads and 0 writes",
      `outcome after ${last}`,
      ...(isForeign ? [] : [`back in it after ${last}`]),
    ]);
  });
});

describe.each(sources)("of several guards that would stop a write (%s)", (source) => {
  const everything: GuardedOptions = {
    protect: [admin],
    maxWrites: { count: 0, windowMs: 60_000 },
    approval: { ask: () => ({ decision: "reject" }) },
    audit: { write: () => Promise.reject(new Error("disk full")) },
  };
  const thread = { configurable: { thread_id: "a" } };

  async function codeWith(options: GuardedOptions, expected: string, times = 1) {
    const { suspend, person } = await useGuarded(source, options);
    const args = { id: person(admin).id, expected_email: expected };
    let code;
    for (let time = 0; time < times; time += 1) {
      ({ code } = await call("tool.invoke", suspend, args, thread));
    }
    return code;
  }

  test("the one before the others in this order speaks", async () => {
    const { protect: _protect, ...unprotected } = everything;
    const { approval, ...unasked } = unprotected;
    const { maxWrites: _maxWrites, ...unbounded } = unprotected;
    const approved = { ...unbounded, approval: { ask: approve } };
    expect(await codeWith(everything, jan, 2)).toBe("repeated");
    expect(await codeWith(everything, jan)).toBe("identity_mismatch");
    expect(await codeWith(everything, admin)).toBe("protected");
    expect(await codeWith(unasked, admin)).toBe("budget_exhausted");
    expect(await codeWith({ ...unasked, approval, dryRun: true }, admin)).toBeNull();
    expect(await codeWith(unbounded, admin)).toBe("approval_rejected");
    expect(await codeWith(approved, admin)).toBe("audit_unavailable");
    expect(await codeWith({ ...approved, audit: memoryAudit() }, admin)).toBe("forbidden");
  });

  test("what stands before the approval may run again: nothing of it is counted, recorded or sent twice", async () => {
    const audit = memoryAudit();
    const signal = Object.assign(new Error("come back later"), { is_bubble_up: true });
    const answers = [signal, signal, approve()];
    const { suspend, person, writes } = await useGuarded(source, {
      maxWrites: { count: 0, windowMs: 60_000 },
      audit,
      approval: {
        ask: () => {
          const answer = answers.shift();
          if (answer instanceof Error) throw answer;
          return answer!;
        },
      },
    });
    const args = { id: person(michael).id };
    for (let time = 0; time < 2; time += 1) {
      const { thrown } = await call("tool.invoke", suspend, args, thread);
      expect(thrown).toBe(signal);
    }
    const { report } = await call("tool.invoke", suspend, args, thread);
    expect(report).toMatchObject({ changed: true });
    expect(writes()).toHaveLength(1);
    expect(audit.told()).toEqual(["intent", "outcome"]);
  });

  test("a place in the budget is taken before the intent, so that no intent is left without a write", async () => {
    const audit = memoryAudit();
    const users = Array.from({ length: 8 }, (_, index) => ({ email: `person.${index}@example.com` }));
    const { suspend, sandbox, writes } = await useGuarded(
      source,
      { maxWrites: { count: 3, windowMs: 60_000 }, protect: comingTogether(users.length), audit },
      { users },
    );
    await callAll("tool.invoke", [sandbox.users.map(({ id }) => ({ tool: suspend, args: { id } }))]);
    const told = audit.told().sort();
    expect(told).toEqual([
      ...Array<string>(5).fill("decision budget_exhausted"),
      ...Array<string>(3).fill("intent"),
      ...Array<string>(3).fill("outcome"),
    ]);
    expect(writes()).toHaveLength(3);
  });

  test("a lost answer is cleared up before the outcome is recorded", async () => {
    const audit = memoryAudit();
    const faults = [
      { operation: "suspend" as const, do: { kind: "close" as const, when: "after" as const } },
    ];
    const { suspend, person } = await useGuarded(source, { audit }, { faults });
    await call("tool.invoke", suspend, { id: person(dwight).id });
    expect(audit.records.map(({ status }) => status)).toEqual(["Unknown", "Success"]);
    expect(audit.records[1]?.unmapped).toMatchObject({
      previous_state: "ACTIVE",
      state: "SUSPENDED",
      changed: true,
    });
  });
});
