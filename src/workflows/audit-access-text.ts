import { peopleTable } from "../content/people-table.js";
import { plainText } from "../content/plain-text.js";
import { shownEmail, shownWord } from "../content/shown-email.js";
import type { ToolsetErrorCode } from "../errors/toolset-error.js";
import type { User } from "../user.js";
import type { AuditAccessFix, AuditAccessReport, AuditAccessRow } from "./audit-access-report.js";

/** How many people and lines are shown in all; the artifact has every one. */
const mostShown = 40;

/** Rows of one kind, under a heading. */
interface Section {
  readonly heading: string;
  readonly rows: readonly AuditAccessRow[];
  /** What is shown of some of them. */
  readonly show: (rows: readonly AuditAccessRow[]) => string;
}

/** What a model reads of an audit: counts, what to do next, and the exceptions as far as they fit. */
export function auditAccessText(report: AuditAccessReport): string {
  const { rows } = report;
  const parts = [summary(report), columnsRead(report), fixSummary(report)];
  let room = mostShown;
  for (const section of sectionsOf(rows)) {
    const count = section.rows.length;
    const shown = section.rows.slice(0, room);
    room -= shown.length;
    const part =
      shown.length === count ? "" : shown.length === 0 ? ", not shown" : `, the first ${shown.length} shown`;
    parts.push(`${section.heading} (${count}${part}):`, shown.length === 0 ? "" : section.show(shown));
  }
  return parts.filter((part) => part !== "").join("\n");
}

function summary({ rows, counts, drift, lookedAt }: AuditAccessReport): string {
  const found = [
    part(counts.as_expected, "as expected"),
    part(counts.other_state, "in another state"),
    part(counts.not_in_account, "in no account"),
    part(counts.duplicate, "given twice"),
    part(counts.contradictory, "contradictory"),
    part(counts.malformed, "that could not be read"),
    part(counts.shared, "of an email that several people have"),
  ];
  const lines = rows.length === 1 ? "1 line" : `${rows.length} lines`;
  return `${lines}: ${listed(found)}. Drift: ${drift}. All ${lookedAt} people of the account were looked at.`;
}

function columnsRead({ columns, obstacles = [] }: AuditAccessReport): string {
  const listedNames = (names: readonly string[]) => names.map((name) => JSON.stringify(name)).join(", ");
  const read =
    columns === undefined
      ? ""
      : `Read as email: ${JSON.stringify(columns.email)}; as state: ${listedNames(columns.states) || "no column"}.` +
        (columns.unread.length === 0 ? "" : ` Not read: ${listedNames(columns.unread)}.`);
  return [read, ...obstacles.map((obstacle) => `With fix it would be refused: ${plainText(obstacle, 600)}`)]
    .filter((line) => line !== "")
    .join("\n");
}

function fixSummary({ fixes, stopped, counts }: AuditAccessReport): string {
  if (fixes === undefined) return "";
  if (counts.other_state === 0) return "There was nothing to change.";
  const outcomes = listed([
    part(fixes.changed, "changed"),
    part(fixes.unchanged, "found in the wanted state by then"),
    part(fixes.planned, "only planned, because this is a dry run: nobody was changed"),
    part(fixes.refused, "refused"),
    part(fixes.unknown, "with an outcome that is not known"),
    part(fixes.left, "left"),
    part(fixes.not_asked, "not in a direction that was asked for"),
  ]);
  const why = stopped === undefined ? "" : ` Stopped by ${stopped.code}: ${stopped.why}`;
  return `Of ${counts.other_state} to change: ${outcomes}.${why}${nextStep(fixes, stopped)}`;
}

/** After these the same call must not be made again. */
const finalCodes: ReadonlySet<ToolsetErrorCode> = new Set([
  "approval_rejected",
  "approval_unavailable",
  "repeated",
]);

function nextStep(
  { unknown, left }: NonNullable<AuditAccessReport["fixes"]>,
  stopped: AuditAccessReport["stopped"],
): string {
  if (stopped !== undefined && finalCodes.has(stopped.code)) {
    return " Next: report this to the person who gave you the task, and do not ask for it again.";
  }
  if (unknown + left === 0) return "";
  const ms = stopped?.retryAfterMs ?? 0;
  const when = ms > 0 ? `in ${Math.ceil(ms / 1000)} s or later, ` : "";
  return ` Next: ${when}make the same call again, which goes on from here; until then, report it as unfinished.`;
}

function sectionsOf(rows: readonly AuditAccessRow[]): Section[] {
  const drifting = rows.filter(({ finding }) => finding === "other_state");
  const ended = (outcome: AuditAccessFix["outcome"]) =>
    drifting.filter(({ fix }) => fix?.outcome === outcome);
  const found = (finding: AuditAccessRow["finding"]) => rows.filter((row) => row.finding === finding);
  const sections: Section[] = [
    { heading: "Outcome not known", rows: ended("unknown"), show: reasons },
    { heading: "Refused", rows: ended("refused"), show: reasons },
    ...byState(ended("planned"), (from, to) => `Would be made ${to}, ${from} now`),
    ...byState(ended("left"), (from, to) => `Left ${from}, should be ${to}`),
    ...byState(ended("not_asked"), (from, to) => `Left ${from}, should be ${to}, which was not asked for`),
    ...byState(
      drifting.filter(({ fix }) => fix === undefined),
      (from, to) => `${from}, should be ${to}`,
    ),
    { heading: "In no account", rows: found("not_in_account"), show: names },
    { heading: "Of several people, and left alone", rows: found("shared"), show: sharers },
    { heading: "Contradictory, and left alone", rows: found("contradictory"), show: reasons },
    { heading: "Could not be read", rows: found("malformed"), show: reasons },
    { heading: "Given twice", rows: found("duplicate"), show: repetitions },
    ...byState([...ended("changed"), ...ended("unchanged")], (from, to) => `${to} now, ${from} before`),
    {
      heading: "With a note",
      rows: ended("changed").filter(({ fix }) => fix?.note !== undefined),
      show: reasons,
    },
  ];
  return sections.filter((section) => section.rows.length > 0);
}

/** A section for each pair of the state that people are in and the one they should be in. */
function byState(
  rows: readonly AuditAccessRow[],
  headingOf: (from: string, to: string) => string,
): Section[] {
  const sections = new Map<string, AuditAccessRow[]>();
  for (const row of rows) {
    const heading = headingOf(shownWord(row.people[0]?.state ?? ""), row.expected ?? "");
    const some = sections.get(heading);
    if (some === undefined) sections.set(heading, [row]);
    else some.push(row);
  }
  return [...sections].map(([heading, some]) => ({ heading, rows: some, show: table }));
}

function table(rows: readonly AuditAccessRow[]): string {
  return peopleTable(rows.flatMap(asNow));
}

/** Whom a row is about, in the state that is known last. */
function asNow({ people, fix }: AuditAccessRow): User[] {
  return people.map((person) => (fix?.state === undefined ? person : { ...person, state: fix.state }));
}

function reasons(rows: readonly AuditAccessRow[]): string {
  return rows
    .map(({ line, given, expected, why, fix }) => {
      const who = expected === null ? "" : ` ${shownEmail(given)}:`;
      const note = fix?.note === undefined ? undefined : plainText(fix.note, 300);
      const what = [fix?.code, fix === undefined ? why : note].filter((text) => text !== undefined);
      return `line ${line}:${who} ${what.join(": ")}`;
    })
    .join("\n");
}

function names(rows: readonly AuditAccessRow[]): string {
  return rows
    .map(
      ({ line, given, why }) => `${shownEmail(given)} (line ${line}${why === undefined ? "" : `: ${why}`})`,
    )
    .join(", ");
}

function repetitions(rows: readonly AuditAccessRow[]): string {
  return rows
    .map(
      ({ line, given, firstLine }) => `${shownEmail(given)} (line ${line}, first on line ${firstLine ?? 0})`,
    )
    .join(", ");
}

/** How many of those who share an email are shown. */
const mostSharers = 5;

function sharers(rows: readonly AuditAccessRow[]): string {
  return rows
    .map(({ line, given, why = "", people }) => {
      return `line ${line}: ${shownEmail(given)}: ${why}\n${peopleTable(people.slice(0, mostSharers))}`;
    })
    .join("\n");
}

function part(count: number, what: string): string {
  return count === 0 ? "" : `${count} ${what}`;
}

function listed(parts: readonly string[]): string {
  return parts.filter((one) => one !== "").join(", ");
}
