import { isEmailHeader, mentionsEmail } from "./access-list-email-header.js";
import {
  comparableHeader,
  missingColumn,
  namedIn,
  namesIn,
  nameTheColumn,
  type ColumnNames,
} from "./access-list-columns.js";
import type { CsvRecord } from "./access-list-records.js";
import { quoted, type ListProblem } from "./access-list.js";

/** The most lines, blank ones aside, that may stand above a header. */
const maxLinesAbove = 50;

/** Where a text's header is, and the lines above it that are none of its rows; no header for a list of bare emails. */
export interface FoundHeader {
  readonly header: CsvRecord | undefined;
  readonly above: readonly CsvRecord[];
  readonly rows: readonly CsvRecord[];
}

/**
 * Finds the header: below titles, the first line without an address in it that speaks of emails, or that holds the
 * columns which were named.
 */
export function findHeader(records: readonly CsvRecord[], named: ColumnNames): FoundHeader | ListProblem {
  const leading = leadingOf(records);
  const at = namesIn(named).length > 0 ? indexOfNamed(records, named) : indexOfHeader(leading);
  const [first] = records;
  if (at === undefined) {
    const likely = namesIn(named).length > 0 ? likelyHeader(records, leading, named) : undefined;
    if (likely !== undefined) return missingColumn(likely.fields, named);
    if (first === undefined || leading.length > 0 || namesIn(named).length > 0) return noHeader(first);
    return { header: undefined, above: [], rows: records };
  }
  const above = records.slice(0, at);
  const odd = namesIn(named).length > 0 ? undefined : above.find((record) => !isTitle(record));
  const header = records[at];
  if (odd !== undefined) {
    return {
      what: `has on line ${odd.line} ${shown(odd)}, above what looks like its header on line ${header?.line ?? 0}`,
      next: "Take away what stands above the header",
    };
  }
  return { header, above, rows: records.slice(at + 1) };
}

/** The lines before the first one that holds an address. */
function leadingOf(records: readonly CsvRecord[]): readonly CsvRecord[] {
  const some = records.slice(0, maxLinesAbove);
  const end = some.findIndex(({ fields }) => fields.some((field) => field.includes("@")));
  return end === -1 ? some : some.slice(0, end);
}

function indexOfHeader(leading: readonly CsvRecord[]): number | undefined {
  const mentions = leading.map(({ fields }) => fields.some((field) => mentionsEmail(field)));
  const at = mentions.indexOf(true);
  if (at === -1) return undefined;
  // A title may speak of emails as well.
  const [title = ""] = leading[at]?.fields ?? [];
  const isTitleOfHeader =
    isTitle(leading[at]) && mentions[at + 1] === true && !isEmailHeader(title) && !/[,;|\t]/.test(title);
  return isTitleOfHeader ? at + 1 : at;
}

function indexOfNamed(records: readonly CsvRecord[], named: ColumnNames): number | undefined {
  const names = namesIn(named).map(comparableHeader);
  const at = records.slice(0, maxLinesAbove).findIndex(({ fields }) => {
    const headers = new Set(fields.map(comparableHeader));
    return names.every((name) => headers.has(name));
  });
  return at === -1 ? undefined : at;
}

/** The line that most of the named columns are in; where none is, what would be the header without them. */
function likelyHeader(
  records: readonly CsvRecord[],
  leading: readonly CsvRecord[],
  named: ColumnNames,
): CsvRecord | undefined {
  const counts = records.slice(0, maxLinesAbove).map(({ fields }) => namedIn(fields, named));
  const most = Math.max(0, ...counts);
  const untitled = leading.find((record) => !isTitle(record)) ?? leading[0];
  return most > 0 ? records[counts.indexOf(most)] : (leading[indexOfHeader(leading) ?? -1] ?? untitled);
}

/** Whether a line says one thing, in its first field. */
function isTitle(record: CsvRecord | undefined): boolean {
  const filled = record?.fields.flatMap((field, index) => (field.trim() === "" ? [] : [index])) ?? [];
  return filled.length === 1 && filled[0] === 0;
}

function noHeader(first: CsvRecord | undefined): ListProblem {
  return {
    what:
      `has no column of emails that can be used: its first line is ${first === undefined ? "blank" : shown(first)}, ` +
      "and no line names the columns",
    next: `Where a line does name them: ${nameTheColumn}. Else give CSV text whose first line does, such as email,state`,
  };
}

function shown({ fields }: CsvRecord): string {
  return quoted(fields.join(" | "));
}
