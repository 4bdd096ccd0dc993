import { randomUUID } from "node:crypto";
import type { AuditFacts, AuditRecord } from "langchain-1password/node";

/** A record of a write that is about to be sent, with some of its facts replaced. */
export function recordOf(facts: Partial<AuditFacts> = {}, uid: string = randomUUID()): AuditRecord {
  return {
    class_uid: 3001,
    class_name: "Account Change",
    category_uid: 3,
    category_name: "Identity & Access Management",
    activity_id: 5,
    activity_name: "Disable",
    type_uid: 300105,
    severity_id: 1,
    time: 1_764_000_000_000,
    status_id: 0,
    status: "Unknown",
    metadata: {
      version: "1.3.0",
      product: { name: "langchain-1password", vendor_name: "langchain-1password", version: "0.1.0" },
      uid,
      correlation_uid: `${uid}-call`,
    },
    user: { uid: "A".repeat(26), email_addr: "m.scott@example.com" },
    unmapped: {
      phase: "intent",
      users: [{ uid: "A".repeat(26), email_addr: "m.scott@example.com" }],
      tool: "1_password_users_suspend",
      operation: "suspend",
      account: "http://127.0.0.1 account client",
      call: `${uid}-call`,
      ...facts,
    },
  };
}

/** The record of what became of a write. */
export function outcomeOf(intent: AuditRecord): AuditRecord {
  return recordOf({ phase: "outcome", intent: intent.metadata.uid, state: "SUSPENDED", changed: true });
}
