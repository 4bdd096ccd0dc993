// An MCP server over HTTP in a process of its own, so that its heap is nobody else's. Its one argument is its setup.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { ToolManager, usersApi } from "langchain-1password";
import { createMcpHandler } from "langchain-1password/mcp";
import type { LoadServerSetup } from "./mcp-load.js";

const { credentials, backoff } = JSON.parse(process.argv[2] ?? "{}") as LoadServerSetup;
const manager = new ToolManager({ source: usersApi(credentials), backoff });
const handler = createMcpHandler(manager, { methods: ["read"] });

process.on("message", () => {
  // What the first collection finds to be finalized, the second one frees.
  globalThis.gc?.();
  globalThis.gc?.();
  process.send?.(process.memoryUsage().heapUsed);
});
process.on("disconnect", () => process.exit());

const listener = getRequestListener(handler.fetch, { overrideGlobalObjects: false });
const server = createServer((incoming, outgoing) => void listener(incoming, outgoing));
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
