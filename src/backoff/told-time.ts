import { parseInstant, untilInstant, untilReset } from "./http-time.js";
import { splitOutsideQuotes } from "./field-values.js";

/** No header with times is longer; what is, is no such header. */
const longestField = 500;

const secondMs = 1_000;
const minuteMs = 60_000;
const hourMs = 3_600_000;
const dayMs = 86_400_000;

/** The units that durations are told in, in milliseconds. */
const units: readonly (readonly [names: string, ms: number])[] = [
  ["ns nanosecond nanoseconds", 1e-6],
  ["us µs μs microsecond microseconds", 1e-3],
  ["ms msec msecs millisecond milliseconds", 1],
  ["s sec secs second seconds", secondMs],
  ["m min mins minute minutes", minuteMs],
  ["h hr hrs hour hours", hourMs],
  ["d day days", dayMs],
];
const unitMs = new Map(units.flatMap(([names, ms]) => names.split(" ").map((name) => [name, ms] as const)));

const plainNumber = /^\d{1,20}(?:\.\d{1,20})?$/;
const isoDuration = /^P(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?)?$/i;
const dayName = /^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}$/i;

/**
 * The waits that a field tells, in milliseconds from now, in the order in which they stand there; a field that was
 * sent several times is one with commas. Each may be
 *
 * - a number of seconds, with a fraction or without, or a Unix time, see {@link untilReset}
 * - a duration with units, as Go writes them (`6m0s`), in words (`30 seconds`) or by ISO 8601 (`PT30S`)
 * - an instant, see {@link parseInstant}
 *
 * in quotes or not, parameters after a semicolon aside.
 *
 * @param perSecond - how many of its units are a second, for a field that tells plain numbers in another unit
 * @returns only `null`s where anything in the field cannot be read: a piece of what is not understood may look like a
 * shorter wait than was meant
 */
export function waitsIn(field: string, serverNowMs: number, perSecond = 1): (number | null)[] {
  const values = field.length > longestField ? [""] : valuesIn(field);
  const waits = values.map((value) => waitOf(value, serverNowMs, perSecond));
  return waits.includes(null) ? values.map(() => null) : waits;
}

/** The wait that one value tells, in milliseconds from now; `null` where it cannot be read. */
export function waitOf(text: string, serverNowMs: number, perSecond = 1): number | null {
  if (text.length > longestField) return null;
  const value = bare(text);
  if (plainNumber.test(value)) return untilReset(Number(value) / perSecond, serverNowMs);
  const duration = durationMs(value);
  if (duration !== null) return untilInstant(duration, 0);
  const instant = parseInstant(value);
  return instant === null ? null : untilInstant(instant, serverNowMs);
}

/** Without the parameters behind a semicolon, and without quotes around it. */
function bare(text: string): string {
  const [value = ""] = splitOutsideQuotes(text, ";");
  const trimmed = value.trim();
  return /^"[^"]*"$/.test(trimmed) ? trimmed.slice(1, -1).trim() : trimmed;
}

function valuesIn(field: string): string[] {
  const values: string[] = [];
  let weekday = "";
  let last = "";
  for (const part of splitOutsideQuotes(field, ",")) {
    // Without a space between them, these are thousands rather than two values.
    if (/^\d{3}(?!\d)/.test(part) && /\d$/.test(last)) return [""];
    last = part;
    if (part.trim() === "") continue;
    // A date has a comma of its own, behind the day of the week.
    if (dayName.test(part.trim())) {
      weekday = `${part.trim()}, `;
      continue;
    }
    const before = values.at(-1);
    if (before !== undefined && isRestOf(before, part.trim())) {
      values[values.length - 1] = `${before} ${part.trim()}`;
      continue;
    }
    values.push(weekday + part.trim());
    weekday = "";
  }
  return weekday === "" ? values : [""];
}

/** Whether two parts are one wait, as in "1 minute, 5 seconds": the second is told in words, in a smaller unit. */
function isRestOf(before: string, part: string): boolean {
  const unitAtEnd = (text: string) =>
    unitMs.get(/\d ([a-z]{3,12})$/i.exec(text)?.[1]?.toLowerCase() ?? "") ?? 0;
  return unitAtEnd(part) > 0 && unitAtEnd(part) < unitAtEnd(before);
}

function durationMs(text: string): number | null {
  const isoParts: (string | undefined)[] = isoDuration.exec(text)?.slice(1) ?? [];
  if (isoParts.some((part) => part !== undefined)) {
    const scales = [dayMs, hourMs, minuteMs, secondMs];
    return isoParts.reduce((sum, part, index) => sum + Number(part ?? 0) * (scales[index] ?? 0), 0);
  }
  const part = /(\d{1,15}(?:\.\d{1,15})?) ?([a-zµμ]{1,12}) ?/iy;
  let sum = 0;
  while (part.lastIndex < text.length) {
    const [, number = "", unit = ""] = part.exec(text) ?? [];
    const scale = unitMs.get(unit.toLowerCase());
    if (scale === undefined) return null;
    sum += Number(number) * scale;
  }
  return text === "" ? null : sum;
}
