export { ToolManager, type ManagerOptions, type ToolManagerOptions } from "./manager.js";
export { ToolsetTool, type HandleErrors, type ToolArtifact, type ToolErrorArtifact } from "./tool.js";
export { defineTool, type DefineToolOptions, type ToolDefinition } from "./define-tool.js";

export { usersApi } from "./sources/users-api/source.js";
export type { ApiVersion, Region, UsersApiOptions } from "./sources/users-api/options.js";
export type { SecretOption } from "./sources/option-checks.js";
export type { DirectoryPage, DirectoryQuery, SourceAnswer, ToolSource } from "./sources/source.js";

export type { JsonSchema, ToolAnnotations, ToolDescriptor, ToolInputSchema, ToolKind } from "./descriptor.js";
export type { ToolFilter } from "./filter.js";
export type {
  AnswerMeta,
  AnswerWithHeaders,
  Call,
  CallRequest,
  CallResult,
  Context,
  Layer,
  RateLimit,
  Send,
  ToolsetEvent,
} from "./call.js";
export type { User, UserState } from "./user.js";
export type { FindUsersCriteria, FindUsersResult } from "./workflows/find-users.js";

export { HttpError, type HttpErrorOptions } from "./errors/http-error.js";
export { RateLimitError, type RateLimitErrorOptions } from "./errors/rate-limit-error.js";
export {
  isToolsetError,
  ToolsetError,
  type ToolsetErrorCode,
  type ToolsetErrorOptions,
} from "./errors/toolset-error.js";

export { truto } from "./sources/truto/source.js";
export { createGate, type Gate } from "./backoff/gate.js";
export { descriptorsFromOpenApi } from "./openapi/descriptors.js";
export { withBackoff } from "./backoff/with-backoff.js";
export type { BackoffOptions } from "./backoff/backoff-options.js";
export { TrutoLangchainToolManager } from "./sources/truto/toolset.js";
