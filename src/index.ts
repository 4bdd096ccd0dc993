export { ToolManager, type ManagerOptions, type ToolManagerOptions } from "./manager.js";
export { ToolsetTool, type HandleErrors, type ToolArtifact, type ToolsetToolFields } from "./tool.js";
export type { ContextSetup } from "./context.js";
export { defineTool, type DefineToolOptions, type ToolDefinition } from "./define-tool.js";
export type { ArgumentsOf, SchemaOption } from "./input-schema.js";

export { usersApi } from "./sources/users-api/source.js";
export type { ApiVersion, Region, UsersApiOptions } from "./sources/users-api/options.js";
export { truto } from "./sources/truto/source.js";
export type { TrutoOptions } from "./sources/truto/options.js";
export { TrutoLangchainToolManager, type TrutoLangchainToolManagerOptions } from "./sources/truto/toolset.js";
export type { SecretOption } from "./sources/option-checks.js";
export type { Fetch } from "./http/guarded-fetch.js";
export type { DirectoryPage, DirectoryQuery, SourceAnswer, ToolSource } from "./sources/source.js";

export type { JsonSchema, ToolAnnotations, ToolDescriptor, ToolInputSchema, ToolKind } from "./descriptor.js";
export type { TargetArgument, ToolTarget } from "./target.js";
export type { ToolFilter } from "./filter.js";
export type {
  AnswerMeta,
  AnswerWithHeaders,
  Call,
  CallRequest,
  CallResult,
  Consent,
  Context,
  Layer,
  RateLimit,
  Refusal,
  Send,
  Targets,
  ToolsetEvent,
  Trail,
} from "./call.js";
export type { User, UserState } from "./user.js";
export type { WarningDetails, WarningListener } from "./warning.js";

export type {
  ApprovalAnswer,
  ApprovalItem,
  ApprovalOptions,
  ApprovalPerson,
  ApprovalRequest,
  ApprovalStore,
  Ask,
} from "./layers/approval-options.js";
export { guard, type GuardToolsOptions, type ToolFacts } from "./guard.js";
export { askByInterrupt } from "./layers/ask-by-interrupt.js";
export type { AuditFacts, AuditRecord, AuditSink, AuditUser } from "./layers/audit-record.js";
export type { GuardOptions, ProtectPredicate, WriteBudget } from "./layers/guard-options.js";
export type { InterruptedCall, InterruptOn, InterruptOnTool } from "./layers/interrupt-on.js";
export { auditAccess, findUsers, offboardUser, type CallConfig } from "./workflows/functions.js";
export type {
  AuditAccessFinding,
  AuditAccessFix,
  AuditAccessOptions,
  AuditAccessReport,
  AuditAccessRow,
  AuditAccessStop,
  FixDirections,
} from "./workflows/audit-access-report.js";
export type { ColumnNames } from "./workflows/access-list-columns.js";
export type { ReadColumns } from "./workflows/access-list.js";
export type { WorkflowOptions } from "./workflows/workflow.js";
export type { OffboardUserOptions, OffboardUserReport } from "./workflows/offboard-user.js";
export type { FindUsersCriteria, FindUsersResult } from "./workflows/find-users.js";

export type { ToolErrorArtifact } from "./errors/error-answer.js";
export { HttpError, type HttpErrorOptions } from "./errors/http-error.js";
export { RateLimitError, type RateLimitErrorOptions } from "./errors/rate-limit-error.js";
export {
  isToolsetError,
  ToolsetError,
  type ToolsetErrorCode,
  type ToolsetErrorOptions,
} from "./errors/toolset-error.js";

export { createGate } from "./backoff/create-gate.js";
export type { Gate, GatePass, GateRequest, Outcome } from "./backoff/gate.js";
export { withBackoff } from "./backoff/with-backoff.js";
export type { BackoffOptions } from "./backoff/backoff-options.js";
export type { Wait, WaitReason } from "./backoff/attempts.js";

export { descriptorsFromOpenApi } from "./openapi/descriptors.js";
export type { OpenApiDocument } from "./openapi/document.js";
export type { HttpMethod, OpenApiOperationKey, OpenApiToolsOptions } from "./openapi/operation.js";
