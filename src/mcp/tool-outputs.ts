import type { ToolArtifact } from "../tool.js";
import { shownUser } from "../content/people-table.js";
import { plainText } from "../content/plain-text.js";
import { portableName } from "../openapi/portable-name.js";
import { isUser } from "../user.js";
import type { AuditAccessReport, AuditAccessRow } from "../workflows/audit-access-report.js";
import type { FindUsersResult } from "../workflows/find-users.js";

type OutputSchema = {
  readonly type: "object";
  readonly properties: Readonly<Record<string, object>>;
  readonly required: readonly string[];
};
type Structured = Record<string, unknown>;

/** A tool's structured answer: its schema, and how it is made of what the tool gave. */
export interface ToolOutput {
  readonly title: string;
  readonly schema: OutputSchema;
  readonly structured: (artifact: ToolArtifact, text: string, args: Structured) => Structured;
}

/** How many lines of an audit are given; its text says how many there are. */
const mostRows = 40;

const text = { type: "string" };
const nullableText = { type: ["string", "null"] };
const texts = { type: "array", items: text };
const flag = { type: "boolean" };
const nullableFlag = { type: ["boolean", "null"] };
const count = { type: "integer" };
const nullableCount = { type: ["integer", "null"] };
const counts = { type: "object", additionalProperties: count };
const person = object({ id: text, email: text, display_name: text, state: text, create_time: text });
const people = { type: "array", items: person };

const written = {
  id: nullableText,
  email: nullableText,
  previous_state: text,
  state: text,
  changed: nullableFlag,
  verified: flag,
};
const write = object(written, { note: text });

const outputs: Readonly<Record<string, ToolOutput>> = {
  list_all_1_password_users: {
    title: "List 1Password users",
    schema: object({ people, next_cursor: nullableText }),
    structured: ({ data, nextCursor }) => ({ people: peopleIn(data), next_cursor: nextCursor }),
  },
  get_single_1_password_user_by_id: {
    title: "Read a 1Password user",
    schema: person,
    structured: ({ data }) => (isUser(data) ? { ...shownUser(data) } : { ...nobody }),
  },
  find_1_password_users: {
    title: "Find 1Password users",
    schema: object(
      {
        people,
        total: nullableCount,
        more: flag,
        cursor: nullableText,
        looked_at: count,
        complete: flag,
        not_found: { type: "array", items: text },
        counts,
      },
      { unfinished: object({ cursor: text, retry_after_s: nullableCount }) },
    ),
    structured: ({ data }, _text, { cursor }) => {
      const found = data as FindUsersResult;
      const { matches, total, more, lookedAt, complete, notFound, counts, unfinished } = found;
      return {
        people: matches.map(shownUser),
        total,
        more,
        cursor: found.cursor,
        looked_at: lookedAt,
        // What was looked at before the cursor is not known here.
        complete: complete && cursor === undefined,
        not_found: notFound.map((email) => plainText(email, 254)),
        counts: Object.fromEntries(Object.entries(counts).map(([state, n]) => [plainText(state, 40), n])),
        ...(unfinished === undefined
          ? {}
          : { unfinished: { cursor: unfinished.cursor, retry_after_s: inSeconds(unfinished.retryAfterMs) } }),
      };
    },
  },
  onepassword_users_suspend: { title: "Suspend a 1Password user", schema: write, structured: writeReport },
  onepassword_users_reactivate: {
    title: "Reactivate a 1Password user",
    schema: write,
    structured: writeReport,
  },
  offboard_1_password_user: {
    title: "Offboard a 1Password user",
    schema: object(written, { note: text, next_steps: { type: "array", items: text } }),
    structured: writeReport,
  },
  audit_1_password_access: {
    title: "Audit who has 1Password access",
    schema: object(
      {
        looked_at: count,
        drift: count,
        counts,
        rows: {
          type: "array",
          items: object(
            { line: count, given: text, expected: nullableText, finding: text, people },
            { why: text, fix: object({ outcome: text }, { state: text, code: text, note: text }) },
          ),
        },
      },
      {
        columns: object({ email: text, states: texts, unread: texts }),
        obstacles: texts,
        fixes: counts,
        stopped: object({ code: text, why: text, retry_after_s: nullableCount }),
      },
    ),
    structured: ({ data }) => auditReport(data as AuditAccessReport),
  },
};

const planned: OutputSchema = object({ planned: text });

/**
 * What is known of a tool's structured answer by its name; `undefined` for a tool that somebody else defined.
 *
 * @param plansOnly - whether the tool only says what it would do
 */
export function outputOf(name: string, plansOnly: boolean): ToolOutput | undefined {
  const known = portableName(name);
  const output = Object.hasOwn(outputs, known) ? outputs[known] : undefined;
  if (output?.structured !== writeReport || !plansOnly) return output;
  return { ...output, schema: planned, structured: (_artifact, would) => ({ planned: would }) };
}

const nobody = shownUser({
  id: "",
  email: "",
  display_name: "",
  state: "STATE_UNSPECIFIED",
  create_time: "",
  path: "",
});

function peopleIn(data: unknown): object[] {
  const { results, result } = (data ?? {}) as { results?: unknown; result?: unknown };
  const list = results ?? result;
  return Array.isArray(list) ? list.filter(isUser).map(shownUser) : [];
}

/** A write's text is its report; whatever else came says of itself that nothing is known. */
function writeReport(_artifact: ToolArtifact, report: string, { id }: Structured): Structured {
  try {
    const read = JSON.parse(report) as Structured;
    if (typeof read.state === "string") return read;
  } catch {
    // Told below.
  }
  return {
    id: typeof id === "string" ? plainText(id, 40) : null,
    email: null,
    previous_state: "unknown",
    state: "unknown",
    changed: null,
    verified: false,
    note: plainText(report, 500),
  };
}

function auditReport(report: AuditAccessReport): Structured {
  const { lookedAt, drift, counts, columns, obstacles, fixes, stopped, rows } = report;
  const exceptions = rows.filter(({ finding }) => finding !== "as_expected");
  return {
    looked_at: lookedAt,
    drift,
    counts,
    rows: exceptions.slice(0, mostRows).map(auditRow),
    ...(columns === undefined ? {} : { columns: { ...columns } }),
    ...(obstacles === undefined ? {} : { obstacles: obstacles.map((one) => plainText(one, 600)) }),
    ...(fixes === undefined ? {} : { fixes }),
    ...(stopped === undefined
      ? {}
      : {
          stopped: {
            code: stopped.code,
            why: stopped.why,
            retry_after_s: inSeconds(stopped.retryAfterMs),
          },
        }),
  };
}

function auditRow({ line, given, expected, finding, people, why, fix }: AuditAccessRow): Structured {
  return {
    line,
    given: plainText(given, 254),
    expected,
    finding,
    people: people.map(shownUser),
    ...(why === undefined ? {} : { why: plainText(why, 300) }),
    ...(fix === undefined ? {} : { fix: { ...fix } }),
  };
}

function object(
  required: Readonly<Record<string, object>>,
  optional: Readonly<Record<string, object>> = {},
): OutputSchema {
  return { type: "object", properties: { ...required, ...optional }, required: Object.keys(required) };
}

function inSeconds(ms: number | null): number | null {
  return ms === null ? null : Math.ceil(ms / 1000);
}
