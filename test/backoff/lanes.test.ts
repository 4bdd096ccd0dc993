import { expect, it } from "vitest";
import type { GateRequest, Outcome } from "../../src/backoff/gate.js";
import { Lanes } from "../../src/backoff/lanes.js";

const { signal } = new AbortController();

async function callOnce(lanes: Lanes, account: string, outcome: Outcome): Promise<void> {
  const request: GateRequest = {
    account,
    priority: "normal",
    again: false,
    signal,
    maxWaitMs: 1_000,
    onWait: () => undefined,
  };
  const { settle } = await lanes.of(account).enter(request);
  settle(outcome);
}

it("accounts that nobody uses any more take no memory", async () => {
  const lanes = new Lanes();
  for (let n = 0; n < 5_000; n += 1) {
    await callOnce(lanes, `account-${n}`, { kind: "answered", headers: { "ratelimit-remaining": "3" } });
  }
  expect(lanes.size).toBeLessThanOrEqual(256);
});

it("a lane that is closed, or has a request in flight, is kept however many others come", async () => {
  const lanes = new Lanes();
  const closed = lanes.of("closed");
  await callOnce(lanes, "closed", { kind: "refused", headers: { "retry-after": "60" }, retryAfterMs: null });
  const busy = lanes.of("busy");
  const { settle } = await busy.enter({
    account: "busy",
    priority: "normal",
    again: false,
    signal,
    maxWaitMs: 1_000,
    onWait: () => undefined,
  });
  for (let n = 0; n < 2_000; n += 1) {
    await callOnce(lanes, `account-${n}`, { kind: "answered", headers: {} });
  }
  expect(lanes.of("closed")).toBe(closed);
  expect(lanes.of("busy")).toBe(busy);
  settle({ kind: "answered", headers: {} });
});
