import { onAbort } from "../on-abort.js";

/** The longest delay that timers can hold, about 25 days; Node fires at once what is longer. */
export const longestTimerMs = 2 ** 31 - 1;

/**
 * Waits, however long that is.
 *
 * @throws the signal's reason, at once, when it aborts
 */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    let handle: ReturnType<typeof setTimeout>;
    const stopWatching = onAbort(signal, () => {
      clearTimeout(handle);
      reject(signal.reason as Error);
    });
    const wait = (leftMs: number) => {
      handle = setTimeout(
        () => {
          if (leftMs > longestTimerMs) {
            wait(leftMs - longestTimerMs);
          } else {
            stopWatching();
            resolve();
          }
        },
        Math.min(leftMs, longestTimerMs),
      );
    };
    wait(ms);
  });
}
