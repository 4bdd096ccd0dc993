import { expect, it } from "vitest";
import {
  countAnswer,
  countStray,
  isFromNext,
  leftAtFirst,
  type Flight,
  type LaneWindow,
} from "../../src/backoff/lane-window.js";

const window: LaneWindow = {
  startedAt: 0,
  lastSentAt: 0,
  limit: 9,
  remaining: 5,
  reset: { after: 9_000, by: 10_000 },
  leastMs: 0,
  isTold: true,
  isWhole: true,
  succeeded: 1,
  refused: false,
  toldLimit: null,
};
const flight = (sentAt: number): Flight => ({ sentAt, round: null, window, remaining: 5 });
const silent = { limit: null, remaining: null, reset: null };

it("an answer belongs to the next window if its request left when this one was over", () => {
  expect(isFromNext(window, flight(9_999), silent)).toBe(false);
  expect(isFromNext(window, flight(10_000), silent)).toBe(true);
});

it("an answer belongs to the next window if its reset cannot be this one's", () => {
  const reset = (after: number) => ({ ...silent, reset: { after, by: after + 1_000 } });
  expect(isFromNext(window, flight(1), reset(9_500))).toBe(false);
  expect(isFromNext(window, flight(1), reset(10_000))).toBe(true);
});

it("an answer belongs to the next window if it leaves as much as was left before its request", () => {
  expect(isFromNext(window, flight(1), { ...silent, remaining: 4 })).toBe(false);
  expect(isFromNext(window, flight(1), { ...silent, remaining: 5 })).toBe(true);
});

it("successes are counted together for a minute where nothing limits them", () => {
  const open = { ...window, remaining: null, reset: null };
  expect(isFromNext(open, flight(60_000), silent)).toBe(false);
  expect(isFromNext(open, flight(60_001), silent)).toBe(true);
});

it("answers that overtook each other leave the least that one of them told", () => {
  const counted = { ...window };
  countAnswer(counted, flight(2), { ...silent, remaining: 2 });
  countAnswer(counted, flight(1), { ...silent, remaining: 3 });
  expect(counted.remaining).toBe(2);
});

it("a request that left in the last window counts here if its answer may come from here", () => {
  const current = { ...window, startedAt: 5_000 };
  countStray(current, { limit: 9, remaining: 1, reset: { after: 20_000, by: 21_000 } });
  expect(current.remaining, "of another window").toBe(5);
  countStray(current, { limit: 9, remaining: 1, reset: { after: 8_500, by: 9_500 } });
  expect(current.remaining).toBe(1);
  expect(current.reset, "which it must not shorten").toEqual({ after: 9_000, by: 10_000 });
});

it("a window whose later answers came first, and were taken for the last one's, has no more left than they told", () => {
  const last = { ...window, remaining: 3, lastSentAt: 40 };
  expect(leftAtFirst(last, { ...flight(40), window: last }, 8), "sent together").toBe(3);
  expect(leftAtFirst(last, { ...flight(41), window: last }, 8), "sent after all of them").toBe(8);
});
