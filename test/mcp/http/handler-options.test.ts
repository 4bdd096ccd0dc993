import { setTimeout as sleep } from "node:timers/promises";
import { ToolManager, usersApi } from "langchain-1password";
import { createMcpHandler, type McpHandlerOptions, type RequestLine } from "langchain-1password/mcp";
import { expect, test, vi } from "vitest";
import { useSandbox } from "../../support/sandbox.js";
import { call, initialize, messagesOf, modern, posted, startSession } from "./messages.js";

async function useHandler(options: McpHandlerOptions = {}, latencyMs = 0) {
  const sandbox = await useSandbox({ users: 3, latencyMs });
  return createMcpHandler(new ToolManager({ source: usersApi({ ...sandbox }) }), options);
}

const status = async (handler: { fetch: (request: Request) => Promise<Response> }, request: Request) => {
  const response = await handler.fetch(request);
  await response.body?.cancel();
  return response.status;
};

test('option "authenticate" of createMcpHandler says who calls, and refuses whom it does not know', async () => {
  const authenticate = (request: Request) => request.headers.get("x-user") ?? undefined;
  const handler = await useHandler({ authenticate });
  expect(await status(handler, posted(initialize))).toBe(401);
  expect(await status(handler, posted(initialize, { "x-user": "ada" }))).toBe(200);
});

test('option "allowedHosts" of createMcpHandler names the hosts under which it is reached', async () => {
  const handler = await useHandler({ allowedHosts: ["tools.example.com"] });
  expect(await status(handler, posted(initialize, {}, "http://tools.example.com/mcp"))).toBe(200);
  expect(await status(handler, posted(initialize))).toBe(403);
});

test('option "allowedOrigins" of createMcpHandler names the pages that may call', async () => {
  const handler = await useHandler({ allowedOrigins: ["app.example.com"] });
  expect(await status(handler, posted(initialize, { origin: "https://app.example.com" }))).toBe(200);
  expect(await status(handler, posted(initialize, { origin: "http://localhost" }))).toBe(403);
  expect(await status(handler, posted(initialize))).toBe(200);
});

test('option "log" of createMcpHandler is told of each request once it has ended', async () => {
  const lines: RequestLine[] = [];
  const handler = await useHandler({ log: (line) => lines.push(line) });
  const { body, headers } = modern("tools/list");
  await (await handler.fetch(posted(body, headers))).text();
  expect(lines).toMatchObject([
    { method: "POST", path: "/mcp", status: 200, rpc: "tools/list", era: "2026" },
  ]);
});

test('option "maxBodyBytes" of createMcpHandler bounds a request', async () => {
  const handler = await useHandler({ maxBodyBytes: 400 });
  expect(await status(handler, posted(initialize))).toBe(200);
  expect(await status(handler, posted({ ...initialize, filling: "x".repeat(400) }))).toBe(413);
});

test('option "bodyMs" of createMcpHandler bounds how long a body takes to arrive', async () => {
  const handler = await useHandler({ bodyMs: 20 });
  const headers = { "content-type": "application/json", accept: "application/json, text/event-stream" };
  const stalled = new Request("http://localhost/mcp", {
    method: "POST",
    headers,
    body: new ReadableStream(),
    duplex: "half",
  } as RequestInit);
  expect(await status(handler, stalled)).toBe(408);
});

test('option "requestMs" of createMcpHandler ends a call that takes longer', async () => {
  const handler = await useHandler({ requestMs: 50 }, 10_000);
  const { body, headers } = modern("tools/call", { name: "list_all_1_password_users", arguments: {} });
  const answer = await handler.fetch(posted(body, headers));
  const messages = await messagesOf(answer);
  expect(messages.at(-1)?.error).toBeDefined();
});

test('option "maxSessions" of createMcpHandler ends the session that was idle for longest', async () => {
  const handler = await useHandler({ maxSessions: 1 });
  const ping = { jsonrpc: "2.0", id: 1, method: "ping" };
  const first = await startSession(handler.fetch);
  const second = await startSession(handler.fetch);
  expect(await status(handler, posted(ping, { "mcp-session-id": first }))).toBe(404);
  expect(await status(handler, posted(ping, { "mcp-session-id": second }))).toBe(200);
});

test('option "sessionIdleMs" of createMcpHandler ends a session that is not used', async () => {
  const handler = await useHandler({ sessionIdleMs: 20 });
  const session = await startSession(handler.fetch);
  const ping = { jsonrpc: "2.0", id: 1, method: "ping" };
  await vi.waitFor(
    async () => {
      // Each request would keep it.
      await sleep(100);
      expect(await status(handler, posted(ping, { "mcp-session-id": session }))).toBe(404);
    },
    { timeout: 10_000 },
  );
});

test('option "graceMs" of createMcpHandler bounds how long calls hold up a stop', async () => {
  const handler = await useHandler({ graceMs: 50 }, 10_000);
  const session = await startSession(handler.fetch);
  const slow = call("list_all_1_password_users");
  const answer = handler
    .fetch(posted(slow, { "mcp-session-id": session }))
    .then((response) => response.text());
  await sleep(50);
  const ended = await Promise.race([
    handler.close().then(() => "closed"),
    sleep(8000, "still open", { ref: false }),
  ]);
  expect(ended).toBe("closed");
  expect(await answer).not.toContain("people");
});
