import { plainText } from "../content/plain-text.js";
import { readEmailAddress } from "../email-address.js";
import type { ToolsetError } from "../errors/toolset-error.js";
import {
  checkColumnNames,
  comparableHeader,
  findColumns,
  listedHeaders,
  principalNameProblem,
  type AccessColumns,
  type ColumnNames,
} from "./access-list-columns.js";
import { csvTextOf } from "./access-list-csv-text.js";
import { isEmailHeader, mentionsEmail } from "./access-list-email-header.js";
import { findHeader, type FoundHeader } from "./access-list-header.js";
import { recordsOf, type CsvRecord } from "./access-list-records.js";
import { readState } from "./access-list-state-columns.js";
import { stateHeader } from "./access-list-state-header.js";
import { stateWord } from "./access-list-state-words.js";
import {
  checkCount,
  mostLines,
  quoted,
  refuseList,
  shownGiven,
  type AccessLine,
  type AccessList,
  type ListProblem,
  type ReadableLine,
} from "./access-list.js";

/** A text as read with one separator. */
interface Reading {
  /** Why it cannot be used as a whole stands in its place. */
  readonly read: AccessList | ListProblem;
  /** How well the separator fits the text. */
  readonly rank: number;
  /** In how many fields the header, or the first line, falls. */
  readonly width: number;
}

/**
 * Reads a list from CSV text: with a header or without one, quoted or not, and `,`, `;`, tab or `|` between the fields.
 * A line that cannot be read says why; none is left out but blank ones, and what stands above the header.
 *
 * The column of the people's own emails is the one whose header says that and nothing else; those of states are found
 * by their headers and cells. Without a header, a line holds an email and at most a state.
 *
 * @throws `ToolsetError` `invalid_argument` for a text that is too large, or without one column of emails
 * @see https://www.rfc-editor.org/rfc/rfc4180
 */
export function listOfCsv(csv: string, columns: ColumnNames | undefined = {}): AccessList {
  checkColumnNames(columns);
  const given = csvTextOf(csv);
  if ("what" in given) throw refuseCsv(given);
  const [best] = given.separators
    .map((separator) => readWith(separator, given.text, columns))
    .sort((one, other) => other.rank - one.rank || other.width - one.width);
  const read = best?.read ?? { what: "is blank", next: "Give CSV text with a column of emails" };
  if ("what" in read) throw refuseCsv(read);
  checkCount("csv", read.lines.length);
  return read;
}

function refuseCsv({ what, next, isWhole = false }: ListProblem): ToolsetError {
  return refuseList(`${isWhole ? "" : '"csv" '}${plainText(what, maxProblemLength)}`, next);
}

/** Room for a header's columns. */
const maxProblemLength = 1500;

function readWith(separator: string, text: string, named: ColumnNames): Reading {
  const found = findHeader(recordsOf(separator, text), named);
  if ("what" in found) return { read: found, rank: 0, width: found.width ?? 0 };
  const { header, rows } = found;
  const width = (header ?? rows[0])?.fields.length ?? 0;
  const physical = text.split("\n");
  const read = header === undefined ? bareList(rows, physical) : headedList(header, found, physical, named);
  if ("what" in read) return { read, rank: 0, width };
  return { read, rank: 1 + read.lines.filter((line) => !("why" in line)).length, width };
}

function headedList(
  { fields: headers, line: headerLine }: CsvRecord,
  { above, rows }: FoundHeader,
  physical: readonly string[],
  named: ColumnNames,
): AccessList | ListProblem {
  // Before the columns, for each of which every line is looked at.
  if (rows.length > mostLines) {
    return {
      what: `has ${rows.length} lines, and one call takes at most ${mostLines}`,
      next: "Give the list in parts",
    };
  }
  const columns = findColumns(
    headers,
    rows.map(({ fields }) => fields),
    named,
  );
  if ("what" in columns) return columns;
  if (rows.length === 0) return { what: "has a header, and no line below it", next: "Give lines below it" };
  const now = Date.now();
  const lines = rows.flatMap((record) => linesOf(record, physical, readByColumns(record, columns, now)));
  const title = above.at(-1);
  const obstacles: ListProblem[] = [];
  if (columns.unread.length > 0) obstacles.push(unreadProblem(columns.unread));
  if (title !== undefined && title.line + title.height === headerLine && columns.email === 0) {
    obstacles.push({
      what: `has ${shown(title)} right above its column of emails, which could say whose they are`,
      next: "Take that line away if they are the people's own",
    });
  }
  const known = new Set(headers.map(comparableHeader).filter((header) => header !== ""));
  const second = rows.find(({ fields }) => isHeaderAgain(fields, columns.email, known));
  if (second !== undefined) {
    obstacles.push({
      what: `has ${shown(second)} on line ${second.line}, which looks like another header`,
      next: "Give each list on its own",
    });
  }
  const states = columns.read.filter(({ sense }) => sense !== "locked").map(({ header }) => header);
  const heading = rows.find((row, index) => isHeading(row, rows[index + 1], columns));
  if (heading !== undefined) {
    obstacles.push({
      what: `has ${shown(heading)} on line ${heading.line}, which could say which state those below it should be in`,
      next: "Take that line away, or give each list on its own",
    });
  }
  return {
    lines,
    saysStates: states.length > 0,
    columns: {
      email: shownHeader(columns.emailHeader),
      states: columns.read.map(({ header }) => shownHeader(header)),
      unread: columns.unread.map(shownHeader),
    },
    obstacles,
  };
}

/** A list that no header explains. */
function bareList(records: readonly CsvRecord[], physical: readonly string[]): AccessList | ListProblem {
  const read = records.map((record) => ({ record, said: readBare(record) }));
  const lines = read.flatMap(({ record, said }) => linesOf(record, physical, said));
  if (lines.every((line) => "why" in line)) {
    return {
      what: `has no column of emails that can be used: no line is an email, or an email and a state`,
      next: `Give CSV text whose first line names its columns, such as email,state, and, where that is not understood, "columns"`,
    };
  }
  const odd = read.find(
    ({ record: { fields }, said }, index) =>
      "why" in said && (index === 0 || !fields.some((field) => field.includes("@"))),
  )?.record;
  return {
    lines,
    saysStates: lines.some((line) => !("why" in line) && line.state !== undefined),
    obstacles:
      odd === undefined
        ? []
        : [
            {
              what: `has ${shown(odd)} on line ${odd.line}, which could say whose the emails below are`,
              next: "Take that line away, or name the columns in a first line such as email,state",
            },
          ],
  };
}

function unreadProblem(unread: readonly string[]): ListProblem {
  const which = unread.length === 1 ? "a column" : "columns";
  return {
    what: `has ${which} that could say which state people should be in, and cannot be understood: ${listedHeaders(unread)}`,
    next:
      `Give the header of the column of states as {"columns": {"state": "..."}}, or where none of these is one, ` +
      `{"columns": {"ignore": ${JSON.stringify(unread.slice(0, 5).map(shownHeader))}}}; do not guess it`,
  };
}

/** A record as one line that can be read, or as each of the text's lines that it takes up, with what is wrong. */
function linesOf(
  { line, height, problem }: CsvRecord,
  physical: readonly string[],
  said: Said,
): readonly AccessLine[] {
  const read = problem === undefined ? said : { why: problem };
  if (!("why" in read)) return [{ line, ...read, given: shownGiven(read.given) }];
  return physical.slice(line - 1, line - 1 + height).flatMap((text, index) => {
    if (index > 0 && text.trim() === "") return [];
    const unread = index === 0 ? read : { why: `it stands inside of the quotes that line ${line} opens` };
    return [{ line: line + index, given: shownGiven(text), ...unread }];
  });
}

/** What a line says, with its email as it stands there; or what is wrong with it. */
type Said =
  | Pick<ReadableLine, "given" | "email" | "state" | "isByBlank">
  | { readonly why: string; readonly emails?: readonly string[] };

function readByColumns({ fields }: CsvRecord, columns: AccessColumns, now: number): Said {
  const { width } = columns;
  const given = fields[columns.email]?.trim() ?? "";
  const reading = readEmailAddress(given);
  const emails = [given, ...columns.principalNames.map((index) => fields[index]?.trim() ?? "")].flatMap(
    (text) => readEmailAddress(text).address ?? [],
  );
  if (fields.slice(width).some((field) => field.trim() !== "")) {
    const why = `it has ${fields.length} fields where the header has ${width}: a field with a separator in it needs quotes`;
    return { why, emails };
  }
  if (reading.address === undefined) return { why: reading.why, emails };
  const why = principalNameProblem(fields, columns, given);
  if (why !== undefined) return { why, emails };
  const said = readState(fields, columns.read, now);
  return "why" in said ? { why: said.why, emails } : { given, email: reading.address, ...said };
}

/** Reads a line that no header explains: whatever it holds beside an email and a state could mean anything. */
function readBare({ fields }: CsvRecord): Said {
  const words = fields.map((field) => field.trim()).filter((field) => field !== "");
  const readings = words.map((word) => ({ word, address: readEmailAddress(word).address }));
  const emails = readings.flatMap(({ address }) => address ?? []);
  const others = readings.flatMap(({ word, address }) => (address === undefined ? [word] : []));
  const given = readings.find(({ address }) => address !== undefined)?.word ?? "";
  const [email] = emails;
  if (emails.length > 1) {
    return { why: "it holds several email addresses, and no header says which is meant", emails };
  }
  if (email === undefined) {
    return { why: readEmailAddress(words.find((word) => word.includes("@")) ?? words[0] ?? "").why ?? "" };
  }
  const [state, ...rest] = others.map(stateWord);
  if (others.length === 0) return { given, email, state: undefined };
  if (state !== undefined && state !== "other" && rest.length === 0) return { given, email, state };
  const odd = others.find((word) => stateWord(word) === undefined);
  if (odd !== undefined) {
    const why = `it holds ${quoted(odd)}, which is neither an email address nor a state, and no header says what it is`;
    return { why, emails };
  }
  const why =
    rest.length === 0
      ? `${quoted(others[0] ?? "")} is no state that is known`
      : "it holds several states, and no header says which is meant";
  return { why, emails };
}

/** Whether a line below a header is one itself: it speaks of emails, and has a column's name in it. */
function isHeaderAgain(fields: readonly string[], email: number, known: ReadonlySet<string>): boolean {
  const cell = fields[email] ?? "";
  if (cell.includes("@") || !mentionsEmail(cell)) return false;
  return isEmailHeader(cell) || fields.some((field) => known.has(comparableHeader(field)));
}

/** Whether a line between people stands over those below it, such as `Terminated employees`. */
function isHeading(
  { fields }: CsvRecord,
  below: CsvRecord | undefined,
  { read }: Pick<AccessColumns, "read">,
): boolean {
  const filled = fields.flatMap((field, index) => (field.trim() === "" ? [] : [index]));
  const text = fields[0] ?? "";
  if (filled.length !== 1 || filled[0] !== 0 || read.some(({ index }) => index === 0)) return false;
  if (text.includes("@") || below?.fields.some((field) => field.includes("@")) !== true) return false;
  return stateWord(text) !== undefined || ["state", "unclear"].includes(stateHeader(text).kind);
}

function shown({ fields }: CsvRecord): string {
  return quoted(fields.join(" | "));
}

function shownHeader(header: string): string {
  return plainText(header.trim(), 80);
}
