const monthNames = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const dayMs = 86_400_000;

/** When a day has ended everywhere on Earth, after the moment that it begins in UTC. */
const endsEverywhereMs = 1.5 * dayMs;

/** Years before this one stand for "never" in directories, such as 1601. */
const firstYear = 1980;

/** A date's longest form, with a time and a zone. */
const maxDateLength = 40;

/**
 * Whether a day lies behind everybody, from a cell such as `2026-01-31`, `31.01.2026` or `Jan 31, 2026`; `undefined`
 * for what is no date, and for one such as `03/04/2026` that has passed in one country's reading alone.
 */
export function hasPassed(cell: string, now: number): boolean | undefined {
  const ends = datesIn(cell).map((date) => date + endsEverywhereMs <= now);
  const [first] = ends;
  return ends.every((one) => one === first) ? first : undefined;
}

/** Every day that a cell can mean, as the time at which it begins in UTC. */
function datesIn(cell: string): readonly number[] {
  if (cell.length > maxDateLength) return [];
  const text = cell.trim().toLowerCase();
  // A time says nothing more: days are compared.
  const [beforeTime = ""] = text.split(/t\d\d:|\s\d{1,2}:/u, 1);
  const date = beforeTime.endsWith(",") ? beforeTime.slice(0, -1) : beforeTime;
  const numbers = /^(\d{1,4})([-./])(\d{1,2})([-./])(\d{1,4})$/u.exec(date);
  if (numbers !== null) {
    if (numbers[2] !== numbers[4]) return [];
    const [first, second, third] = [Number(numbers[1]), Number(numbers[3]), Number(numbers[5])];
    if (numbers[1]?.length === 4) return dayOf(first, second, third);
    if (numbers[5]?.length !== 4) return [];
    return numbers[2] === "/"
      ? [...dayOf(third, first, second), ...dayOf(third, second, first)]
      : dayOf(third, second, first);
  }
  const japanese = /^(\d{4})年(\d{1,2})月(\d{1,2})日$/u.exec(date);
  if (japanese !== null) return dayOf(Number(japanese[1]), Number(japanese[2]), Number(japanese[3]));
  const named = /^(?:(\d{1,2})[-\s])?([a-z]{3,9})[-\s.,]{1,2}(?:(\d{1,2}),?\s)?(\d{4})$/u.exec(date);
  if (named === null || (named[1] === undefined) === (named[3] === undefined)) return [];
  const month = monthNames.indexOf((named[2] ?? "").slice(0, 3)) + 1;
  return dayOf(Number(named[4]), month, Number(named[1] ?? named[3]));
}

/** A day that there is, as a list of one. */
function dayOf(year: number, month: number, day: number): readonly number[] {
  const time = Date.UTC(year, month - 1, day);
  const date = new Date(time);
  const isReal = year >= firstYear && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return isReal ? [time] : [];
}
