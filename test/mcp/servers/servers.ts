import { ToolManager, usersApi, type ManagerOptions } from "langchain-1password";
import { onTestFinished } from "vitest";
import {
  bearerTokens,
  createMcpServers,
  memoryMcpServerStore,
  type McpServers,
  type McpServersOptions,
  type McpServerStore,
  type RequestLine,
} from "langchain-1password/mcp";
import { useSandbox } from "../../support/sandbox.js";

export const adminToken = "admin-0123456789-0123456789-0123456789";
export const apiToken = "helpdesk-0123456789-0123456789-0123456789";
export const otherApiToken = "security-0123456789-0123456789-0123456789";

/** API tokens as an operator gives them. */
export const authenticate = bearerTokens([
  { name: "helpdesk", token: apiToken },
  { name: "security", token: otherApiToken },
]);

/** A server as the administrator is shown it. */
export interface ShownServer {
  id: string;
  name: string;
  config: { methods?: string[]; tags?: string[] };
  require_api_token_auth: boolean;
  expires_at: string | null;
  created_at: string;
}

/** An administrator's answer, read to its end. */
export interface AdminReply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Record<string, unknown>;
}

/** Servers to hand out, and what a test does with them. */
export interface Desk {
  readonly servers: McpServers;
  readonly store: McpServerStore;
  /** What was recorded of requests to servers. */
  readonly lines: RequestLine[];
  /** What was recorded of the administrator's requests. */
  readonly adminLines: RequestLine[];
  /** Sends a request to the administrator's listener, with the admin token. */
  admin(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<AdminReply>;
  /** Hands out a server; it has to be allowed. */
  handOut(wish?: object): Promise<{ id: string; url: string; token: string }>;
}

/** Servers over a manager. */
export function useDesk(manager: ToolManager, options: Partial<McpServersOptions> = {}): Desk {
  const store = options.store ?? memoryMcpServerStore();
  const lines: RequestLine[] = [];
  const adminLines: RequestLine[] = [];
  const servers = createMcpServers(manager, {
    adminToken,
    publicUrl: "https://mcp.example.com",
    authenticate,
    log: (line) => (line.path.startsWith("/mcp/") ? lines : adminLines).push(line),
    graceMs: 1000,
    ...options,
    store,
  });
  onTestFinished(() => servers.close());

  const admin: Desk["admin"] = async (method, path, body, headers = {}) => {
    const response = await servers.admin(
      new Request(`http://127.0.0.1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${adminToken}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        body: body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body),
      }),
    );
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: text === "" ? {} : (JSON.parse(text) as Record<string, unknown>),
    };
  };
  return {
    servers,
    store,
    lines,
    adminLines,
    admin,
    async handOut(wish = {}) {
      const { status, json, text } = await admin("POST", "/mcp-servers", { name: "Auditors", ...wish });
      if (status !== 201) throw new Error(`${status}: ${text}`);
      const { id, url } = json as { id: string; url: string };
      return { id, url, token: url.slice(url.lastIndexOf("/") + 1) };
    },
  };
}

/** A manager of a sandbox's people. */
export async function useManager(options: ManagerOptions = {}) {
  const sandbox = await useSandbox();
  const manager = new ToolManager({ source: usersApi({ ...sandbox }), ...options });
  return { sandbox, manager };
}

/** A request to a server that was handed out. */
export function callOf(token: string, init: RequestInit = {}): Request {
  return new Request(`http://127.0.0.1/mcp/${token}`, {
    method: "POST",
    body: init.method === undefined ? JSON.stringify(initialize) : null,
    ...init,
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...(init.headers as Record<string, string> | undefined),
    },
  });
}

/** What a client of the 2025 era says first. */
const initialize = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "test-client", version: "1.0.0" },
  },
};
