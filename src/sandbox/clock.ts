import { setTimeout } from "node:timers/promises";

/** Milliseconds since the epoch, with fractions, from a clock that never goes back. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

/** Waits. A wait keeps no process alive: the listening server does that, until it is closed. */
export async function pause(milliseconds: number): Promise<void> {
  if (milliseconds > 0) await setTimeout(milliseconds, undefined, { ref: false });
}
