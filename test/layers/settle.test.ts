import { describe, expect, test, vi } from "vitest";
import type { SandboxFault, SandboxFaultAction } from "langchain-1password/sandbox";
import {
  call,
  everyWay,
  michael,
  sources,
  useGuarded,
  type HostName,
  type SourceName,
} from "../support/guarded.js";
import { memoryAudit } from "../support/memory-audit.js";

const verbs = ["suspend", "reactivate"] as const;
type Verb = (typeof verbs)[number];
const states = { suspend: "SUSPENDED", reactivate: "ACTIVE" } as const;
const statesBefore = { suspend: "ACTIVE", reactivate: "SUSPENDED" } as const;

/** Makes one write of an account in which something goes wrong, and tells everything that can be seen of it. */
async function made(
  { source, host, verb }: { source: SourceName; host: HostName; verb: Verb },
  faults: readonly SandboxFault[],
  setup: { timeoutMs?: number; backoff?: boolean; withoutLooking?: boolean } = {},
) {
  const { timeoutMs = 10_000, backoff = false, withoutLooking = false } = setup;
  const audit = memoryAudit();
  const users = [{ email: michael, state: statesBefore[verb] }];
  const account = await useGuarded(source, withoutLooking ? {} : { audit, backoff }, {
    users,
    faults,
    timeoutMs,
  });
  const { id } = account.person(michael);
  const outcome = await call(host, account[verb], { id });
  const writes = account.writes().length;
  return { ...account, ...outcome, audit, sent: writes, state: () => account.person(michael).state };
}

const fault = (operation: SandboxFault["operation"], action: SandboxFaultAction, times = 1) =>
  ({ operation, do: action, times }) as SandboxFault;
const cut = (when: "before" | "after"): SandboxFaultAction => ({ kind: "close", when });

describe.each(everyWay)("$source through $host", ({ source, host }) => {
  // What asks by itself may not be repeated by others, who do not know whether that would do it twice.
  const isRepeated = source !== "a foreign tool";
  const verb: Verb = host === "createAgent" ? "reactivate" : "suspend";

  test("the wanted state, read after the answer was lost, is proof", async () => {
    const way = { source, host, verb };
    for (const action of [cut("after"), { kind: "half" } as const]) {
      const { report, state, sent, audit } = await made(way, [fault(verb, action)]);
      expect(report).toMatchObject({
        previous_state: statesBefore[verb],
        state: states[verb],
        changed: true,
        verified: true,
      });
      expect(state()).toBe(states[verb]);
      expect(sent).toBe(1);
      expect(audit.records.map(({ status }) => status)).toEqual(["Unknown", "Success"]);
    }
  });

  test("another state is no proof: what may be repeated is, once", async () => {
    const { report, code, text, state, sent, audit } = await made({ source, host, verb }, [
      fault(verb, cut("before")),
    ]);
    if (isRepeated) {
      expect(report).toMatchObject({ state: states[verb], changed: true, verified: true });
      expect(sent).toBe(2);
      expect(audit.records[1]).toMatchObject({ status: "Success", unmapped: { attempts: 2 } });
    } else {
      expect(code).toBe("outcome_unknown");
      expect(text).toContain(`read afterwards, they are ${statesBefore[verb]}, but the request may still`);
      expect(sent).toBe(1);
      expect(audit.records[1]).toMatchObject({ status: "Unknown", status_code: "outcome_unknown" });
    }
    expect(state()).toBe(isRepeated ? states[verb] : statesBefore[verb]);
  });

  test("where the repetition is lost as well, the outcome is said to be unknown", async () => {
    const { code, text, sent, audit } = await made({ source, host, verb }, [fault(verb, cut("before"), 2)]);
    expect(code).toBe("outcome_unknown");
    expect(text).toMatch(
      /Whether \w+ has changed the person "\w{26}" is not known: read afterwards, they are/,
    );
    expect(text).toMatch(
      isRepeated ? /Next: call get_single_1_password_user_by_id/ : /Next: (read|call get)/,
    );
    expect(text).not.toMatch(/nothing was changed/i);
    expect(sent).toBe(isRepeated ? 2 : 1);
    expect(audit.records[1]).toMatchObject({ status: "Unknown", severity_id: 3 });
  });

  test("where the person cannot be read either, nothing is claimed", async () => {
    for (const when of ["before", "after"] as const) {
      const { code, text, audit, sent } = await made({ source, host, verb }, [
        fault(verb, cut(when)),
        // The first reading, before the write, goes well.
        { ...fault("get", cut("before"), Infinity), after: 1 },
      ]);
      expect(code).toMatch(/^(network|server_error|outcome_unknown)$/);
      expect(text).not.toMatch(/nothing was (changed|sent)/i);
      if (isRepeated) expect(text).toMatch(/is not known/);
      expect(sent).toBe(1);
      expect(audit.records[1]).toMatchObject({ status: "Unknown", severity_id: 3 });
    }
  });

  test("an error is an answer: it is not repeated, and claims nothing", async () => {
    const { code, text, sent, state, audit } = await made({ source, host, verb }, [
      fault(verb, { kind: "status", status: 500 }),
    ]);
    expect(code).toBe("server_error");
    expect(text).not.toMatch(/nothing was (changed|sent)/i);
    expect(sent).toBe(1);
    expect(state()).toBe(statesBefore[verb]);
    expect(audit.records[1]).toMatchObject({ status: "Unknown", status_code: "server_error" });
  });

  test("a conflict with another cause than the state is an error, and not taken for done", async () => {
    const way = { source, host, verb: "suspend" } as const;
    const { code, state } = await made(way, [fault("suspend", { kind: "status", status: 409 })]);
    expect(code).toBe("invalid_argument");
    expect(state()).toBe("ACTIVE");
  });
});

test("an answer that comes too late is a lost one, whether or not the request took effect in time", async () => {
  const host = "tool.invoke";
  const ways = sources.flatMap((source) => verbs.map((verb) => ({ source, host, verb }) as const));
  // All at once, and with time enough for whatever is not late on purpose.
  const patience = { timeoutMs: 1000 };
  const ends = ways.map(async (way) => {
    const late = (when: "before" | "after") => [fault(way.verb, { kind: "delay", ms: 1800, when })];
    const [inTime, tooLate] = await Promise.all([
      made(way, late("after"), patience),
      made(way, late("before"), patience),
    ]);
    expect(inTime.report).toMatchObject({ state: states[way.verb], changed: true });
    expect(inTime.sent).toBe(1);
    if (way.source === "a foreign tool") expect(tooLate.code).toBe("outcome_unknown");
    else expect(tooLate.report).toMatchObject({ state: states[way.verb], changed: true });
    await vi.waitFor(() => expect(tooLate.state()).toBe(states[way.verb]), { timeout: 5000 });
  });
  await Promise.all(ends);
});

test.each(sources)("without a reading before, the state before stays unknown (%s)", async (source) => {
  const way = { source, host: "tool.invoke", verb: "suspend" } as const;
  const { report } = await made(way, [fault("suspend", cut("after"))], { withoutLooking: true });
  expect(report).toMatchObject({ previous_state: "unknown", state: "SUSPENDED", changed: null });
});

describe.each(["Users API", "Truto"] as const)("%s with backoff", (source) => {
  test("an attempt without an answer makes a conflict after it no conflict, and a refusal after it no proof", async () => {
    const way = { source, host: "tool.invoke", verb: "suspend" } as const;
    const refusal = fault("suspend", { kind: "status", status: 403 });
    const [repeated, refused] = await Promise.all([
      made(way, [fault("suspend", cut("after"))], { backoff: true }),
      made(way, [fault("suspend", cut("before")), refusal], { backoff: true }),
    ]);
    expect(repeated.report).toMatchObject({ previous_state: "ACTIVE", state: "SUSPENDED", changed: true });
    expect(repeated.sent).toBe(2);
    expect(repeated.audit.records[1]).toMatchObject({ status: "Success", unmapped: { attempts: 2 } });
    expect(refused.code).toBe("forbidden");
    expect(refused.text).not.toMatch(/nothing was changed/i);
    expect(refused.audit.records[1]).toMatchObject({ status: "Unknown", severity_id: 3 });
  });
});
