import fc from "fast-check";
import { afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { createBackoff } from "../../src/backoff/backoff.js";
import { RateLimitError } from "../../src/errors/rate-limit-error.js";
import { ToolsetError } from "../../src/errors/toolset-error.js";
import { FixedWindow, type WindowSetup } from "../bench/backoff-window.js";
import { contextOf } from "./http-client.js";
import { loadBackoff } from "../support/loaded-backoff.js";

beforeAll(loadBackoff);
beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

let sleeping = 0;
async function sleep(ms: number): Promise<void> {
  sleeping += 1;
  await new Promise((resolve) => setTimeout(resolve, ms));
  sleeping -= 1;
}

interface World extends WindowSetup {
  /** When each call begins, and how long its request and its answer are on the way. */
  calls: { at: number; up: number; down: number; urgent: boolean }[];
  /** When somebody else makes a request to the same account. */
  others?: number[];
  /** Which requests, by the order in which they leave, get no answer; and which calls are given up, and when. */
  broken?: Set<number>;
  aborts?: { call: number; at: number }[];
}

/** A server in virtual time, and calls to it through a gate. Ends when every call has. */
async function simulate({ calls, others = [], broken = new Set(), aborts = [], ...setup }: World) {
  vi.clearAllTimers();
  sleeping = 0;
  const server = new FixedWindow(setup);
  const backoff = createBackoff({ maxWaitMs: 10_000_000, maxAttempts: 50 });
  const start = Date.now();
  // What the client has been told of windows that are used up: nothing may leave before they end.
  let closedUntil = 0;
  let toldAt = 0;
  let refused = 0;
  let sent = 0;
  const controllers = calls.map(() => new AbortController());
  for (const at of others) void sleep(at).then(() => server.count(Date.now()));
  for (const { call, at } of aborts) void sleep(at).then(() => controllers[call]?.abort());
  const early: string[] = [];

  const one = async ({ at, up, down, urgent }: World["calls"][number], index: number) => {
    await sleep(at);
    const { signal } = controllers[index]!;
    const send = backoff(contextOf({ priority: urgent ? "urgent" : "normal", signal }));
    return send(
      async () => {
        // In the millisecond in which an answer arrives, a request may be on its way out already.
        if (Date.now() > toldAt && Date.now() < closedUntil)
          early.push(`${Date.now() - start}, before ${closedUntil - start}`);
        sent += 1;
        const isBroken = broken.has(sent);
        await sleep(up);
        const { status, remaining, windowEnd, headers } = server.count(Date.now());
        if (status === 429) refused += 1;
        await sleep(down);
        if (isBroken) throw new ToolsetError("network", "The connection broke.");
        if (remaining === 0 && windowEnd > closedUntil) {
          closedUntil = windowEnd;
          toldAt = Date.now();
        }
        if (status === 429) throw new RateLimitError("The server answered 429.", { headers });
        return { headers };
      },
      { idempotent: true },
    );
  };

  const progress = { ended: false };
  const all = Promise.allSettled(calls.map(one)).finally(() => (progress.ended = true));
  for (let steps = 0; !progress.ended; steps += 1) {
    if (steps > 10_000)
      throw new Error(`it stalls or spins: ${vi.getTimerCount()} timers at ${Date.now() - start} ms`);
    await vi.advanceTimersToNextTimerAsync();
  }
  const lost = (await all).filter(
    (end, call) => end.status === "rejected" && !controllers[call]!.signal.aborted,
  );
  return { lost: lost.length, refused, early, ms: Date.now() - start, timers: vi.getTimerCount() - sleeping };
}

const world = (headers: WindowSetup["headers"][]) =>
  fc.record<World>({
    limit: fc.integer({ min: 1, max: 25 }),
    windowMs: fc.integer({ min: 300, max: 8_000 }),
    headers: fc.constantFrom(...headers),
    calls: fc.array(
      fc.record({
        at: fc.integer({ min: 0, max: 6_000 }),
        up: fc.integer({ min: 0, max: 200 }),
        down: fc.integer({ min: 0, max: 200 }),
        urgent: fc.boolean(),
      }),
      { minLength: 1, maxLength: 60 },
    ),
  });

it("a server that tells its limit is never made to refuse, and no call leaves before the reset", async () => {
  await fc.assert(
    fc.asyncProperty(world(["draft-6", "draft-7", "draft-8", "epoch", "epoch-ms"]), async (given) => {
      const { lost, refused, early, ms, timers } = await simulate(given);
      expect({ lost, refused, early, timers }).toEqual({ lost: 0, refused: 0, early: [], timers: 0 });
      const windows = Math.ceil(given.calls.length / given.limit);
      // Each window may cost a second of rounding, and three ways there and back: the last, the probe's, the rest.
      expect(ms).toBeLessThanOrEqual(6_000 + windows * (given.windowMs + 1_000 + 3 * 400));
    }),
    { numRuns: 150 },
  );
});

it("a server that tells only when to come back, or nothing at all, loses no call either", async () => {
  await fc.assert(
    fc.asyncProperty(world(["retry-after", "none"]), async (given) => {
      const { lost, timers } = await simulate(given);
      expect({ lost, timers }).toEqual({ lost: 0, timers: 0 });
    }),
    { numRuns: 60 },
  );
});

it("neither others who use the account, nor broken connections, nor aborted calls make it stall or leave early", async () => {
  const times = fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(
      world(["draft-6", "draft-8", "epoch-ms", "retry-after"]),
      times,
      fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 10 }),
      fc.array(fc.record({ call: fc.nat(59), at: fc.nat(20_000) }), { maxLength: 10 }),
      async (given, others, broken, aborts) => {
        const { lost, early, timers } = await simulate({
          ...given,
          others,
          // Where windows are shorter than a second and somebody else uses them up, "1" can mean either of two.
          windowMs: Math.ceil(given.windowMs / 1000) * 1000,
          broken: new Set(broken),
          aborts,
        });
        // Told in whole seconds, and used up by somebody else while an answer is on its way, "1" can mean either of
        // two windows; then one request may leave too early, is refused, and goes again.
        const isExact = given.headers === "epoch-ms";
        expect({ lost, timers, early: isExact ? early : [] }).toEqual({ lost: 0, timers: 0, early: [] });
      },
    ),
    { numRuns: 100 },
  );
});
