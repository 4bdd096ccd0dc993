import { serveStdio, type StdioServerHandle } from "@modelcontextprotocol/server/stdio";
import type { ToolManager } from "../manager.js";
import { refuseUnknownOptions } from "../option-error.js";
import { anonymous } from "./access.js";
import { mcpOptionNames, type McpOptions } from "./mcp-options.js";
import { StoppableTransport } from "./stoppable-transport.js";
import { mcpToolset } from "./toolset.js";

/** The transport of an MCP connection, as the official SDKs of both generations have it. */
export interface McpTransport {
  start(): Promise<void>;
  // Written as methods, so that the narrower messages of any SDK fit.
  send(message: object, options?: object): Promise<void>;
  close(): Promise<void>;
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  onmessage?(message: object, extra?: object): void;
  sessionId?: string | undefined;
}

/** A server for one MCP connection. */
export interface McpConnection {
  /**
   * Serves the client at the other end of the transport, until either side closes it. Where the transport closes, a
   * question to its client ends, and what is under way goes on to its end.
   */
  connect(transport: McpTransport): Promise<void>;
  /** Ends the connections at once. What is under way is cancelled. */
  close(): Promise<void>;
}

/**
 * A manager's tools as an MCP server, for one connection over a transport of your own, such as stdio. For HTTP take
 * `createMcpHandler`. It has no rules of its own: every guard of the manager holds. What the manager leaves open is
 * decided strictly, because others call: reads only, and of writes, `expected_email` and a person's yes are needed.
 *
 * @throws `ToolsetError` `invalid_argument` for an option that does not fit. A word in `methods` or `tags` that no
 * tool goes by is found when the client lists the tools.
 * @example
 * ```ts
 * import { StdioServerTransport } from "@modelcontextprotocol/server/stdio";
 *
 * const server = createMcpServer(new ToolManager(), { methods: ["read", "write"] });
 * await server.connect(new StdioServerTransport());
 * ```
 */
export function createMcpServer(manager: ToolManager, options: McpOptions = {}): McpConnection {
  refuseUnknownOptions(options, mcpOptionNames, "createMcpServer");
  const toolset = mcpToolset(manager, options);
  const access = { principal: anonymous, server: "default", filter: toolset.filter };
  const connections = new Set<StdioServerHandle>();
  return {
    connect: (transport) => {
      const wire = new StoppableTransport(transport);
      // It decides by the first message which revision of the protocol the client speaks, over any transport.
      connections.add(serveStdio(() => toolset.server(access), { transport: wire }));
      return Promise.resolve();
    },
    close: async () => {
      await Promise.all([...connections].map((connection) => connection.close()));
      connections.clear();
    },
  };
}
