import { plainText } from "../content/plain-text.js";
import type { ToolsetError } from "../errors/toolset-error.js";
import {
  checkColumnNames,
  findColumns,
  listedHeaders,
  principalNameProblem,
  type AccessColumns,
  type ColumnNames,
} from "./access-list-columns.js";
import { csvTextOf } from "./access-list-csv-text.js";
import { mentionsEmail } from "./access-list-email-header.js";
import { findHeader, type FoundHeader } from "./access-list-header.js";
import { recordsOf, type CsvRecord } from "./access-list-records.js";
import { readState } from "./access-list-state-columns.js";
import { stateWord } from "./access-list-state-words.js";
import {
  checkCount,
  emailProblem,
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

function refuseCsv({ what, next }: ListProblem): ToolsetError {
  return refuseList(`"csv" ${plainText(what, maxProblemLength)}`, next);
}

/** Room for a header's columns. */
const maxProblemLength = 1500;

function readWith(separator: string, text: string, named: ColumnNames): Reading {
  const found = findHeader(recordsOf(separator, text), named);
  if ("what" in found) return { read: found, rank: 0, width: 0 };
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
  const second = rows.find(({ fields }) => isHeaderAgain(fields[columns.email] ?? ""));
  if (second !== undefined) {
    obstacles.push({
      what: `has ${shown(second)} on line ${second.line}, which looks like another header`,
      next: "Give each list on its own",
    });
  }
  const states = columns.read.filter(({ sense }) => sense !== "locked").map(({ header }) => header);
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
      next: "Give CSV text whose first line names its columns, such as email,state",
    };
  }
  const odd = read.find(
    ({ record: { fields }, said }, index) =>
      typeof said === "string" && (index === 0 || !fields.some((field) => field.includes("@"))),
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
  const read = problem ?? said;
  if (typeof read !== "string") return [{ line, given: shownGiven(read.email), ...read }];
  return physical.slice(line - 1, line - 1 + height).flatMap((text, index) => {
    if (index > 0 && text.trim() === "") return [];
    const why = index === 0 ? read : `it stands inside of the quotes that line ${line} opens`;
    return [{ line: line + index, given: shownGiven(text), why }];
  });
}

/** What a line says, or what is wrong with it. */
type Said = Pick<ReadableLine, "email" | "state" | "isByBlank"> | string;

function readByColumns({ fields }: CsvRecord, columns: AccessColumns, now: number): Said {
  const { width } = columns;
  if (fields.slice(width).some((field) => field.trim() !== "")) {
    return `it has ${fields.length} fields where the header has ${width}: a field with a separator in it needs quotes`;
  }
  const email = fields[columns.email]?.trim() ?? "";
  const problem = emailProblem(email) ?? principalNameProblem(fields, columns, email);
  if (problem !== undefined) return problem;
  const said = readState(fields, columns.read, now);
  return "why" in said ? said.why : { email, ...said };
}

/** Reads a line that no header explains: whatever it holds beside an email and a state could mean anything. */
function readBare({ fields }: CsvRecord): Said {
  const words = fields.map((field) => field.trim()).filter((field) => field !== "");
  const emails = words.filter((word) => emailProblem(word) === undefined);
  const others = words.filter((word) => emailProblem(word) !== undefined);
  const [email, ...further] = emails;
  if (further.length > 0) return "it holds several email addresses, and no header says which is meant";
  if (email === undefined)
    return emailProblem(words.find((word) => word.includes("@")) ?? words[0] ?? "") ?? "";
  const [state, ...rest] = others.map(stateWord);
  if (others.length === 0) return { email, state: undefined };
  if (state !== undefined && state !== "other" && rest.length === 0) return { email, state };
  const odd = others.find((word) => stateWord(word) === undefined);
  if (odd !== undefined) {
    return `it holds ${quoted(odd)}, which is neither an email address nor a state, and no header says what it is`;
  }
  return rest.length === 0
    ? `${quoted(others[0] ?? "")} is no state that is known`
    : "it holds several states, and no header says which is meant";
}

/** Whether a cell below a header of emails is one of those itself. */
function isHeaderAgain(cell: string): boolean {
  return !cell.includes("@") && mentionsEmail(cell);
}

function shown({ fields }: CsvRecord): string {
  return quoted(fields.join(" | "));
}

function shownHeader(header: string): string {
  return plainText(header.trim(), 80);
}
