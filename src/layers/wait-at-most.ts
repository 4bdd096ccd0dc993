import type { Context } from "../call.js";
import { onAbort } from "../on-abort.js";

/**
 * How long a call waits for another one at most, in milliseconds: a call that is made from within the other one
 * must not wait for it for ever.
 */
const longestWaitMs = 30_000;

/** Waits until something has happened, the call is aborted or past its deadline, or it has taken too long. */
export async function waitAtMost(
  { signal, deadline }: Pick<Context, "signal" | "deadline">,
  happened: Promise<unknown>,
): Promise<void> {
  if (signal.aborted) return;
  let stop: (() => void) | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const given = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.min(longestWaitMs, deadline - Date.now()));
    stop = onAbort(signal, resolve);
  });
  await Promise.race([happened, given]);
  clearTimeout(timer);
  stop?.();
}
