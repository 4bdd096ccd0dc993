import type { ProbeRound } from "./probe-round.js";
import { isSameReset, narrowed, type ResetSpan } from "./reset-span.js";
import type { CountedWindow } from "./window-estimate.js";

/** A window of the server's, as far as answers told of it. */
export interface LaneWindow extends CountedWindow {
  /** When the request left whose answer was the first from this window. */
  readonly startedAt: number;
  /** When the last of the requests left whose answers were counted in it. */
  lastSentAt: number;
  /** How many requests it takes; `null` where the server did not tell. */
  limit: number | null;
  /** When it ends; `null` where nobody knows. */
  reset: ResetSpan | null;
  /** The shortest that it can be, by what its first answer told. */
  readonly leastMs: number;
}

/** One request on its way, as the lane saw it leave. */
export interface Flight {
  readonly sentAt: number;
  /** The round of probes that it is part of; `null` for a request that left because there was room. */
  readonly round: ProbeRound | null;
  /** The window that it left in, and what was known to remain of that. */
  readonly window: LaneWindow | null;
  readonly remaining: number | null;
  /** For a request that left a closed lane to ask again: when the server had last said that it is to be closed. */
  readonly closedSince?: number;
}

/** What an answer tells of the window that its request was counted in; `null` for what it does not tell. */
export interface News {
  readonly limit: number | null;
  readonly remaining: number | null;
  readonly reset: ResetSpan | null;
}

/** How long successes are counted together while nothing limits them. */
const countingSpanMs = 60_000;

/** Whether a request left in a window that another has replaced since. */
export function isStale({ window, sentAt }: Flight, current: LaneWindow): boolean {
  return window !== null && window !== current && sentAt < current.startedAt;
}

/** Whether an answer comes from the window after this one. */
export function isFromNext(window: LaneWindow, flight: Flight, { remaining, reset }: News): boolean {
  if (window.reset !== null && flight.sentAt >= window.reset.by) return true;
  if (window.reset !== null && reset !== null && !isSameReset(window.reset, reset)) return true;
  if (window.remaining === null && flight.sentAt - window.startedAt > countingSpanMs) return true;
  return isSuccessor(window, flight, remaining);
}

/** Takes an answer into account that comes from this window. */
export function countAnswer(window: LaneWindow, flight: Flight, { limit, remaining, reset }: News): void {
  window.succeeded += 1;
  window.lastSentAt = Math.max(window.lastSentAt, flight.sentAt);
  if (reset !== null) window.reset = window.reset === null ? reset : narrowed(window.reset, reset);
  if (remaining === null) {
    useSlot(window);
    return;
  }
  // Answers overtake each other, and within a window what remains only shrinks.
  window.remaining = window.isTold ? Math.min(window.remaining ?? remaining, remaining) : remaining;
  window.isTold = true;
  window.limit = limit ?? window.limit;
}

/**
 * Takes an answer into account whose request left in the last window: it may have been counted in this one, and
 * a slot too few is better than a 429.
 */
export function countStray(window: LaneWindow, { remaining, reset }: News): void {
  if (remaining === null || window.reset === null || reset === null) return;
  if (isSameReset(window.reset, reset)) window.remaining = Math.min(window.remaining ?? remaining, remaining);
}

/** Takes a request into account of which nobody knows whether it was counted. */
export function useSlot(window: LaneWindow): void {
  if (window.remaining !== null) window.remaining = Math.max(0, window.remaining - 1);
}

/** What remains of a new window: answers from it that overtook its first one were counted in the last. */
export function leftAtFirst(last: LaneWindow | null, flight: Flight, remaining: number): number {
  if (last?.remaining == null || !isSuccessor(last, flight, remaining)) return remaining;
  return last.lastSentAt >= flight.sentAt ? Math.min(remaining, last.remaining) : remaining;
}

/** A request that left when five remained, and hears that five remain, is not in the same window any more. */
function isSuccessor(window: LaneWindow, flight: Flight, remaining: number | null): boolean {
  if (!window.isTold || remaining === null || flight.window !== window) return false;
  return flight.remaining !== null && remaining >= flight.remaining;
}
