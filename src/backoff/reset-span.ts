/**
 * Between which two instants a window ends, as far as one or more answers tell: a reset is told in whole
 * seconds, and an answer takes time to arrive. On the gate's clock, in milliseconds.
 */
export interface ResetSpan {
  /** It ends after this. */
  readonly after: number;
  /** It is over by then: the moment that is safe to wait for. */
  readonly by: number;
}

/** Servers tell resets in whole seconds, most of them rounded up. */
const granularityMs = 1_000;

/**
 * The span that one answer tells.
 *
 * @param sentAt - when its request was sent: the server looked at its clock at some time from then on
 * @param receivedAt - and before this
 * @param resetMs - how far away the reset is, as told
 * @param allowanceMs - what to add for a server that was seen to round down
 */
export function resetSpan(
  sentAt: number,
  receivedAt: number,
  resetMs: number,
  allowanceMs: number,
): ResetSpan {
  // "0" is less than a second by any rounding, and nothing to spin on.
  const atMostMs = resetMs === 0 ? granularityMs : resetMs;
  return { after: sentAt + resetMs - granularityMs, by: receivedAt + atMostMs + allowanceMs };
}

/** Whether two spans can be about the same instant. */
export function isSameReset(a: ResetSpan, b: ResetSpan): boolean {
  return a.after < b.by && b.after < a.by;
}

/** What two answers about the same instant tell together: the tightest bounds of either. */
export function narrowed(a: ResetSpan, b: ResetSpan): ResetSpan {
  return { after: Math.max(a.after, b.after), by: Math.min(a.by, b.by) };
}
