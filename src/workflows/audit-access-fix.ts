import type { CallResult, Context, Refusal } from "../call.js";
import { plainText } from "../content/plain-text.js";
import { isToolsetError, type ToolsetError, type ToolsetErrorCode } from "../errors/toolset-error.js";
import type { PersonChange } from "../layers/batch-approval.js";
import { stateAfter, type User } from "../user.js";
import type {
  AuditAccessFix,
  AuditAccessRow,
  AuditAccessStop,
  FixDirections,
} from "./audit-access-report.js";
import type { AccountTools } from "./workflow.js";

/** What ends one change, and says nothing of the next. */
const ofOnePerson: ReadonlySet<ToolsetErrorCode> = new Set([
  "invalid_argument",
  "not_found",
  "forbidden",
  "identity_mismatch",
  "identity_required",
  "protected",
  "out_of_scope",
  "repeated",
  "outcome_unknown",
]);

/** Failures that may be of one person; a second one in a row is of the server. */
const ofOnePersonOrAll: ReadonlySet<ToolsetErrorCode> = new Set(["server_error", "timeout", "bad_response"]);

/** Failures after which nobody knows whether the change took effect. */
const lost: ReadonlySet<ToolsetErrorCode> = new Set(["network", "outcome_unknown", ...ofOnePersonOrAll]);

/** What is no outcome of a run: it was called off, or must not be made at all. */
const thrown: ReadonlySet<ToolsetErrorCode> = new Set(["aborted", "read_only"]);

/** How one person's change ended. */
interface Ending {
  readonly fix: AuditAccessFix;
  /** Why nobody else's is to be tried. */
  readonly stop?: AuditAccessStop;
  /** Why nobody else's is to be tried if it meets the next one as well. */
  readonly suspicion?: AuditAccessStop;
}

/** A row that calls for a change, and the change. */
interface Due {
  readonly row: AuditAccessRow;
  readonly change: PersonChange;
}

/**
 * Brings those who were found in another state to the wanted one, in the directions that were asked for, each through
 * every guard: a refusal ends only that person's change, what would meet the others as well ends the run.
 *
 * @throws LangGraph's signals, the reason of an abort, `ToolsetError` `read_only`, and what is no `ToolsetError`
 */
export async function fixDrift(
  rows: readonly AuditAccessRow[],
  directions: FixDirections,
  reason: string | undefined,
  context: Context,
  tools: AccountTools,
): Promise<{ rows: AuditAccessRow[]; stopped?: AuditAccessStop }> {
  const drifting = rows.flatMap(dueOf);
  const due = drifting.filter((one) => notAsked(one, directions) === undefined);
  const batch: Context = { ...context, ...(reason === undefined ? {} : { reason }) };
  const changes = due.map(({ change }) => change);
  const answer = changes.length === 0 ? null : await tools.askForAll(changes, "audit", batch);
  const isRefused = answer !== null && "code" in answer;
  const grants = isRefused ? null : answer;
  const fixes = new Map<AuditAccessRow, AuditAccessFix>();
  for (const one of drifting) {
    const note = notAsked(one, directions);
    if (note !== undefined) fixes.set(one.row, { outcome: "not_asked", note });
  }
  let stopped = isRefused ? stopOf(answer) : undefined;
  let wasSuspicious = false;
  for (const { row, change } of due) {
    if (stopped !== undefined) {
      fixes.set(row, { outcome: "left" });
      continue;
    }
    const mine = personContext(batch, change.person, grants?.get(change.person.id));
    const { fix, stop, suspicion } = await fixPerson(change, reason, mine, tools);
    context.signal.throwIfAborted();
    fixes.set(row, fix);
    stopped = stop ?? (wasSuspicious ? suspicion : undefined);
    wasSuspicious = suspicion !== undefined;
  }
  return {
    rows: rows.map((row) => {
      const fix = fixes.get(row);
      return fix === undefined ? row : { ...row, fix };
    }),
    ...(stopped === undefined ? {} : { stopped }),
  };
}

function dueOf(row: AuditAccessRow): Due[] {
  const [person] = row.people;
  if (row.finding !== "other_state" || person === undefined) return [];
  return [{ row, change: { method: row.expected === "ACTIVE" ? "reactivate" : "suspend", person } }];
}

/** Why a change is not one that was asked for; `undefined` where it is. */
function notAsked({ row, change }: Due, { suspend, reactivate }: FixDirections): string | undefined {
  if (change.method === "suspend") return suspend === true ? undefined : "suspending was not asked for";
  if (reactivate !== true) return "giving access back was not asked for";
  return row.isByBlank === true ? "a blank cell gives nobody access back" : undefined;
}

/** A context for one person of many: what was written down of one must not speak for another. */
function personContext(batch: Context, { id }: User, grant: Context["grant"]): Context {
  const { consent: _consent, needsApproval: _needs, expectedEmails: _emails, ...facts } = batch;
  return {
    ...facts,
    callId: `${batch.callId}/${id}`,
    obstacles: [],
    trail: { attempts: 0 },
    ...(grant === undefined ? {} : { grant }),
  };
}

async function fixPerson(
  { method, person }: PersonChange,
  reason: string | undefined,
  context: Context,
  tools: AccountTools,
): Promise<Ending> {
  const facts = {
    expected_email: person.email,
    ...(reason === undefined ? {} : { reason }),
  };
  try {
    const result = await tools.write(method, person.id, facts, context);
    return result.kind === "refused"
      ? refusedEnding(result, context)
      : { fix: fixOf(result, method, context) };
  } catch (error) {
    if (!isToolsetError(error) || thrown.has(error.code)) throw error;
    return failedEnding(error, context);
  }
}

function fixOf(
  result: Exclude<CallResult, { kind: "refused" }>,
  method: PersonChange["method"],
  { obstacles }: Context,
): AuditAccessFix {
  if (result.kind === "planned") {
    const [obstacle] = obstacles;
    // What would not be made is no part of the plan.
    return obstacle === undefined
      ? { outcome: "planned", note: result.would }
      : { outcome: "refused", code: obstacle.code, note: sentenceOf(obstacle.text) };
  }
  if (result.kind === "answer") {
    return { outcome: "unknown", note: `the answer to "${method}" was something else than a person` };
  }
  const { state, changed, note, showsAnother } = result;
  const shown = state === "unknown" ? {} : { state };
  if (showsAnother === true) return { outcome: "unknown", ...shown, note: sentenceOf(note ?? "") };
  if (state !== stateAfter(method)) {
    return { outcome: "unknown", ...shown, note: `they are ${plainText(state, 40)} afterwards` };
  }
  return {
    outcome: changed === false ? "unchanged" : "changed",
    ...shown,
    ...(note === undefined ? {} : { note }),
  };
}

function refusedEnding(refusal: Refusal, { grant }: Context): Ending {
  const { code, text, retryAfterMs = 0 } = refusal;
  const fix = { code, note: sentenceOf(text) };
  // A yes that still holds was void for this person alone, who has changed since it was given.
  const isDrift =
    code === "approval_expired" && grant !== undefined && Date.now() + retryAfterMs < grant.consent.expiresAt;
  if (ofOnePerson.has(code) || isDrift) return { fix: { outcome: "refused", ...fix } };
  return { fix: { outcome: "left", ...fix }, stop: stopOf(refusal) };
}

function failedEnding(error: ToolsetError, { trail }: Context): Ending {
  const { code } = error;
  // A failure of the readings made for the change says nothing of the change itself, which was not sent.
  const isUnknown = trail.attempts > 0 && (error.inDoubt || (lost.has(code) && !error.unsent));
  const fix: AuditAccessFix = {
    outcome: isUnknown ? "unknown" : ofOnePerson.has(code) ? "refused" : "left",
    code,
    note: sentenceOf(error.text),
  };
  if (ofOnePerson.has(code)) return { fix };
  return ofOnePersonOrAll.has(code) ? { fix, suspicion: stopOf(error) } : { fix, stop: stopOf(error) };
}

function stopOf({ code, text, retryAfterMs }: Refusal | ToolsetError): AuditAccessStop {
  return { code, why: sentenceOf(text), retryAfterMs: retryAfterMs == null ? null : Math.ceil(retryAfterMs) };
}

/** What happened, without what it means for a call that would have been the only one. */
function sentenceOf(text: string): string {
  const [what = ""] = text.split(/ (?:Nothing was (?:changed|sent)\.|Next: |Try again)/, 1);
  return plainText(what, 400);
}
