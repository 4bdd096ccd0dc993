import type { WantedState } from "./access-list.js";
import { hasPassed } from "./access-list-end-date.js";
import {
  isAddressHeader,
  stateHeader,
  type StateHeader,
  type StateSense,
} from "./access-list-state-header.js";
import { flagIn, stateWord } from "./access-list-state-words.js";
import { quoted } from "./access-list.js";

/** A column that says which state each person is in, or should be in. */
export interface StateColumn {
  readonly index: number;
  readonly header: string;
  readonly sense: StateSense;
  /** Whether a blank cell says that somebody has not left: the column holds nothing but days, or marks for a yes. */
  readonly isBlankActive: boolean;
}

/** What the columns of a list say of states. */
export interface StateColumns {
  readonly read: readonly StateColumn[];
  /** Headers of columns that could say a state, and were not understood. */
  readonly unread: readonly string[];
}

/** A column as it stands in a list. */
interface Column {
  readonly index: number;
  readonly header: string;
  /** Its cells that are not blank. */
  readonly cells: readonly string[];
  readonly hasBlanks: boolean;
}

type Verdict = "read" | "unread" | "ignored";

/**
 * Finds the columns of states among those of a list. Where a header says which state somebody should be in, columns
 * that say which they are in are left aside.
 *
 * @param taken - columns that mean something else, as is known
 */
export function findStateColumns(
  headers: readonly string[],
  rows: readonly (readonly string[])[],
  taken: ReadonlySet<number>,
): StateColumns {
  const hasAddress = headers.some((header) => isAddressHeader(header));
  const found = headers.flatMap((header, index) => {
    if (taken.has(index)) return [];
    const column = columnAt(headers, rows, index);
    const meaning = stateHeader(header);
    return [{ column, meaning, verdict: verdictOf(column, meaning, hasAddress) }];
  });
  const wanted = found.filter(
    ({ meaning, verdict }) => meaning.kind === "state" && meaning.isWanted && verdict !== "ignored",
  );
  const some = wanted.length > 0 ? wanted : found;
  return {
    read: some.flatMap(({ column, meaning, verdict }) =>
      verdict === "read" && meaning.kind === "state" ? [stateColumn(column, meaning.sense)] : [],
    ),
    unread: some.flatMap(({ column, verdict }) => (verdict === "unread" ? [column.header] : [])),
  };
}

/** The column of states that somebody has named. */
export function namedStateColumn(
  headers: readonly string[],
  rows: readonly (readonly string[])[],
  index: number,
): StateColumn {
  const column = columnAt(headers, rows, index);
  const meaning = stateHeader(column.header);
  return stateColumn(column, meaning.kind === "state" ? meaning.sense : "plain");
}

/** What a line says of a state. */
export type SaidState =
  | { readonly state: WantedState; /** Whether only a blank cell says so. */ readonly isByBlank: boolean }
  | { readonly state: undefined }
  | { readonly why: string };

/**
 * Reads the state of one line: what its columns say together. Where two say different states, or one says something
 * else, the line has none.
 */
export function readState(
  fields: readonly string[],
  columns: readonly StateColumn[],
  now: number,
): SaidState {
  const claims = columns.map((column) => ({
    column,
    claim: claimOf(fields[column.index] ?? "", column, now),
  }));
  for (const { column, claim } of claims) {
    if (claim !== "unclear") continue;
    const cell = quoted((fields[column.index] ?? "").trim());
    return { why: `${cell} in the column ${quoted(column.header)} is no state that is known` };
  }
  const suspended = claims.find(({ claim }) => claim === "SUSPENDED")?.column;
  const active = claims.find(({ claim }) => claim === "ACTIVE")?.column;
  if (suspended !== undefined && active !== undefined) {
    const [one, other] = [quoted(suspended.header), quoted(active.header)];
    return { why: `it is SUSPENDED by the column ${one}, and ACTIVE by ${other}` };
  }
  if (suspended !== undefined) return { state: "SUSPENDED", isByBlank: false };
  if (active !== undefined) return { state: "ACTIVE", isByBlank: false };
  const isWeak = (weak: Claim) => claims.some(({ claim }) => claim === weak);
  if (isWeak("not left")) return { state: "ACTIVE", isByBlank: false };
  return isWeak("blank is active") ? { state: "ACTIVE", isByBlank: true } : { state: undefined };
}

/** What one cell says; `not left` and `blank is active` count where no other column says more. */
type Claim = WantedState | "not left" | "blank is active" | "nothing" | "unclear";

function claimOf(field: string, { sense, isBlankActive }: Omit<StateColumn, "index">, now: number): Claim {
  const cell = field.trim();
  if (cell === "") return isBlankActive ? "blank is active" : "nothing";
  const flag = flagIn(cell);
  if (sense === "locked") return flag === false ? "nothing" : "unclear";
  const word = stateWord(cell);
  if (word === "other") return "unclear";
  if (word !== undefined) return word;
  switch (sense) {
    case "plain":
      return "unclear";
    case "active":
      return flag === undefined ? "unclear" : flag ? "ACTIVE" : "SUSPENDED";
    case "end":
      return claimOfDate(cell, now);
    case "suspending":
    case "weak": {
      if (flag === undefined) return claimOfDate(cell, now);
      if (flag) return "SUSPENDED";
      return sense === "weak" ? "not left" : "ACTIVE";
    }
  }
}

function claimOfDate(cell: string, now: number): Claim {
  const isOver = hasPassed(cell, now);
  if (isOver === undefined) return "unclear";
  return isOver ? "SUSPENDED" : "not left";
}

function columnAt(headers: readonly string[], rows: readonly (readonly string[])[], index: number): Column {
  const all = rows.map((fields) => fields[index]?.trim() ?? "");
  const cells = all.filter((cell) => cell !== "");
  return { index, header: headers[index] ?? "", cells, hasBlanks: cells.length < all.length };
}

function stateColumn({ index, header, cells }: Column, sense: StateSense): StateColumn {
  return { index, header, sense, isBlankActive: isLeaving(sense) && cells.every(saysLeft) };
}

function isLeaving(sense: StateSense): boolean {
  return sense === "end" || sense === "suspending" || sense === "weak";
}

/** Whether a cell is of those beside which a blank one means that somebody has not left. */
function saysLeft(cell: string): boolean {
  return flagIn(cell) === true || stateWord(cell) === "SUSPENDED" || isDate(cell);
}

function verdictOf(column: Column, meaning: StateHeader, hasAddress: boolean): Verdict {
  const { cells } = column;
  if (meaning.kind === "other") return "ignored";
  if (meaning.kind === "state") {
    const { sense, otherUse } = meaning;
    if (cells.length === 0) return isLeaving(sense) ? "read" : "ignored";
    if (cells.some((cell) => isReadable(cell, sense))) return "read";
    if (otherUse === "person") return "ignored";
    const isPlace = otherUse === "place" && (hasAddress || cells.every((cell) => placeCode.test(cell)));
    return isPlace ? "ignored" : "unread";
  }
  if (cells.length === 0) return "ignored";
  if (meaning.kind === "unclear" || cells.some((cell) => stateWord(cell) !== undefined)) return "unread";
  return meaning.kind === "unknown" && holdsFlags(column) ? "unread" : "ignored";
}

/** How a part of a country is shortened, such as `CA` or `NSW`. */
const placeCode = /^[A-Z]{2,3}$/;

function isReadable(cell: string, sense: StateSense): boolean {
  if (stateWord(cell) !== undefined) return true;
  if (sense === "plain") return false;
  return (sense !== "end" && flagIn(cell) !== undefined) || (isLeaving(sense) && isDate(cell));
}

function isDate(cell: string): boolean {
  return hasPassed(cell, 0) !== undefined;
}

/** Whether cells are a yes or a no each; a lone letter or digit is one only beside others, or beside blanks. */
function holdsFlags({ cells, hasBlanks }: Column): boolean {
  const flags = new Set(cells.map((cell) => flagIn(cell)));
  if (flags.has(undefined)) return false;
  return flags.size > 1 || hasBlanks || cells.some((cell) => /\p{L}{2}/u.test(cell));
}
