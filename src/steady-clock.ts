/**
 * Milliseconds on a clock that only goes forward, whatever becomes of the time of day: for how long something takes
 * and when a stretch of time is over. It counts from some moment of this process, so that its values mean nothing to
 * another one and must not be stored.
 *
 * @see https://www.w3.org/TR/hr-time-3/#dfn-monotonic-clock
 */
export function steadyNow(): number {
  return performance.now();
}
