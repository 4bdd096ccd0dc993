/** Past this, a number of seconds is an instant (September 2001 on) rather than a duration (31 years). */
const smallestUnixSeconds = 1e9;
/** Past this, it is an instant in milliseconds (March 1973 on) rather than in seconds (until the year 5138). */
const smallestUnixMilliseconds = 1e11;
/** Clocks this close are taken for the same: `date` counts whole seconds and answers take their time. */
const toleratedSkewMs = 2_000;
/** An instant that is over for longer than this tells nothing of a limit that is still on. */
const staleMs = 60_000;
/** No limit lasts for more than a year: such a time is in another unit, and would shut the account for good. */
const farthestMs = 400 * 24 * 60 * 60 * 1000;

const days = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)";
const months = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)";
const clock = "\\d{2}:\\d{2}:\\d{2}";
const imfDate = new RegExp(`^${days}, \\d{2} ${months} \\d{4} ${clock} GMT$`);
const rfc850Date = new RegExp(`^${days}[a-z]*, \\d{2}-${months}-\\d{2} ${clock} GMT$`);
const asctimeDate = new RegExp(`^${days} ${months} [ \\d]\\d ${clock} \\d{4}$`);

/**
 * An HTTP date as milliseconds since the epoch, in the form that is sent today or one of the two that are
 * obsolete; `null` for anything else, such as an RFC 3339 date.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7
 */
export function parseHttpDate(value: string): number | null {
  const text = asctimeDate.test(value) ? `${value} GMT` : value;
  if (text === value && !imfDate.test(value) && !rfc850Date.test(value)) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : at;
}

/**
 * What time it is for the server: our own clock, unless the answer's `date` header shows that the two clocks
 * differ by more than two seconds. Instants that a server names are on its clock.
 */
export function serverTime(dateHeader: string | undefined, nowMs: number): number {
  const date = dateHeader === undefined ? null : parseHttpDate(dateHeader);
  return date !== null && Math.abs(date - nowMs) > toleratedSkewMs ? date : nowMs;
}

/**
 * How many milliseconds there are until a reset that is told as a plain number: seconds from now, Unix
 * seconds or Unix milliseconds, told apart by magnitude. `null` for what is none of them.
 */
export function untilReset(value: number, serverNowMs: number): number | null {
  if (!Number.isFinite(value) || value < 0) return null;
  if (value < smallestUnixSeconds) return untilInstant(value * 1000, 0);
  return untilInstant(value < smallestUnixMilliseconds ? value * 1000 : value, serverNowMs);
}

/** How many milliseconds there are until an instant: 0 if it is just over, `null` if it long is or is too far. */
export function untilInstant(atMs: number, serverNowMs: number): number | null {
  const ms = Math.ceil(atMs - serverNowMs);
  if (!(ms >= -staleMs && ms <= farthestMs)) return null;
  return Math.max(0, ms);
}
