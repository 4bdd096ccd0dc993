import type { Serving } from "./serving.js";

/** How long calls that are under way may take to end, in milliseconds: longer than their patience. */
const longestStopMs = 50_000;

const exitCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Ends the process by SIGINT, by SIGTERM, when its terminal is closed (SIGHUP) or when there is nobody left to serve:
 * what is under way goes on to its end, bounded, and the exit code is 0. A second signal ends it at once.
 *
 * @param close - gives back what is held, once nothing is under way
 */
export function stopGracefully(
  serving: Serving,
  close: () => Promise<void>,
  note: (text: string) => void,
): void {
  let isStopping = false;

  async function stop(why: string): Promise<void> {
    note(`Stopping (${why}): calls that are under way go on to their end, new ones are refused.`);
    serving.refuseNew();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tooLong = new Promise<"late">((resolve) => {
      timer = setTimeout(() => resolve("late"), longestStopMs);
    });
    try {
      if ((await Promise.race([serving.idle(), tooLong])) === "late") {
        note(`warning: calls were still under way after ${longestStopMs / 1000} s, and are left.`);
      }
      await Promise.race([serving.close().then(close), tooLong]);
    } finally {
      clearTimeout(timer);
    }
  }

  const begin = (why: string) => {
    if (isStopping) return;
    isStopping = true;
    stop(why).then(
      () => process.exit(0),
      (error: unknown) => {
        note(`warning: stopping failed: ${error instanceof Error ? error.message : "no reason was given"}`);
        process.exit(1);
      },
    );
  };
  for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (isStopping) process.exit(exitCodes[signal]);
      begin(signal);
    });
  }
  void serving.ended.then(() => begin("the client has ended"));
}
