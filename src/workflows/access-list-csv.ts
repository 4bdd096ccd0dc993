import Papa from "papaparse";
import { plainText } from "../content/plain-text.js";
import { readEmailAddress } from "../email-address.js";
import { ToolsetError } from "../errors/toolset-error.js";
import { columnsOf, type AccessColumns } from "./access-list-columns.js";
import {
  checkCount,
  quoted,
  shownGiven,
  type AccessLine,
  type ReadableLine,
  type WantedState,
} from "./access-list.js";

/** The longest text that is read, in UTF-16 code units. */
const longestCsv = 1_000_000;

const separators = [",", ";", "\t", "|"] as const;

const stateWords: Readonly<Record<string, WantedState>> = {
  suspended: "SUSPENDED",
  suspend: "SUSPENDED",
  inactive: "SUSPENDED",
  disabled: "SUSPENDED",
  deactivated: "SUSPENDED",
  active: "ACTIVE",
  reactivate: "ACTIVE",
  reactivated: "ACTIVE",
  enabled: "ACTIVE",
};

/** What says nothing, whichever separator it was read by. */
const blank = /^[\s,;|]*$/;

/** A text as read with one separator. */
interface Reading {
  readonly lines: readonly AccessLine[];
  readonly readable: number;
  /** Why the text cannot be used as a whole. */
  readonly problem: string | undefined;
  /** In how many fields the first line falls. */
  readonly width: number;
}

/** One record of a CSV text. */
interface CsvRecord {
  readonly fields: readonly string[];
  /** The first of the text's lines that it takes up, 1 being the text's first, and how many these are. */
  readonly line: number;
  readonly height: number;
  /** What is wrong with its quotes. */
  readonly problem: string | undefined;
}

/**
 * Reads a list from CSV text: with a header or without one, quoted or not, with a byte order mark, any line ends, and
 * `,`, `;`, tab or `|` between the fields. A line that cannot be read says why; none is left out but blank ones.
 *
 * Without a header, a line holds an email and at most a state.
 *
 * @throws `ToolsetError` `invalid_argument` for a text that is too large, or without a column of emails
 * @see https://www.rfc-editor.org/rfc/rfc4180
 */
export function linesOfCsv(csv: string): AccessLine[] {
  if (csv.length > longestCsv) {
    throw refuse(
      `has ${csv.length} characters, and one call takes at most ${longestCsv}`,
      "Give the list in parts, or only its columns for email and state",
    );
  }
  const text = csv.replace(/\r\n?/g, "\n");
  if (text.trim() === "") throw refuse("is blank", "Give CSV text with a column of emails");
  const readings = separators
    .filter((separator) => separator === "," || text.includes(separator))
    .map((separator) => readWith(separator, text))
    .sort((one, other) => rank(other) - rank(one) || other.width - one.width);
  const [best] = readings;
  const { lines, problem } = best ?? { lines: [], problem: undefined };
  if (problem !== undefined)
    throw refuse(problem, "Give CSV text whose first line names its columns, such as email,state");
  checkCount("csv", lines.length);
  return [...lines];
}

/** How well a separator fits a text. */
function rank({ readable, problem }: Reading): number {
  return problem === undefined ? readable + 1 : 0;
}

function readWith(separator: string, text: string): Reading {
  const [first, ...others] = recordsOf(separator, text);
  if (first === undefined) return { lines: [], readable: 0, problem: "is blank", width: 0 };
  const columns = columnsOf(first.fields);
  const width = first.fields.length;
  if (typeof columns === "string") return { lines: [], readable: 0, problem: columns, width };
  const physical = text.split("\n");
  const records = columns === undefined ? [first, ...others] : others;
  const lines = records.flatMap((record) => linesOf(record, columns, physical));
  const readable = lines.filter((line) => !("why" in line)).length;
  return { lines, readable, problem: problemOf(lines, readable, columns, first), width };
}

function problemOf(
  lines: readonly AccessLine[],
  readable: number,
  columns: AccessColumns | undefined,
  { fields }: CsvRecord,
): string | undefined {
  if (lines.length === 0) return "has a header, and no line below it";
  if (columns !== undefined || readable > 0) return undefined;
  return (
    `has no column of emails that can be used: its first line is ${quoted(fields.join(" | "))}, none of which names an ` +
    `email column, and no line is an email, or an email and a state`
  );
}

function recordsOf(separator: string, text: string): CsvRecord[] {
  const { data, errors } = Papa.parse<string[]>(text, { delimiter: separator, newline: "\n" });
  const problems = new Map(errors.map(({ row, code }) => [row, code]));
  const records: CsvRecord[] = [];
  let line = 1;
  for (const [row, fields] of data.entries()) {
    const height = 1 + fields.reduce((count, field) => count + field.split("\n").length - 1, 0);
    const code = problems.get(row);
    const problem =
      code === undefined
        ? undefined
        : code === "MissingQuotes"
          ? "it opens quotes that nothing closes"
          : "it has quotes inside of a quoted field that are not doubled";
    const isBlank = problem === undefined && fields.every((field) => blank.test(field));
    if (!isBlank) records.push({ fields, line, height, problem });
    line += height;
  }
  return records;
}

/** A record as one line that can be read, or as each of the text's lines that it takes up, with what is wrong. */
function linesOf(
  record: CsvRecord,
  columns: AccessColumns | undefined,
  physical: readonly string[],
): AccessLine[] {
  const { line, height, problem } = record;
  const read = problem ?? (columns === undefined ? readBare(record) : readByColumns(record, columns));
  if (typeof read !== "string") return [{ line, ...read, given: shownGiven(read.given) }];
  return physical.slice(line - 1, line - 1 + height).flatMap((text, index) => {
    if (index > 0 && text.trim() === "") return [];
    const why = index === 0 ? read : `it stands inside of the quotes that line ${line} opens`;
    return [{ line: line + index, given: shownGiven(text), why }];
  });
}

/** What a line says, with its email as it stands there; or what is wrong with it. */
type Said = Omit<ReadableLine, "line"> | string;

function readByColumns(
  { fields }: CsvRecord,
  { email: emailColumn, state: stateColumn, width }: AccessColumns,
): Said {
  if (fields.slice(width).some((field) => field.trim() !== "")) {
    return `it has ${fields.length} fields where the header has ${width}: a field with a separator in it needs quotes`;
  }
  const given = fields[emailColumn]?.trim() ?? "";
  const { address: email, why } = readEmailAddress(given);
  if (email === undefined) return why;
  const word = stateColumn === undefined ? "" : (fields[stateColumn]?.trim() ?? "");
  if (word === "") return { given, email, state: undefined };
  const state = stateOf(word);
  return state === undefined
    ? `${quoted(word)} is not a state: it is suspended or active`
    : { given, email, state };
}

/** Reads a line that no header explains: whatever it holds beside an email and a state could mean anything. */
function readBare({ fields }: CsvRecord): Said {
  const words = fields.map((field) => field.trim()).filter((field) => field !== "");
  const emails = words.filter((word) => readEmailAddress(word).address !== undefined);
  const others = words.filter((word) => readEmailAddress(word).address === undefined);
  const [given = "", ...further] = emails;
  if (further.length > 0) return "it holds several email addresses, and no header says which is meant";
  const { address: email } = readEmailAddress(given);
  if (email === undefined)
    return readEmailAddress(words.find((word) => word.includes("@")) ?? words[0] ?? "").why ?? "";
  const [state, ...rest] = others.map(stateOf);
  if (others.length === 0) return { given, email, state: undefined };
  if (state !== undefined && rest.length === 0) return { given, email, state };
  const odd = others.find((word) => stateOf(word) === undefined);
  return odd === undefined
    ? "it holds several states, and no header says which is meant"
    : `it holds ${quoted(odd)}, which is neither an email address nor a state, and no header says what it is`;
}

function stateOf(word: string): WantedState | undefined {
  const key = word.toLowerCase();
  return Object.hasOwn(stateWords, key) ? stateWords[key] : undefined;
}

function refuse(what: string, fix: string): ToolsetError {
  return new ToolsetError(
    "invalid_argument",
    `"csv" ${plainText(what, 500)}. Nothing was sent. Next: ${fix}.`,
  );
}
