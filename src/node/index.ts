/**
 * Files for the audit log and for used approvals: `langchain-1password/node`. It runs on Node 20 and later.
 *
 * @module
 */
export { auditFile, type AuditFile, type AuditFileOptions } from "./audit-file.js";
export { verifyAudit, type AuditVerification, type VerifyAuditOptions } from "./verify-audit.js";
export { fileApprovalStore } from "./file-approval-store.js";
export type { AuditChain, AuditLine, TornPiece } from "./audit-line.js";
export type { DanglingIntent } from "./dangling-intents.js";
export type { TornLine } from "./torn-lines.js";
export type { AuditFacts, AuditRecord, AuditSink } from "../layers/audit-record.js";
export type { ApprovalStore } from "../layers/approval-options.js";
