/**
 * What needs Node, 20 and later: files for the audit log and for used approvals, a terminal to ask at.
 *
 * @module
 */
export { auditFile, type AuditFile, type AuditFileOptions } from "./audit-file.js";
export { verifyAudit, type AuditVerification, type VerifyAuditOptions } from "./verify-audit.js";
export { askInTerminal, type AskInTerminalOptions } from "./ask-in-terminal.js";
export type { Terminal, TerminalStream } from "./terminal.js";
export { fileApprovalStore } from "./file-approval-store.js";
export { fileMcpServerStore } from "./file-mcp-server-store.js";
export type { AuditChain, AuditLine, ChainHead, TornPiece } from "./audit-line.js";
export type { DanglingIntent } from "./dangling-intents.js";
export type { TornLine } from "./torn-lines.js";
export type { AuditFacts, AuditRecord, AuditSink } from "../layers/audit-record.js";
export type { ApprovalStore, Ask } from "../layers/approval-options.js";
export type { McpServerConfig, McpServerRecord, McpServerStore } from "../mcp/servers/server-store.js";
