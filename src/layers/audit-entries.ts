import type { CallRequest, Targets } from "../call.js";
import { plainText } from "../content/plain-text.js";
import { stateAfter, type UserState } from "../user.js";
import { version } from "../version.js";
import type { AuditFacts, AuditRecord } from "./audit-record.js";
import { soleUser } from "./targets.js";

/** How a write ended, for its record. */
export interface RecordedEnd {
  readonly status: AuditRecord["status"];
  readonly code?: AuditRecord["status_code"];
  readonly detail?: string;
  readonly previous?: UserState | "unknown";
  readonly state?: UserState | "unknown";
  readonly changed?: boolean | null;
  readonly requestId?: string | null;
}

/** The longest sentence of a refusal or a failure that is kept. */
const longestDetail = 1000;

const statusIds = { Unknown: 0, Success: 1, Failure: 2, Other: 99 } as const;

/** The record of one moment of a write. */
export function auditRecord(
  request: CallRequest,
  moment: { phase: "intent" } | ({ phase: "outcome" | "decision" } & RecordedEnd),
): AuditRecord {
  const { descriptor, context } = request;
  const end: Partial<RecordedEnd> = moment.phase === "intent" ? {} : moment;
  const { status = "Unknown", code, detail } = end;
  const activity = activityOf(descriptor.method);
  const { actor } = context;
  const users = auditUsers(context.targets);
  const [user, ...others] = typeof users === "string" ? [] : users;
  return {
    class_uid: 3001,
    class_name: "Account Change",
    category_uid: 3,
    category_name: "Identity & Access Management",
    activity_id: activity.id,
    activity_name: activity.name,
    type_uid: 300_100 + activity.id,
    severity_id: moment.phase === "outcome" && status === "Unknown" ? 3 : 1,
    time: Date.now(),
    status_id: statusIds[status],
    status,
    ...(code === undefined ? {} : { status_code: code }),
    ...(detail === undefined ? {} : { status_detail: plainText(detail, longestDetail) }),
    metadata: {
      version: "1.3.0",
      product: { name: "langchain-1password", vendor_name: "langchain-1password", version },
      uid: crypto.randomUUID(),
      correlation_uid: context.callId,
    },
    ...(actor === undefined ? {} : { actor: { user: { name: plainText(actor, 254) } } }),
    ...(user?.uid === undefined || others.length > 0 ? {} : { user: { ...user, uid: user.uid } }),
    unmapped: { ...factsOf(request, moment.phase, end), users },
  };
}

/** Whom a write concerns, as its record names them. */
function auditUsers(targets: Targets): AuditFacts["users"] {
  switch (targets.state) {
    case "none":
    case "unknown":
      return targets.state;
    case "named":
      return targets.names.map((name) =>
        targets.by === "id" ? { uid: plainText(name, 60) } : { email_addr: plainText(name, 254) },
      );
    case "known":
      return targets.users.map(({ id, email, display_name }) => ({
        uid: plainText(id, 60),
        email_addr: plainText(email, 254),
        name: plainText(display_name, 80),
      }));
  }
}

function factsOf(
  request: CallRequest,
  phase: AuditFacts["phase"],
  end: Partial<RecordedEnd>,
): Omit<AuditFacts, "users"> {
  const { descriptor, context } = request;
  const { trail, thread, run, reason, consent } = context;
  const previous = end.previous ?? soleUser(context)?.state;
  return {
    phase,
    ...(phase === "outcome" && trail.intent !== undefined ? { intent: trail.intent } : {}),
    tool: descriptor.name,
    operation: descriptor.method,
    account: context.account,
    ...(thread === undefined ? {} : { thread }),
    ...(run === undefined ? {} : { run }),
    call: context.callId,
    ...(reason === undefined ? {} : { reason: plainText(reason, 500) }),
    ...(consent === undefined
      ? {}
      : {
          approval: {
            request: consent.requestId,
            ...(consent.approver === undefined ? {} : { approver: consent.approver }),
            ...(consent.reason === undefined ? {} : { reason: consent.reason }),
          },
        }),
    ...(previous === undefined ? {} : { previous_state: previous }),
    ...(end.state === undefined ? {} : { state: end.state }),
    ...(end.changed === undefined ? {} : { changed: end.changed }),
    ...(end.requestId === undefined || end.requestId === null ? {} : { request_id: end.requestId }),
    ...(phase === "outcome" ? { attempts: trail.attempts } : {}),
  };
}

function activityOf(method: string): { id: 2 | 5 | 99; name: string } {
  const state = stateAfter(method);
  if (state === "SUSPENDED") return { id: 5, name: "Disable" };
  if (state === "ACTIVE") return { id: 2, name: "Enable" };
  return { id: 99, name: plainText(method, 60) };
}
