export { createMcpServer, type McpConnection, type McpTransport } from "./mcp-server.js";
export {
  createMcpHandler,
  type McpHandler,
  type McpConnectionInfo,
  type McpHandlerOptions,
} from "./http/handler.js";
export { bearerTokens, type BearerToken } from "./http/bearer.js";
export type { EndpointLimits } from "./http/limits.js";
export type { RequestCheckOptions } from "./http/request-check.js";
export type { RequestLine, RequestLog } from "./http/request-log.js";
export { createMcpServers, type McpServers, type McpServersOptions } from "./servers/create-mcp-servers.js";
export { memoryMcpServerStore, type McpServerRecord, type McpServerStore } from "./servers/server-store.js";
export { askByElicitation } from "./elicitation.js";
export type { McpOptions } from "./mcp-options.js";
