import { ToolManager, usersApi, type UsersApiOptions } from "langchain-1password";
import { createMcpHandler, type McpOptions } from "langchain-1password/mcp";
import type { Sandbox, SandboxOptions, SandboxUser } from "langchain-1password/sandbox";
import { onTestFinished } from "vitest";
import type { StdioServer } from "./mcp-stdio-server.js";
import { useHttp, type ServerPlace } from "./mcp.js";
import { programFile } from "./programs.js";
import { useSandbox } from "./sandbox.js";

/** How a client reaches a server. */
export const transports = ["HTTP", "stdio"] as const;

/** One of {@link transports}. */
export type Transport = (typeof transports)[number];

/** A place over HTTP is a URL, and a program over stdio. */
export interface Places {
  HTTP: string;
  stdio: Exclude<ServerPlace, string> & { args: string[] };
}

/** An account in the test's own hands behind an MCP server, wherever that runs. */
export interface McpAccount<Via extends Transport = Transport> {
  readonly sandbox: Sandbox;
  readonly place: Places[Via];
  /** Somebody whom a write may concern: m.scott@example.com, active. */
  readonly scott: SandboxUser;
  /** Their id and email, as writes take them. */
  readonly args: { id: string; expected_email: string };
  /** Their state, and how many writes the account was sent so far. */
  readonly seen: () => { state: string; writes: number };
}

/**
 * Starts a server with reads and writes in front of a sandbox, for the test that is running: over HTTP in this
 * process, over stdio in one of its own.
 */
export async function useMcpAccount<Via extends Transport>(
  transport: Via,
  sandboxOptions: SandboxOptions = {},
  mcp: McpOptions = {},
): Promise<McpAccount<Via>> {
  const sandbox = await useSandbox(sandboxOptions);
  const { baseUrl, accountId, clientId, clientSecret, users } = sandbox;
  const account = { baseUrl, accountId, clientId, clientSecret };
  const options: McpOptions = { methods: ["read", "write"], ...mcp };
  const place = transport === "HTTP" ? await httpPlace(account, options) : stdioPlace(account, options);
  const scott = users.find(({ email }) => email === "m.scott@example.com")!;
  return {
    sandbox,
    place: place as Places[Via],
    scott,
    args: { id: scott.id, expected_email: scott.email },
    seen: () => ({
      state: scott.state,
      writes: sandbox.requests.filter(({ path }) => /:(suspend|reactivate)$/.test(path)).length,
    }),
  };
}

async function httpPlace(account: UsersApiOptions, options: McpOptions): Promise<string> {
  const handler = createMcpHandler(new ToolManager({ source: usersApi(account), backoff: true }), options);
  const { url } = await useHttp(handler.fetch);
  onTestFinished(() => handler.close());
  return url;
}

function stdioPlace(account: UsersApiOptions, options: McpOptions): Places["stdio"] {
  const given: StdioServer = { account, options };
  return { command: process.execPath, args: [programFile("stdio-server"), JSON.stringify(given)] };
}
