import { isBubbleUp } from "../bubble-up.js";
import type { CallRequest, CallResult, Layer, Refusal } from "../call.js";
import { isToolsetError } from "../errors/toolset-error.js";
import { steadyNow } from "../steady-clock.js";
import type { WriteBudget } from "./guard-options.js";
import { refuse } from "./refuse.js";

/**
 * Bounds how many writes are made in a stretch of time, by two layers: one that asks for an approval when nothing
 * is left, or refuses, and may be run again; and one that counts, just before sending.
 *
 * @param canAsk - whether there is anybody to ask
 * @param taken - when each write was made by the steady clock, the oldest first; one for all doors to the same manager
 */
export function writeBudget(
  { count, windowMs }: WriteBudget,
  canAsk: boolean,
  taken: number[],
): { demand: Layer; take: Layer; left: (now: number) => number } {
  function left(now: number): number {
    while (taken[0] !== undefined && taken[0] <= now - windowMs) taken.shift();
    return count - taken.length;
  }

  function exhausted(now: number): Refusal {
    const oldest = count === 0 ? undefined : taken[0];
    const retryAfterMs = oldest === undefined ? undefined : oldest + windowMs - now;
    const when =
      retryAfterMs === undefined ? "" : ` The next one is possible in ${Math.ceil(retryAfterMs / 1000)} s.`;
    return {
      code: "budget_exhausted",
      text:
        `${taken.length} of ${count} writes in ${inWords(windowMs)} are used up ("maxWrites"). Nothing was changed.${when} ` +
        `Next: report how far you came to the person who gave you the task, and stop here.`,
      retryAfterMs,
    };
  }

  return {
    left,
    demand: (next) => (request) => {
      const now = steadyNow();
      if (left(now) >= sizeOf(request)) return next(request);
      if (!canAsk) return refuse(request, next, exhausted(now));
      const made = taken.length === 1 ? "1 write was" : `${taken.length} writes were`;
      request.context.needsApproval = `${made} made in the last ${inWords(windowMs)}, and the budget ("maxWrites") is ${count}`;
      return next(request);
    },
    take: (next) => (request) => counted(next, request),
  };

  async function counted(next: (request: CallRequest) => Promise<CallResult>, request: CallRequest) {
    const now = steadyNow();
    const size = sizeOf(request);
    if (left(now) < size && request.context.consent === undefined) {
      return { kind: "refused" as const, ...exhausted(now) };
    }
    for (let count = 0; count < size; count += 1) taken.push(now);
    try {
      return await next(request);
    } catch (error) {
      if (isBubbleUp(error) || (isToolsetError(error) && error.unsent && !error.inDoubt)) {
        const position = taken.indexOf(now);
        if (position >= 0) taken.splice(position, size);
      }
      throw error;
    }
  }
}

/** How many writes a call is: one for each user whom it concerns. */
function sizeOf({ context: { targets } }: CallRequest): number {
  if (targets.state === "known") return targets.users.length;
  return targets.state === "named" ? targets.names.length : 1;
}

function inWords(ms: number): string {
  if (ms % 3_600_000 === 0) return `${ms / 3_600_000} h`;
  return ms % 60_000 === 0 ? `${ms / 60_000} min` : `${ms / 1000} s`;
}
