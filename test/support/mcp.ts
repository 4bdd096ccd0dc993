import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import {
  Client as SecondClient,
  StreamableHTTPClientTransport as SecondHttpTransport,
  type ClientOptions,
} from "@modelcontextprotocol/client";
import { StdioClientTransport as SecondStdioTransport } from "@modelcontextprotocol/client/stdio";
import { Client as FirstClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as FirstStdioTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as FirstHttpTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { onTestFinished } from "vitest";

/** Serves a `fetch`-shaped handler on loopback until the test ends. */
export async function useHttp(
  fetch: (request: Request) => Response | Promise<Response>,
): Promise<{ url: string; close: () => Promise<void> }> {
  const listener = getRequestListener(fetch, { overrideGlobalObjects: false });
  const server = createServer((incoming, outgoing) => void listener(incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  onTestFinished(close);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`, close };
}

/** What a server asks the person behind a client. */
export interface Question {
  message: string;
  requestedSchema: Record<string, unknown>;
}

/** What the person answers. */
export interface Answer {
  action: "accept" | "decline" | "cancel";
  content?: Record<string, string | number | boolean | string[]>;
}

/** How a test's client is set up. */
export interface ConnectOptions {
  /** Answers elicitations. Without it, the client says that it cannot be asked. */
  elicit?: (question: Question) => Answer | Promise<Answer>;
  /** Sent with every request, over HTTP. */
  headers?: Record<string, string>;
}

/** What may be said of one call. */
export interface CallOptions {
  signal?: AbortSignal;
  /** In milliseconds; a 2026 client counts each round by itself. */
  timeout?: number;
  onprogress?: (progress: {
    progress: number;
    total?: number | undefined;
    message?: string | undefined;
  }) => void;
}

/** A tool's answer. */
export interface CalledTool {
  content: { type: string; text?: string }[];
  structuredContent?: Record<string, unknown>;
  isError?: boolean;
}

/** A tool as it is listed. */
export interface ListedTool {
  name: string;
  title?: string;
  description?: string;
  inputSchema: Record<string, unknown>;
  outputSchema?: Record<string, unknown>;
  annotations?: Record<string, unknown>;
}

/** A client that is connected; it is closed when the test ends. */
export interface ConnectedClient {
  /** The 2025 session, where there is one. */
  readonly sessionId: string | undefined;
  callTool(name: string, given?: Record<string, unknown>, options?: CallOptions): Promise<CalledTool>;
  listTools(): Promise<ListedTool[]>;
  listPrompts(): Promise<{ name: string; description?: string }[]>;
  getPrompt(name: string, given?: Record<string, string>): Promise<{ messages: { content: unknown }[] }>;
  listResources(): Promise<{ name: string; uri: string }[]>;
  readResource(uri: string): Promise<{ contents: { uri: string; text?: string }[] }>;
  close(): Promise<void>;
}

/** Where a server is: a URL, or a program that speaks over stdio. */
export type ServerPlace = string | { command: string; args?: string[]; env?: Record<string, string> };

/** One of the official clients in one of its modes. */
export interface McpClient {
  readonly name: string;
  /** The protocol revision that it ends up with on a server that speaks both. */
  readonly era: "2025" | "2026";
  connect(place: ServerPlace, options?: ConnectOptions): Promise<ConnectedClient>;
}

const clientInfo = { name: "test-client", version: "1.0.0" };

/** Client 2.x, held to the 2026 revision. */
export const pinnedClient = secondClient("client 2.x pinned to 2026-07-28", "2026", {
  mode: { pin: "2026-07-28" },
});
/** Client 2.x that takes the newest revision the server has. */
export const autoClient = secondClient("client 2.x in auto mode", "2026", { mode: "auto" });
/** Client 2.x as it is without options: 2025. */
export const defaultClient = secondClient("client 2.x by default", "2025", undefined);
/** The client of `@modelcontextprotocol/sdk` 1.x. */
export const firstClient: McpClient = {
  name: "client 1.x",
  era: "2025",
  async connect(place, { elicit, headers = {} } = {}) {
    const client = new FirstClient(clientInfo, {
      capabilities: elicit === undefined ? {} : { elicitation: {} },
    });
    if (elicit !== undefined) {
      client.setRequestHandler(ElicitRequestSchema, async ({ params }) => ({
        ...(await elicit(params as unknown as Question)),
      }));
    }
    const transport =
      typeof place === "string"
        ? new FirstHttpTransport(new URL(place), { requestInit: { headers } })
        : new FirstStdioTransport(place);
    await client.connect(transport);
    return connected({
      sessionId: () => ("sessionId" in transport ? transport.sessionId : undefined),
      callTool: (params, options) => client.callTool(params, undefined, options),
      client,
    });
  },
};

/** The three that every server is tried with. */
export const clients: readonly McpClient[] = [pinnedClient, autoClient, firstClient];

function secondClient(
  name: string,
  era: McpClient["era"],
  versionNegotiation: ClientOptions["versionNegotiation"],
): McpClient {
  return {
    name,
    era,
    async connect(place, { elicit, headers = {} } = {}) {
      const client = new SecondClient(clientInfo, {
        capabilities: elicit === undefined ? {} : { elicitation: {} },
        ...(versionNegotiation !== undefined && { versionNegotiation }),
      });
      if (elicit !== undefined) {
        client.setRequestHandler("elicitation/create", async ({ params }) => ({
          ...(await elicit(params as unknown as Question)),
        }));
      }
      const transport =
        typeof place === "string"
          ? new SecondHttpTransport(new URL(place), { requestInit: { headers } })
          : new SecondStdioTransport(place);
      await client.connect(transport);
      return connected({
        sessionId: () => ("sessionId" in transport ? transport.sessionId : undefined),
        callTool: (params, options) => client.callTool(params, options),
        client,
      });
    },
  };
}

/** What both generations of clients have in common. */
export function connected({
  sessionId,
  callTool,
  client,
}: {
  sessionId: () => string | undefined;
  callTool: (
    params: { name: string; arguments: Record<string, unknown> },
    options: CallOptions,
  ) => Promise<unknown>;
  client: FirstClient | SecondClient;
}): ConnectedClient {
  const close = () => client.close();
  onTestFinished(close);
  return {
    get sessionId() {
      return sessionId();
    },
    callTool: async (name, given = {}, options = {}) =>
      (await callTool({ name, arguments: given }, options)) as CalledTool,
    listTools: async () => (await client.listTools()).tools as ListedTool[],
    listPrompts: async () => (await client.listPrompts()).prompts as { name: string }[],
    getPrompt: async (name, given = {}) => client.getPrompt({ name, arguments: given }),
    listResources: async () => (await client.listResources()).resources,
    readResource: async (uri) => await client.readResource({ uri }),
    close,
  };
}
