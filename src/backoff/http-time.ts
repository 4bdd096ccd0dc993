/** Past this, a number of seconds is an instant (September 2001 on) rather than a duration (31 years). */
const smallestUnixSeconds = 1e9;
/** From here on, an instant is in milliseconds (March 1973 on) rather than in seconds (until the year 5138). */
const smallestUnixMilliseconds = 1e11;
/** By the same rule, where microseconds and nanoseconds begin. */
const smallestUnixMicroseconds = 1e14;
const smallestUnixNanoseconds = 1e17;
/** Clocks this close are taken for the same: `date` counts whole seconds and answers take their time. */
const toleratedSkewMs = 2_000;
/** An instant that is over for longer than this tells nothing of a limit that is still on. */
const staleMs = 60_000;
/** No limit lasts for more than a year: such a time is in another unit, and would shut the account for good. */
const farthestMs = 400 * 24 * 60 * 60 * 1000;

const monthNames = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const day = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}";
const month = "(?<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)";
const clock = "(?<hour>\\d{2}):(?<minute>\\d{2})(?::(?<second>\\d{2})(?:\\.(?<fraction>\\d{1,9}))?)?";
const zone = "(?:(?:Z|UTC?|GMT)|(?:UTC|GMT)?(?<offset>[+-]\\d{2}:?\\d{2})(?: (?:UTC|GMT))?)";

/** RFC 9110's IMF-fixdate, its obsolete RFC 850 form, and RFC 1123 dates as other languages write them. */
const httpDate = new RegExp(
  `^(?:${day}, ?)?(?<day>\\d{1,2})[ -]${month}[ -](?<year>\\d{4}|\\d{2}) ${clock} ?${zone}$`,
  "i",
);
const asctimeDate = new RegExp(
  `^${day} ${month} {1,2}(?<day>\\d{1,2}) ${clock}(?: (?:UTC|GMT))? (?<year>\\d{4})$`,
  "i",
);
/** JavaScript's own. */
const dateString = new RegExp(
  `^${day} ${month} (?<day>\\d{2}) (?<year>\\d{4}) ${clock} ${zone}(?: \\([^)]{1,60}\\))?$`,
  "i",
);
const rfc3339Time = new RegExp(
  `^(?<year>\\d{4})-(?<monthNumber>\\d{2})-(?<day>\\d{2})[T ]${clock} ?${zone}$`,
  "i",
);
/** All but `asctime`'s name their zone: without one, nobody knows it. */
const instantForms = [httpDate, asctimeDate, dateString, rfc3339Time];

/**
 * An instant as milliseconds since the epoch: an HTTP date in the form that is sent today or one of the two that are
 * obsolete, its zone by name or by number, or an RFC 3339 time. `null` for anything else, such as a time without a
 * zone.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7
 * @see https://www.rfc-editor.org/rfc/rfc3339#section-5.6
 */
export function parseInstant(value: string): number | null {
  for (const form of instantForms) {
    const parts = form.exec(value)?.groups;
    if (parts !== undefined) return instantOf(parts);
  }
  return null;
}

function instantOf(parts: Readonly<Record<string, string | undefined>>): number | null {
  const number = (name: string) => Number(parts[name] ?? 0);
  const year = parts.year?.length === 2 ? fullYear(number("year")) : number("year");
  const monthIndex =
    parts.month === undefined ? number("monthNumber") - 1 : monthNames.indexOf(parts.month.toLowerCase());
  const midnight = Date.UTC(year, monthIndex, number("day"));
  const isDay = new Date(midnight).getUTCMonth() === monthIndex && number("day") > 0;
  // A leap second is the first of the next minute.
  if (!isDay || number("hour") > 23 || number("minute") > 59 || number("second") > 60) return null;
  const seconds = (number("hour") * 60 + number("minute")) * 60 + number("second");
  const fraction = Math.floor(Number(`0.${parts.fraction ?? 0}`) * 1000);
  return midnight + seconds * 1000 + fraction - offsetMs(parts.offset);
}

/** RFC 850's years have two digits; none of them is meant to be long over. */
function fullYear(twoDigits: number): number {
  return twoDigits < 70 ? 2000 + twoDigits : 1900 + twoDigits;
}

function offsetMs(offset = "+0000"): number {
  const digits = offset.slice(1).replace(":", "");
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return (offset.startsWith("-") ? -minutes : minutes) * 60_000;
}

/**
 * What time it is for the server: our own clock, unless the answer's `date` header shows that the two clocks
 * differ by more than two seconds. Instants that a server names are on its clock.
 */
export function serverTime(dateHeader: string | undefined, nowMs: number): number {
  const date = dateHeader === undefined ? null : parseInstant(dateHeader);
  return date !== null && Math.abs(date - nowMs) > toleratedSkewMs ? date : nowMs;
}

/**
 * How many milliseconds there are until a reset that is told as a plain number: seconds from now, or Unix time in
 * seconds, milliseconds, microseconds or nanoseconds, told apart by magnitude. `null` for what is none of them.
 */
export function untilReset(value: number, serverNowMs: number): number | null {
  if (!Number.isFinite(value) || value < 0) return null;
  if (value < smallestUnixSeconds) return untilInstant(value * 1000, 0);
  if (value < smallestUnixMilliseconds) return untilInstant(value * 1000, serverNowMs);
  if (value < smallestUnixMicroseconds) return untilInstant(value, serverNowMs);
  return untilInstant(value / (value < smallestUnixNanoseconds ? 1e3 : 1e6), serverNowMs);
}

/** How many milliseconds there are until an instant: 0 if it is just over, `null` if it long is or is too far. */
export function untilInstant(atMs: number, serverNowMs: number): number | null {
  const ms = Math.ceil(atMs - serverNowMs);
  if (!(ms >= -staleMs && ms <= farthestMs)) return null;
  return Math.max(0, ms);
}
