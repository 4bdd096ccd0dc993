/**
 * A sandbox to try and test things against: `langchain-1password/sandbox`. It runs on Node.
 *
 * @module
 */
export { startSandbox, type Sandbox } from "./sandbox.js";
export type { SandboxOptions } from "./options.js";
export type { SandboxCredentials } from "./credentials.js";
export type { SandboxDirectorySync } from "./directory-sync.js";
export type { SandboxFault, SandboxFaultAction } from "./faults.js";
export type { RateLimitHeaders, SandboxRateLimit } from "./rate-limit.js";
export type { SandboxRequest } from "./request-log.js";
export type { SandboxPermission } from "./users-api.js";
export type { SandboxRole, SandboxUser, SandboxUserInput, SandboxUserState } from "./users.js";
export type {
  SandboxApi,
  SandboxApiVersion,
  SandboxOperation,
  SandboxTrutoFilter,
} from "./documented-requests.js";
