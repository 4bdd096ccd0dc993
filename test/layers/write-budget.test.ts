import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ApprovalAnswer, ApprovalRequest } from "langchain-1password";
import { call, callAll, comingTogether, eachOnce, everyWay, jan, useGuarded } from "../support/guarded.js";

const hour = 3_600_000;
const many = Array.from({ length: 64 }, (_, index) => ({ email: `person.${index}@example.com` }));

/** How time passes, by the clock that only goes forward: as the test says, and not by itself. */
const clock = {
  now: 0,
  pass(ms: number) {
    this.now += ms;
  },
};
beforeEach(() => {
  vi.spyOn(performance, "now").mockImplementation(() => clock.now);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe.each(everyWay)("$source through $host", ({ source, host }) => {
  test("64 writes at once against a budget of 10 send exactly 10", async () => {
    const maxWrites = { count: 10, windowMs: hour };
    const protect = comingTogether(many.length);
    const { suspend, sandbox, writes } = await useGuarded(source, { maxWrites, protect }, { users: many });
    const turn = sandbox.users.map(({ id }) => ({ tool: suspend, args: { id } }));
    const outcomes = await callAll(host, [turn]);
    expect(writes()).toHaveLength(10);
    expect(sandbox.users.filter(({ state }) => state === "SUSPENDED")).toHaveLength(10);
    const codes = outcomes.map(({ code }) => code);
    expect(codes.filter((code) => code === null)).toHaveLength(10);
    expect(codes.filter((code) => code === "budget_exhausted")).toHaveLength(54);
  });

  test("past it, a person is asked where somebody can be, and told why", async () => {
    const ask = vi.fn(() => ({ decision: "approve" as const }));
    const { suspend, sandbox, writes } = await useGuarded(
      source,
      { maxWrites: { count: 1, windowMs: hour }, approval: { ask, when: "past-budget" } },
      { users: many },
    );
    const next = (index: number) => call(host, suspend, { id: sandbox.users[index]!.id });
    await next(0);
    expect(ask).not.toHaveBeenCalled();
    expect((await next(1)).report).toMatchObject({ changed: true });
    expect(ask).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({
        action: "suspend",
        consequence: expect.stringMatching(
          /Past the budget: 1 write was made in the last 1 h, and the budget \("maxWrites"\) is 1/,
        ) as string,
      }),
      expect.anything(),
    );
    expect(writes()).toHaveLength(2);
  });

  test("what had nothing to change is not counted", async () => {
    const { suspend, reactivate, person, writes } = await useGuarded(source, {
      maxWrites: { count: 1, windowMs: hour },
    });
    await call(host, suspend, { id: person(jan).id });
    await call(host, suspend, { id: person(jan).id });
    const { report } = await call(host, reactivate, { id: person(jan).id });
    expect(report).toMatchObject({ previous_state: "SUSPENDED", state: "ACTIVE", changed: true });
    expect(writes()).toHaveLength(1);
  });

  test("what was refused by the audit log is given back, for it was never sent", async () => {
    const audit = { write: vi.fn().mockRejectedValueOnce(new Error("disk full")) };
    const maxWrites = { count: 1, windowMs: hour };
    const { suspend, sandbox } = await useGuarded(source, { maxWrites, audit }, { users: many });
    const { id } = sandbox.users[0]!;
    expect((await call(host, suspend, { id })).code).toBe("audit_unavailable");
    expect((await call(host, suspend, { id })).report).toMatchObject({ changed: true });
  });

  test("a budget of none refuses every write, and names no time", async () => {
    const { suspend, sandbox, writes } = await useGuarded(source, {
      maxWrites: { count: 0, windowMs: 90_000 },
    });
    const { code, text } = await call(host, suspend, { id: sandbox.users[0]!.id });
    expect(code).toBe("budget_exhausted");
    expect(text).toMatch(/^0 of 0 writes in 90 s are used up.* Nothing was changed\. Next: report/);
    expect(writes()).toEqual([]);
  });
});

describe.each(eachOnce)("$source through $host", ({ source, host }) => {
  test("past it, a write is refused with the seconds to wait, until the window has slid on", async () => {
    const maxWrites = { count: 2, windowMs: hour };
    const { suspend, sandbox, writes } = await useGuarded(
      source,
      { maxWrites },
      { users: many, tokenTtlS: 86_400 },
    );
    const next = (index: number) => call(host, suspend, { id: sandbox.users[index]!.id });
    await next(0);
    clock.pass(600_000);
    await next(1);
    clock.pass(600_000);
    const refused = await next(2);
    expect(refused.code).toBe("budget_exhausted");
    expect(refused.text).toContain('2 of 2 writes in 1 h are used up ("maxWrites"). Nothing was changed.');
    expect(refused.text).toContain("The next one is possible in 2400 s. Next: report how far you came");
    expect(refused.text).toContain('"retry_after_s":2400}');
    clock.pass(2_399_999);
    expect((await next(2)).code).toBe("budget_exhausted");
    clock.pass(1);
    expect((await next(2)).report).toMatchObject({ changed: true });
    // Of the window's two, the second is still there: it slides, and does not begin anew.
    expect((await next(3)).text).toContain("possible in 600 s");
    expect(writes()).toHaveLength(3);
  });

  test.each([
    ["forward, and frees nothing early", 2 * hour],
    ["back, and neither fills it again nor holds it up", -2 * hour],
  ])("the time of day is set %s", async (_, shift) => {
    const maxWrites = { count: 1, windowMs: hour };
    const { suspend, sandbox, writes } = await useGuarded(
      source,
      { maxWrites },
      { users: many, tokenTtlS: 86_400 },
    );
    const next = (index: number) => call(host, suspend, { id: sandbox.users[index]!.id });
    await next(0);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + shift });
    clock.pass(hour - 1);
    expect((await next(1)).code).toBe("budget_exhausted");
    expect(writes()).toHaveLength(1);
    // A token of before would be over, by the time of day.
    vi.useRealTimers();
    clock.pass(1);
    expect((await next(1)).report).toMatchObject({ changed: true });
  });

  test("of several writes at once, those past what may be made without asking are asked for", async () => {
    const ask = vi.fn(({ person }: ApprovalRequest): ApprovalAnswer => ({
      decision: person?.email.includes("5") === true ? "approve" : "reject",
    }));
    const { suspend, sandbox, writes } = await useGuarded(
      source,
      { maxWrites: { count: 4, windowMs: hour }, approval: { ask, when: "past-budget" } },
      { users: many },
    );
    const turn = sandbox.users.slice(0, 16).map(({ id }) => ({ tool: suspend, args: { id } }));
    await callAll(host, [turn]);
    expect(ask).toHaveBeenCalledTimes(12);
    const approved = ask.mock.calls.filter(([{ person }]) => person?.email.includes("5"));
    expect(writes()).toHaveLength(4 + approved.length);
  });
});

describe.each(["Users API", "Truto"] as const)("%s", (source) => {
  test("what may have arrived stays counted, even where it failed", async () => {
    const { suspend, sandbox } = await useGuarded(
      source,
      { maxWrites: { count: 1, windowMs: hour } },
      { users: many, faults: [{ operation: "suspend", do: { kind: "status", status: 500 } }] },
    );
    const [one, other] = sandbox.users;
    expect((await call("tool.invoke", suspend, { id: one!.id })).code).toBe("server_error");
    expect((await call("tool.invoke", suspend, { id: other!.id })).code).toBe("budget_exhausted");
  });
});
