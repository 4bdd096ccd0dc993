import { comparableEmailIn, readEmailAddress } from "../email-address.js";
import { isEmailHeader, isPrincipalNameHeader } from "./access-list-email-header.js";
import { findStateColumns, namedStateColumn, type StateColumns } from "./access-list-state-columns.js";
import { quoted, refuseList, shownValue, type ListProblem } from "./access-list.js";

/**
 * The columns of a CSV text, by their headers, where they are not found by what they are called.
 *
 * @example
 * ```ts
 * await auditAccess(manager, { csv, columns: { email: "Login", state: "Standing", ignore: ["VPN active"] } });
 * ```
 */
export interface ColumnNames {
  /** The one that holds the people's own addresses. */
  readonly email?: string | undefined;
  /** The one that says which state each person should be in; no other one is read for it. */
  readonly state?: string | undefined;
  /** Those that say nothing of addresses and states. */
  readonly ignore?: readonly string[] | undefined;
}

/** Where the fields of a CSV text's lines are. */
export interface AccessColumns extends StateColumns {
  readonly email: number;
  readonly emailHeader: string;
  /** Columns of the names that people sign in with: where one differs from the email, the line is not understood. */
  readonly principalNames: readonly number[];
  /** How many columns the header names. */
  readonly width: number;
}

type Rows = readonly (readonly string[])[];

/** The most columns that are looked at. */
const maxColumns = 1000;

/** What to do where no column, or more than one, holds the people's own addresses. */
export const nameTheColumn =
  `Give the header of the column of the people's own addresses as "columns", such as ` +
  `{"columns": {"email": "Work Email"}}; do not guess it`;

/** Finds the columns that a header names, by the words in it and the cells below; `named` ones are taken as they are. */
export function findColumns(
  headers: readonly string[],
  rows: Rows,
  named: ColumnNames,
): AccessColumns | ListProblem {
  if (headers.length > maxColumns) {
    return {
      what: `has ${headers.length} columns, and at most ${maxColumns} are read`,
      next: "Give only its columns for email and state",
    };
  }
  const positions = new Map<string, number>();
  for (const name of namesIn(named)) {
    const position = positionOf(name, headers, named);
    if (typeof position === "object") return position;
    positions.set(name, position);
  }
  const ignored = new Set((named.ignore ?? []).map((name) => positions.get(name) ?? -1));
  const free = headers.flatMap((_header, index) => (ignored.has(index) ? [] : [index]));
  const email =
    named.email === undefined
      ? findEmail(headers, rows, free)
      : { email: positions.get(named.email) ?? -1, principalNames: [] };
  if ("what" in email) return email;
  const state = named.state === undefined ? undefined : positions.get(named.state);
  const clash = [email.email, state].find((index) => index !== undefined && ignored.has(index));
  if (clash !== undefined || state === email.email) {
    return {
      what: `has one column ${quoted(headers[clash ?? email.email] ?? "")} that "columns" gives two meanings`,
      next: "Name each column once",
    };
  }
  const states =
    state === undefined
      ? findStateColumns(headers, rows, new Set([...ignored, email.email, ...email.principalNames]))
      : { read: [namedStateColumn(headers, rows, state)], unread: [] };
  return { ...states, ...email, emailHeader: headers[email.email] ?? "", width: headers.length };
}

const columnRoles: readonly string[] = ["email", "state", "ignore"] satisfies (keyof ColumnNames)[];

/**
 * Checks the names of columns as somebody gave them.
 *
 * @throws `ToolsetError` `invalid_argument` for what is not known, and for names that are no texts
 */
export function checkColumnNames(columns: unknown): asserts columns is ColumnNames | undefined {
  if (columns === undefined) return;
  const example = `give {"email": "Work Email", "state": "Status", "ignore": ["VPN active"]}, or less of it`;
  if (typeof columns !== "object" || columns === null || Array.isArray(columns)) {
    throw refuseList(`"columns" is ${shownValue(columns)}`, example);
  }
  for (const [role, value] of Object.entries(columns)) {
    if (!columnRoles.includes(role))
      throw refuseList(`"columns" has ${quoted(role)}, which is not known`, example);
    const names: readonly unknown[] = role === "ignore" && Array.isArray(value) ? value : [value];
    const isFit = names.every((name) => typeof name === "string" && name.trim() !== "");
    if (value !== undefined && !(isFit && (role === "ignore") === Array.isArray(value))) {
      throw refuseList(`"columns.${role}" is ${shownValue(value)}`, example);
    }
  }
}

/** Every header that was named. */
export function namesIn(named: ColumnNames): string[] {
  return rolesIn(named).map(([, name]) => name);
}

/** Every header that was named, behind what it was named as. */
function rolesIn({ email, state, ignore = [] }: ColumnNames): (readonly [role: string, name: string])[] {
  const all = [
    ["email", email],
    ["state", state],
    ...ignore.map((name) => ["ignore", name] as const),
  ] as const;
  return all.flatMap(([role, name]) => (name === undefined ? [] : [[role, name] as const]));
}

/** How many of the columns that were named a line has. */
export function namedIn(fields: readonly string[], named: ColumnNames): number {
  const headers = new Set(fields.map(comparableHeader));
  return namesIn(named).filter((name) => headers.has(comparableHeader(name))).length;
}

/** The problem of a header that lacks a column which was named. */
export function missingColumn(headers: readonly string[], named: ColumnNames): ListProblem {
  const [role, name] = rolesIn(named).find(([, one]) => namedIn(headers, { email: one }) === 0) ?? [
    "email",
    "",
  ];
  return {
    what: `columns.${role} ${role === "ignore" ? "holds" : "is"} ${quoted(name)}, and no column is called that. There are: ${listedHeaders(headers)}`,
    next: `Name columns in "columns" as the header does`,
    width: headers.length,
    isWhole: true,
  };
}

/** Why a line's address is not the one that is meant, beside what is wrong with the address itself. */
export function principalNameProblem(
  fields: readonly string[],
  { principalNames, emailHeader }: AccessColumns,
  email: string,
): string | undefined {
  for (const index of principalNames) {
    const name = fields[index]?.trim() ?? "";
    if (name !== "" && comparableEmailIn(name) !== comparableEmailIn(email)) {
      return `its ${quoted(emailHeader)} is ${quoted(email)} and its user principal name ${quoted(name)}`;
    }
  }
  return undefined;
}

/** Headers, as an error lists them. */
export function listedHeaders(headers: readonly string[]): string {
  const shown = headers.slice(0, maxListed).map((header) => quoted(header.trim()));
  const more = headers.length > maxListed ? ` and ${headers.length - maxListed} more` : "";
  return shown.join(", ") + more;
}

/** The most headers that an error lists. */
const maxListed = 40;

function findEmail(
  headers: readonly string[],
  rows: Rows,
  free: readonly number[],
): Pick<AccessColumns, "email" | "principalNames"> | ListProblem {
  const holdsEmails = (index: number) =>
    rows.some((fields) => readEmailAddress(fields[index]?.trim() ?? "").address !== undefined);
  // A header with a separator in it is a whole line that was read by another one.
  const meant = free.filter(
    (index) => isEmailHeader(headers[index] ?? "") && !hasSeparator(headers[index] ?? ""),
  );
  const principalNames = free.filter((index) => isPrincipalNameHeader(headers[index] ?? ""));
  const all = [...meant, ...principalNames];
  const usable = all.length > 1 ? all.filter(holdsEmails) : all;
  const emails = usable.filter((index) => meant.includes(index));
  const candidates = emails.length > 0 ? emails : usable;
  const [email, ...others] = candidates;
  if (email === undefined) {
    return {
      what:
        `has no column of emails that is plainly the people's own` +
        (all.length > 1 ? " and holds addresses" : "") +
        `: its columns are ${listedHeaders(headers)}`,
      next: nameTheColumn,
    };
  }
  if (others.length > 0) {
    const names = listedHeaders(candidates.map((index) => headers[index] ?? ""));
    return {
      what: `has several columns that could hold the people's own emails: ${names}`,
      next: nameTheColumn,
    };
  }
  return { email, principalNames: emails.length > 0 ? principalNames : [] };
}

/** The position of a column that somebody has named. */
function positionOf(name: string, headers: readonly string[], named: ColumnNames): number | ListProblem {
  const same = headers.flatMap((header, index) =>
    comparableHeader(header) === comparableHeader(name) ? [index] : [],
  );
  const [position, ...others] = same;
  if (position !== undefined && others.length === 0) return position;
  return position === undefined
    ? missingColumn(headers, named)
    : {
        what: `has ${same.length} columns that are called ${quoted(name)}`,
        next: "Give each column a name of its own",
      };
}

function hasSeparator(header: string): boolean {
  return /[,;|\t]/.test(header);
}

/** A header as it is compared: without its case and the blanks around it. */
export function comparableHeader(header: string): string {
  return header.normalize("NFC").trim().toLowerCase();
}
