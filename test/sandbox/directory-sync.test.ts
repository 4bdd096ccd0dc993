import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startSandbox, type Sandbox } from "../../src/sandbox/index.js";
import { useSandbox } from "../support/sandbox.js";
import { isScott, signedIn, someone, trutoRequest } from "./hand-written-requests.js";

// The server answers in real time; only what it waits for is up to the test.
beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

async function change(sandbox: Sandbox, verb: "suspend" | "reactivate", id: string): Promise<void> {
  const request = await signedIn(sandbox);
  expect((await request("POST", `/${id}:${verb}`)).status).toBe(200);
}

test("nobody is reactivated without a directory", async () => {
  const sandbox = await useSandbox();
  const { id } = someone(sandbox, isScott);
  await change(sandbox, "suspend", id);
  vi.runAllTimers();
  expect(someone(sandbox, isScott).state).toBe("SUSPENDED");
});

test("whoever is suspended is reactivated after that time, and not before", async () => {
  const sandbox = await useSandbox({ directorySync: { afterMs: 60_000 } });
  const scott = someone(sandbox, isScott);
  await change(sandbox, "suspend", scott.id);
  vi.advanceTimersByTime(59_999);
  expect(scott.state).toBe("SUSPENDED");
  vi.advanceTimersByTime(1);
  expect(scott.state).toBe("ACTIVE");
});

test("a suspension through Truto counts as much", async () => {
  const sandbox = await useSandbox({ directorySync: { afterMs: 60_000 } });
  const scott = someone(sandbox, isScott);
  await trutoRequest(sandbox, "POST", "/proxy/users/suspend", { body: { id: scott.id } });
  expect(scott.state).toBe("SUSPENDED");
  vi.advanceTimersByTime(60_000);
  expect(scott.state).toBe("ACTIVE");
});

test.each([
  [undefined, ["ACTIVE", "SUSPENDED", "SUSPENDED"]],
  [0, ["SUSPENDED", "SUSPENDED", "SUSPENDED"]],
  [2, ["ACTIVE", "ACTIVE", "SUSPENDED"]],
  [Infinity, ["ACTIVE", "ACTIVE", "ACTIVE"]],
])("with times: %s, somebody who is suspended again and again is then %j", async (times, expected) => {
  const sandbox = await useSandbox({
    directorySync: { afterMs: 60_000, ...(times === undefined ? {} : { times }) },
  });
  const scott = someone(sandbox, isScott);
  const states: string[] = [];
  while (states.length < expected.length) {
    await change(sandbox, "suspend", scott.id);
    vi.advanceTimersByTime(60_000);
    states.push(scott.state);
  }
  expect(states).toEqual(expected);
});

test("only those whom it names are in the directory, in any case", async () => {
  const sandbox = await useSandbox({
    directorySync: { afterMs: 60_000, emails: ["M.Scott@Example.com"] },
  });
  const scott = someone(sandbox, isScott);
  const other = someone(
    sandbox,
    (user) => !isScott(user) && user.role === "member" && user.state === "ACTIVE",
  );
  await change(sandbox, "suspend", scott.id);
  await change(sandbox, "suspend", other.id);
  vi.advanceTimersByTime(60_000);
  expect([scott.state, other.state]).toEqual(["ACTIVE", "SUSPENDED"]);
});

test("the time runs from the last suspension that changed anything", async () => {
  const sandbox = await useSandbox({ directorySync: { afterMs: 60_000 } });
  const scott = someone(sandbox, isScott);
  await change(sandbox, "suspend", scott.id);
  vi.advanceTimersByTime(30_000);
  await change(sandbox, "reactivate", scott.id);
  await change(sandbox, "suspend", scott.id);
  vi.advanceTimersByTime(30_000);
  expect(scott.state).toBe("SUSPENDED");
  await change(sandbox, "suspend", scott.id);
  vi.advanceTimersByTime(30_000);
  expect(scott.state).toBe("ACTIVE");
});

test("it keeps no process alive", async () => {
  vi.useRealTimers();
  const sandbox = await useSandbox({ directorySync: { afterMs: 60_000 } });
  const timers = vi.spyOn(globalThis, "setTimeout");
  await change(sandbox, "suspend", someone(sandbox, isScott).id);
  const timer = timers.mock.results.find((_, index) => timers.mock.calls[index]?.[1] === 60_000);
  timers.mockRestore();
  expect((timer?.value as NodeJS.Timeout).hasRef()).toBe(false);
});

test("it ends when the sandbox is closed, also for a suspension that takes effect after that", async () => {
  const sandbox = await startSandbox({
    directorySync: { afterMs: 60_000 },
    faults: [{ operation: "suspend", after: 1, do: { kind: "delay", ms: 50, when: "before" } }],
  });
  const scott = someone(sandbox, isScott);
  const other = someone(
    sandbox,
    (user) => !isScott(user) && user.role === "member" && user.state === "ACTIVE",
  );
  const request = await signedIn(sandbox);
  await request("POST", `/${scott.id}:suspend`);
  const unanswered = request("POST", `/${other.id}:suspend`).catch((error: unknown) => error);
  await vi.waitUntil(() => sandbox.requests.length === 3, { interval: 1 });
  await sandbox.close();
  expect(await unanswered).toBeInstanceOf(TypeError);
  await vi.waitUntil(() => other.state === "SUSPENDED", { interval: 1 });
  expect(vi.getTimerCount()).toBe(0);
  expect(scott.state).toBe("SUSPENDED");
});
