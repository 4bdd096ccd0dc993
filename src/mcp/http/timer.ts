/**
 * Runs something later, without keeping a process alive for it where the runtime knows of that.
 *
 * @returns what stops it
 */
export function startTimer(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  const started: unknown = timer;
  // A number in workers and in Deno.
  if (typeof started === "object" && started !== null && "unref" in started) timer.unref();
  return () => clearTimeout(timer);
}

/** A promise for the end of so many milliseconds, and what stops the wait for it. */
export function timeUp(ms: number): { promise: Promise<"late">; stop: () => void } {
  let resolveLate: (late: "late") => void;
  const promise = new Promise<"late">((resolve) => (resolveLate = resolve));
  return { promise, stop: startTimer(ms, () => resolveLate("late")) };
}

/** Waits for something, but no longer than so many milliseconds. */
export async function atMost(ms: number, settled: Promise<unknown>): Promise<void> {
  const { promise: late, stop } = timeUp(ms);
  await Promise.race([settled, late]).finally(stop);
}
