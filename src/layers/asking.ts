import { longestTimerMs } from "../backoff/timer.js";
import { onAbort } from "../on-abort.js";

/** The time in which somebody is asked. */
export interface Asking {
  /** Aborts when the answer is not waited for any more, so that a question can be taken away. */
  readonly signal: AbortSignal;
  /** Rejects then, with the signal's reason. */
  readonly over: Promise<never>;
  /** Stops listening, once there is an answer. */
  readonly stop: () => void;
}

/**
 * Begins to ask somebody, until the first of several signals aborts or the request ends.
 *
 * @param until - such as the call's own signal
 * @param expiresAt - when the request ends, in milliseconds since the epoch
 * @param expired - the reason of an end by time
 */
export function beginAsking(until: readonly AbortSignal[], expiresAt: number, expired: () => Error): Asking {
  const asking = new AbortController();
  const { signal } = asking;
  const over = new Promise<never>((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
  // Nobody may be waiting for it any more.
  over.catch(() => undefined);
  const stops = until.map((one) => onAbort(one, () => asking.abort(one.reason)));
  const aborted = until.find((one) => one.aborted);
  if (aborted !== undefined) asking.abort(aborted.reason);
  const timer = setTimeout(() => asking.abort(expired()), Math.min(expiresAt - Date.now(), longestTimerMs));
  return {
    signal,
    over,
    stop() {
      clearTimeout(timer);
      for (const stop of stops) stop();
    },
  };
}
