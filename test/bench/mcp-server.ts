// One of the servers that test/bench/mcp.ts compares, in a process of its own. Arguments: which, and the account's URL.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import {
  createMcpHandler as createBareHandler,
  isLegacyRequest,
  McpServer,
  WebStandardStreamableHTTPServerTransport,
} from "@modelcontextprotocol/server";
import { defineTool, ToolManager, usersApi } from "langchain-1password";
import { createMcpHandler } from "langchain-1password/mcp";
import { z } from "zod";
import { somebody, someCredentials, someId } from "../support/credentials.js";
import { benchTool, type BenchServerName } from "./mcp.js";

type Answer = { content: { type: "text"; text: string }[]; structuredContent: Record<string, unknown> };

const [which, baseUrl] = process.argv.slice(2) as [BenchServerName, string];
const { path: _path, ...person } = somebody;
/** As long as what our tool answers. */
const constant: Answer = {
  content: [
    { type: "text", text: `id,email,display_name,state,create_time\n${Object.values(person).join(",")}` },
  ],
  structuredContent: person,
};

async function fetched(): Promise<Answer> {
  const url = `${baseUrl}/v1/accounts/${someCredentials.accountId}/users/${someId}`;
  const response = await fetch(url, { headers: { authorization: "Bearer token-1" } });
  const { path: _left, ...read } = (await response.json()) as typeof somebody;
  return { ...constant, structuredContent: read };
}

/** The official SDK alone, for both eras, as its documentation puts it up. */
function bare(answer: () => Answer | Promise<Answer>): (request: Request) => Promise<Response> {
  const serverFor = () => {
    const server = new McpServer({ name: "bare", version: "1.0.0" });
    server.registerTool(
      benchTool,
      {
        description: "Reads a user.",
        inputSchema: z.object({ id: z.string() }),
        outputSchema: z.object({
          id: z.string(),
          email: z.string(),
          display_name: z.string(),
          state: z.string(),
          create_time: z.string(),
        }),
      },
      () => answer(),
    );
    return server;
  };
  const modern = createBareHandler(serverFor, { legacy: "reject" });
  const sessions = new Map<string, WebStandardStreamableHTTPServerTransport>();
  return async (request) => {
    if (!(await isLegacyRequest(request.clone()))) return modern.fetch(request);
    const known = sessions.get(request.headers.get("mcp-session-id") ?? "");
    if (known !== undefined) return known.handleRequest(request);
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => crypto.randomUUID(),
      onsessioninitialized: (id) => void sessions.set(id, transport),
    });
    await serverFor().connect(transport);
    return transport.handleRequest(request);
  };
}

/** Our server around a tool that asks nobody. */
function ownConstant(): (request: Request) => Promise<Response> {
  const tool = defineTool({
    name: "get_constant",
    description: "Reads a user.",
    schema: z.object({ id: z.string() }),
    kind: "read",
    call: () => person,
  });
  const source = usersApi({ ...someCredentials, baseUrl });
  return createMcpHandler(new ToolManager({ source, tools: [tool] })).fetch;
}

const fetches: Record<BenchServerName, () => (request: Request) => Promise<Response>> = {
  bareConstant: () => bare(() => constant),
  bareFetch: () => bare(fetched),
  ownConstant,
  ownRead: () =>
    createMcpHandler(new ToolManager({ source: usersApi({ ...someCredentials, baseUrl }) })).fetch,
};

const listener = getRequestListener(fetches[which](), { overrideGlobalObjects: false });
const server = createServer((incoming, outgoing) => void listener(incoming, outgoing));
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
process.on("disconnect", () => process.exit(0));
