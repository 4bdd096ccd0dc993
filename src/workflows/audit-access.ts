import type { AnswerMeta, Context } from "../call.js";
import { shownEmail, shownWord } from "../content/shown-email.js";
import { comparableEmail, readEmailAddress } from "../email-address.js";
import { ToolsetError } from "../errors/toolset-error.js";
import type { ToolSource } from "../sources/source.js";
import type { User } from "../user.js";
import {
  listOfEmails,
  quoted,
  refuseList,
  shownValue,
  type AccessLine,
  type AccessList,
  type ListProblem,
  type ReadableLine,
  type WantedState,
} from "./access-list.js";
import type {
  AuditAccessFinding,
  AuditAccessFix,
  AuditAccessOptions,
  AuditAccessReport,
  AuditAccessRow,
  FixDirections,
} from "./audit-access-report.js";
import { nearEmail } from "./near-email.js";
import type { AccountTools } from "./workflow.js";

/** Holds a list against the account, in one pass over it, and with `fix` changes those found in another state. */
export async function runAudit(
  options: AuditAccessOptions,
  context: Context,
  tools: AccountTools,
): Promise<{ report: AuditAccessReport; meta: AnswerMeta }> {
  const { state, reason } = options;
  if (![undefined, "ACTIVE", "SUSPENDED"].includes(state)) {
    throw refuseList(`"state" is ${shownValue(state)}`, `give "SUSPENDED" or "ACTIVE"`);
  }
  const directions = directionsOf(options.fix);
  const list = await listOf(options);
  if (directions !== undefined) checkFixable(list, state);
  const lines = list.lines.map((line) => withState(line, state, list.saysStates));
  const { people, near, lookedAt, meta } = await readPeople(tools.source, emailsOf(lines), context);
  const found = rowsOf(lines, people).map((row) => withNear(row, near));
  const { columns } = list;
  const facts = {
    lookedAt,
    counts: countsOf(found),
    drift: found.filter(({ finding }) => driftFindings.has(finding)).length,
    ...(columns === undefined ? {} : { columns }),
  };
  if (directions === undefined) {
    const obstacles = list.obstacles.map(sentenceOf);
    return { report: { ...facts, ...(obstacles.length === 0 ? {} : { obstacles }), rows: found }, meta };
  }
  const { fixDrift } = await import("./audit-access-fix.js");
  const { rows, stopped } = await fixDrift(found, directions, reason, context, tools);
  const fixes = fixesOf(rows);
  return { report: { ...facts, fixes, ...(stopped === undefined ? {} : { stopped }), rows }, meta };
}

/** What a review has to end with none of. */
const driftFindings: ReadonlySet<AuditAccessFinding> = new Set([
  "other_state",
  "not_in_account",
  "malformed",
]);

/** In which directions people are to be changed; `undefined` where they are only looked at. */
function directionsOf(fix: unknown): Required<FixDirections> | undefined {
  if (fix === undefined || fix === false) return undefined;
  if (fix === true) return { suspend: true, reactivate: false };
  const next = `give true, which suspends, or {"suspend": true, "reactivate": true}, or less of it`;
  if (typeof fix !== "object" || fix === null || Array.isArray(fix)) {
    throw refuseList(`"fix" is ${shownValue(fix)}`, next);
  }
  for (const [direction, value] of Object.entries(fix)) {
    if (direction !== "suspend" && direction !== "reactivate") {
      throw refuseList(`"fix" has ${quoted(direction)}, which is no direction`, next);
    }
    if (value !== undefined && typeof value !== "boolean") {
      throw refuseList(`"fix.${direction}" is ${shownValue(value)}`, next);
    }
  }
  const { suspend = false, reactivate = false } = fix as FixDirections;
  if (!suspend && !reactivate) throw refuseList(`"fix" names no direction`, `${next}, or leave it out`);
  return { suspend, reactivate };
}

/** Refuses to change anybody by a list that is not understood, or that says nobody's state. */
function checkFixable({ obstacles, saysStates, columns }: AccessList, state: WantedState | undefined): void {
  const [obstacle] = obstacles;
  if (obstacle !== undefined) {
    throw refuseList(`"csv" ${obstacle.what}, so nobody is changed by it`, obstacle.next);
  }
  if (saysStates || state !== undefined) return;
  const where = columns === undefined ? "The list does not say" : "No column of the list says";
  throw refuseList(
    `${where} which state people should be in, and "state" is missing`,
    `give "state" with "fix", SUSPENDED or ACTIVE, as the person who gave you the list says; do not guess it`,
  );
}

function sentenceOf({ what, next }: ListProblem): string {
  return `"csv" ${what}, so nobody is changed by it. Next: ${next}.`;
}

/** A line with the state that it should be held against; one that a list of states leaves open cannot be read. */
function withState(line: AccessLine, state: WantedState | undefined, saysStates: boolean): AccessLine {
  if ("why" in line) return line;
  if (line.state !== undefined) {
    const isByBlank = line.isByBlank === true && state !== line.state;
    return { ...line, isByBlank };
  }
  if (state !== undefined) return { ...line, state };
  if (!saysStates) return { ...line, state: "SUSPENDED" };
  const { line: number, given, email } = line;
  return { line: number, given, why: "it says no state, where other lines do", emails: [email] };
}

async function listOf({ emails, csv, columns }: AuditAccessOptions): Promise<AccessList> {
  if ((emails === undefined) === (csv === undefined)) {
    const what =
      emails === undefined ? `Neither "emails" nor "csv" was given` : `Both "emails" and "csv" were given`;
    throw refuseList(what, "give the list as one of them");
  }
  if (csv === undefined) {
    if ((columns as unknown) !== undefined) {
      throw refuseList(`"columns" was given without "csv"`, "give the list as csv, or leave columns out");
    }
    if (Array.isArray(emails)) return listOfEmails(emails);
    throw refuseList(`"emails" is ${shownValue(emails)}`, "give a list of email addresses");
  }
  if (typeof (csv as unknown) !== "string")
    throw refuseList(`"csv" is ${shownValue(csv)}`, "give it as text");
  const { listOfCsv } = await import("./access-list-csv.js");
  return listOfCsv(csv, columns);
}

function emailsOf(lines: readonly AccessLine[]): Set<string> {
  return new Set(lines.flatMap((line) => ("why" in line ? [] : [line.email])));
}

/** Reads everybody once, and keeps those who have one of the emails. */
async function readPeople(
  source: ToolSource,
  emails: ReadonlySet<string>,
  context: Context,
): Promise<{ people: Map<string, User[]>; near: Map<string, User>; lookedAt: number; meta: AnswerMeta }> {
  if (source.readUsers === undefined) {
    throw new ToolsetError("invalid_argument", "This source cannot read a directory. Give one that can.");
  }
  const byId = new Map<string, User>();
  const nearKeys = new Set([...emails].map(nearEmail));
  const near = new Map<string, User>();
  const ids = new Set<string>();
  let meta: AnswerMeta | undefined;
  let pages = 0;
  let read = 0;
  for await (const page of source.readUsers({}, context)) {
    meta = page.meta;
    read += page.users.length;
    for (const user of page.users) {
      ids.add(user.id);
      // Whoever joins or leaves meanwhile can push somebody onto the next page as well: the later reading holds.
      if (emails.has(comparableEmail(user.email))) {
        byId.set(user.id, user);
        continue;
      }
      byId.delete(user.id);
      const key = nearEmail(user.email);
      if (nearKeys.has(key)) near.set(key, user);
    }
    context.emit({ type: "page", page: (pages += 1), people: read });
  }
  if (meta?.nextCursor !== null) {
    throw new ToolsetError(
      "bad_response",
      "The directory did not give all of its pages, and nobody was changed. Try again later.",
    );
  }
  const people = new Map<string, User[]>();
  for (const user of byId.values()) {
    const email = comparableEmail(user.email);
    const same = people.get(email);
    if (same === undefined) people.set(email, [user]);
    else same.push(user);
  }
  return { people, near, lookedAt: ids.size, meta };
}

function rowsOf(
  lines: readonly AccessLine[],
  people: ReadonlyMap<string, readonly User[]>,
): AuditAccessRow[] {
  const byEmail = new Map<string, ReadableLine[]>();
  for (const line of lines) {
    if ("why" in line) continue;
    const { email } = line;
    const same = byEmail.get(email);
    if (same === undefined) byEmail.set(email, [line]);
    else same.push(line);
  }
  const unreadBy = new Map<string, number>();
  for (const line of lines) {
    if (!("why" in line)) continue;
    for (const email of line.emails ?? []) unreadBy.set(comparableEmail(email), line.line);
  }
  const contradictions = new Map<string, string>();
  for (const [email, same] of byEmail) {
    if (new Set(same.map(({ state }) => state)).size > 1) contradictions.set(email, contradiction(same));
    const unread = unreadBy.get(email);
    if (unread !== undefined) {
      contradictions.set(email, `line ${unread} has the same email, and could not be read`);
    }
  }
  return lines.map((line): AuditAccessRow => {
    const { line: number, given } = line;
    if ("why" in line) {
      return { line: number, given, expected: null, finding: "malformed", people: [], why: line.why };
    }
    const { email } = line;
    const first = byEmail.get(email)?.[0]?.line ?? number;
    const { state: expected = null, isByBlank = false } = line;
    const row = {
      line: number,
      given,
      expected,
      people: people.get(email) ?? [],
      ...(isByBlank ? { isByBlank } : {}),
    };
    const why = contradictions.get(email);
    if (why !== undefined) return { ...row, finding: "contradictory", why };
    if (first !== number) return { ...row, finding: "duplicate", firstLine: first };
    return { ...row, ...findingOf(row) };
  });
}

function findingOf({
  people,
  expected,
}: Pick<AuditAccessRow, "people" | "expected">): Pick<AuditAccessRow, "finding" | "why"> {
  const [person, ...others] = people;
  if (person === undefined) return { finding: "not_in_account" };
  if (others.length > 0) return { finding: "shared", why: `${people.length} people have this email` };
  return { finding: person.state === expected ? "as_expected" : "other_state" };
}

/** Says of somebody in no account who has an email that could be taken for theirs. */
function withNear(row: AuditAccessRow, near: ReadonlyMap<string, User>): AuditAccessRow {
  if (row.finding !== "not_in_account") return row;
  const { address = "" } = readEmailAddress(row.given);
  const person = near.get(nearEmail(address));
  if (person === undefined) return row;
  const { id, email } = person;
  return { ...row, why: `near it is id ${shownWord(id)} <${shownEmail(email)}>, which is another address` };
}

/** The longest list of lines that a contradiction names. */
const mostNamed = 10;

function contradiction(same: readonly ReadableLine[]): string {
  const named = same.slice(0, mostNamed).map(({ state, line }) => `${state ?? ""} on line ${line}`);
  const more = same.length > mostNamed ? ` and ${same.length - mostNamed} more` : "";
  return `it should be ${named.join(", ")}${more}`;
}

function countsOf(rows: readonly AuditAccessRow[]): Record<AuditAccessFinding, number> {
  const counts: Record<AuditAccessFinding, number> = {
    as_expected: 0,
    other_state: 0,
    not_in_account: 0,
    duplicate: 0,
    contradictory: 0,
    malformed: 0,
    shared: 0,
  };
  for (const { finding } of rows) counts[finding] += 1;
  return counts;
}

function fixesOf(rows: readonly AuditAccessRow[]): Record<AuditAccessFix["outcome"], number> {
  const fixes: Record<AuditAccessFix["outcome"], number> = {
    changed: 0,
    unchanged: 0,
    planned: 0,
    refused: 0,
    unknown: 0,
    left: 0,
    not_asked: 0,
  };
  for (const { fix } of rows) if (fix !== undefined) fixes[fix.outcome] += 1;
  return fixes;
}
