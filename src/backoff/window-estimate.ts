/** What was counted in a window whose server does not tell how much of it is left. */
export interface CountedWindow {
  /** How many more may be sent; `null` where nothing is known to limit them. */
  remaining: number | null;
  /** Whether the server told what remains, so that nothing needs to be estimated. */
  isTold: boolean;
  /** Whether it was counted from its first request on. */
  readonly isWhole: boolean;
  /** How many requests got through. */
  succeeded: number;
  /** Whether a request was refused in it. */
  refused: boolean;
  /** The limit that the refusals named, if they did. */
  toldLimit: number | null;
}

/** How fast an estimate grows that a whole window of counting confirmed, and one that none did. */
const confirmedGrowth = 1.1;
const guessedGrowth = 2;

/**
 * How many requests the next window takes, judging by the last one. What was refused shows where the limit is;
 * what was used up without a refusal shows that it may lie higher.
 *
 * @param estimate - by which the last window was paced; `null` where it was not
 */
export function estimateAfter(window: CountedWindow, estimate: number | null): number | null {
  if (window.isTold) return estimate;
  if (window.refused) {
    // The first time, somebody else may have used a part of the window; then the server knows better.
    if (estimate === null && window.toldLimit !== null) return Math.max(1, window.toldLimit);
    return Math.max(1, window.succeeded);
  }
  if (estimate === null || window.remaining !== 0) return estimate;
  return Math.ceil(estimate * (window.isWhole ? confirmedGrowth : guessedGrowth));
}
