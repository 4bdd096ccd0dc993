import { ToolManager, usersApi } from "langchain-1password";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import { bearerTokens } from "../../../src/mcp/http/bearer.js";
import { createMcpHandler, type McpHandlerOptions } from "../../../src/mcp/http/handler.js";
import type { RequestLine } from "../../../src/mcp/http/request-log.js";
import { clients, defaultClient, firstClient, pinnedClient, useHttp } from "../../support/mcp.js";
import { someCredentials } from "../../support/credentials.js";
import { useSandbox } from "../../support/sandbox.js";
import { call, initialize, messagesOf, modern, posted } from "./messages.js";

const token = "b5a1f0c3d2e49687b5a1f0c3d2e49687";
const authorized = { authorization: `Bearer ${token}` };

async function useHandler(options: McpHandlerOptions = {}) {
  const sandbox = await useSandbox({ users: 3 });
  const lines: RequestLine[] = [];
  const manager = new ToolManager({ source: usersApi({ ...sandbox }) });
  const handler = createMcpHandler(manager, { log: (line) => lines.push(line), ...options });
  return { sandbox, handler, lines };
}

/** Options of which some fit no type, as JavaScript passes them. */
const handlerWith = (options: object) => () =>
  createMcpHandler(new ToolManager({ source: usersApi(someCredentials) }), options);

describe.each([...clients, defaultClient])("$name", (client) => {
  test("finds people of the account at any path", async () => {
    const { sandbox, handler } = await useHandler();
    const { url } = await useHttp(handler.fetch);
    const connected = await client.connect(`${url}/anything`);
    const [tool] = await connected.listTools();
    const { isError, content } = await connected.callTool(tool!.name, {});
    expect(isError ?? false).toBe(false);
    expect(JSON.stringify(content)).toContain(sandbox.users[0]!.email);
  });
});

describe("/healthz", () => {
  test("answers without authentication and whatever the host name, for whoever watches over the server", async () => {
    const { handler } = await useHandler({ authenticate: () => undefined });
    const healthy = await handler.fetch(new Request("http://10.1.2.3/healthz"));
    expect(healthy.status).toBe(200);
    expect(await healthy.json()).toEqual({ status: "ok" });
    const closed = handler.close();
    const stopping = await handler.fetch(new Request("http://10.1.2.3/healthz"));
    expect(stopping.status).toBe(503);
    expect(await stopping.json()).toEqual({ status: "stopping" });
    await closed;
  });

  test("is MCP for every other method", async () => {
    const { handler } = await useHandler();
    const answer = await handler.fetch(posted(initialize, {}, "http://localhost/healthz"));
    expect((await messagesOf(answer))[0]!.result).toBeDefined();
  });
});

describe("who calls", () => {
  test("must be known where that is asked for, and the refusal says how", async () => {
    const { sandbox, handler, lines } = await useHandler({
      authenticate: bearerTokens([{ name: "helpdesk", token }]),
    });
    const missing = await handler.fetch(posted(initialize));
    expect(missing.status).toBe(401);
    expect(missing.headers.get("www-authenticate")).toBe('Bearer realm="mcp"');
    const wrong = await handler.fetch(posted(initialize, { authorization: `Bearer ${token}x` }));
    expect(wrong.status).toBe(401);
    expect(wrong.headers.get("www-authenticate")).toBe('Bearer realm="mcp", error="invalid_token"');
    const [refusal] = await messagesOf(wrong);
    expect(refusal!.id).toBe(null);
    expect(JSON.stringify(refusal)).not.toContain(token);
    await missing.text();
    expect(sandbox.requests).toEqual([]);
    expect(lines.map(({ principal }) => principal)).toEqual([null, null]);
  });

  test("must be known for each request: a session id is no key", async () => {
    const { handler } = await useHandler({
      authenticate: (request) => request.headers.get("x-user") ?? undefined,
    });
    const greeted = await handler.fetch(posted(initialize, { "x-user": "ada" }));
    const session = { "mcp-session-id": greeted.headers.get("mcp-session-id")! };
    await greeted.text();
    const list = { jsonrpc: "2.0", id: 1, method: "tools/list" };
    expect((await handler.fetch(posted(list, session))).status).toBe(401);
    expect((await handler.fetch(posted(list, { ...session, "x-user": "bob" }))).status).toBe(404);
    expect((await handler.fetch(posted(list, { ...session, "x-user": "ada" }))).status).toBe(200);
  });

  test("is not told when asking fails, nobody is let in, and the operator is told why", async () => {
    const onWarning = vi.fn();
    const failed = new Error("the database's password is hunter2");
    const manager = new ToolManager({ source: usersApi(someCredentials), onWarning });
    const handler = createMcpHandler(manager, { authenticate: () => Promise.reject(failed) });
    const answer = await handler.fetch(posted(initialize));
    expect(answer.status).toBe(500);
    const [message] = await messagesOf(answer);
    expect(message!.error!.code).toBe(-32603);
    expect(JSON.stringify(message)).not.toContain("hunter2");
    expect(onWarning.mock.calls).toEqual([['"authenticate" failed (Error).', { cause: failed }]]);
  });

  test.each([
    ["anonymous", undefined],
    ["helpdesk", bearerTokens([{ name: "helpdesk", token }])],
  ])("is %s in the log", async (principal, authenticate) => {
    const { handler, lines } = await useHandler({ authenticate });
    const { url } = await useHttp(handler.fetch);
    const connected = await pinnedClient.connect(url, { headers: authorized });
    await connected.listTools();
    expect(new Set(lines.map((line) => line.principal))).toEqual(new Set([principal]));
  });
});

describe("host names", () => {
  const options = { allowedHosts: ["tools.example.com", "[::1]"], allowedOrigins: ["app.example.com"] };

  test.each([
    ["http://tools.example.com/", {}, 200],
    ["http://TOOLS.example.com:8080/", {}, 200],
    ["http://[::1]:8080/", {}, 200],
    ["http://localhost/", {}, 403],
    ["http://tools.example.com/", { origin: "https://app.example.com" }, 200],
    ["http://tools.example.com/", { origin: "http://localhost" }, 403],
    ["http://tools.example.com/", { host: "evil.example" }, 403],
  ])("%s with %j: %i", async (url, headers, status) => {
    const { handler } = await useHandler(options);
    expect((await handler.fetch(posted(initialize, headers, url))).status).toBe(status);
  });

  test("are checked before who calls", async () => {
    const asked: string[] = [];
    const { handler } = await useHandler({
      authenticate(request) {
        asked.push(request.url);
        return undefined;
      },
    });
    const answer = await handler.fetch(posted(initialize, { host: "evil.example" }));
    expect(answer.status).toBe(403);
    expect(await answer.text()).not.toContain("evil");
    expect(asked).toEqual([]);
  });
});

describe("the log", () => {
  test("has one line for each request, with what it was", async () => {
    const { handler, lines } = await useHandler();
    const { body, headers } = modern("tools/list");
    await (await handler.fetch(posted(body, headers, "http://localhost/mcp?key=hidden"))).text();
    const { time, request, ms, ...rest } = lines[0]!;
    expect(rest).toEqual({
      server: "default",
      principal: "anonymous",
      method: "POST",
      path: "/mcp",
      status: 200,
      rpc: "tools/list",
      tool: null,
      era: "2026",
    });
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(request).toMatch(/^[\da-f-]{36}$/);
    expect(ms).toBeGreaterThanOrEqual(0);
    expect(lines).toHaveLength(1);
  });

  test("has a stream's line once the stream has ended, or its client has left", async () => {
    const { handler, lines } = await useHandler();
    const greeted = await handler.fetch(posted(initialize));
    expect(lines).toEqual([]);
    const session = { "mcp-session-id": greeted.headers.get("mcp-session-id")! };
    await greeted.text();
    expect(lines.map(({ rpc, era }) => [rpc, era])).toEqual([["initialize", "2025"]]);
    const headers = { ...session, accept: "text/event-stream" };
    const stream = await handler.fetch(new Request("http://localhost/", { headers }));
    expect(lines).toHaveLength(1);
    const reader = stream.body!.getReader();
    const pending = reader.read();
    await reader.cancel();
    await pending;
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatchObject({ method: "GET", status: 200, rpc: null, era: "2025" });
  });

  test("never has a token, an argument or a session's id", async () => {
    const { handler, lines } = await useHandler({
      authenticate: bearerTokens([{ name: "helpdesk", token }]),
    });
    const { url } = await useHttp(handler.fetch);
    const sessions: string[] = [];
    for (const client of [pinnedClient, firstClient]) {
      const connected = await client.connect(`${url}?token=${token}`, { headers: authorized });
      const [tool] = await connected.listTools();
      await connected.callTool(tool!.name, { email: "ada.secret@example.com" }).catch(() => undefined);
      if (connected.sessionId !== undefined) sessions.push(connected.sessionId);
    }
    await handler.fetch(posted(call("find"), { ...authorized, "mcp-session-id": sessions[0]! }));
    await handler.fetch(posted("{", authorized));
    await handler.close();
    const text = JSON.stringify(lines);
    expect(text).toContain("tools/call");
    expect(sessions).toHaveLength(1);
    for (const secret of [token, "ada.secret", ...sessions]) expect(text).not.toContain(secret);
  });

  test("has no name that a client made up in place of a tool, a method or a path: it may be a token", async () => {
    const { handler, lines } = await useHandler();
    const token = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    const tool = modern("tools/call", { name: token, arguments: {} });
    await (await handler.fetch(posted(tool.body, tool.headers))).text();
    const method = modern(token);
    await (await handler.fetch(posted(method.body, method.headers))).text();
    await (await handler.fetch(new Request(`http://localhost/mcp/${token}`))).text();
    expect(lines.map(({ path, rpc, tool: name }) => [path, rpc, name])).toEqual([
      ["/mcp", "tools/call", "(unknown)"],
      ["/mcp", "(unknown)", null],
      ["/mcp/...", null, null],
    ]);
    expect(JSON.stringify(lines)).not.toContain(token.slice(0, 20));
  });

  test("that fails later takes no process with it", async () => {
    const failed = vi.fn();
    process.once("unhandledRejection", failed);
    const { handler } = await useHandler({ log: () => Promise.reject(new Error("disk full")) });
    const { body, headers } = modern("tools/list");
    await messagesOf(await handler.fetch(posted(body, headers)));
    await sleep(20);
    process.off("unhandledRejection", failed);
    expect(failed).not.toHaveBeenCalled();
  });

  test("that fails takes no answer with it", async () => {
    const { handler } = await useHandler({
      log() {
        throw new Error("disk full");
      },
    });
    const { body, headers } = modern("tools/list");
    const answer = await handler.fetch(posted(body, headers));
    expect((await messagesOf(answer))[0]!.result).toBeDefined();
  });
});

describe("an option that does not fit is an error that names it", () => {
  test.each([
    [{ authenticat: () => "x" }, '"authenticat" is not an option of createMcpHandler'],
    [{ authenticate: "Bearer" }, '"authenticate" is "Bearer"'],
    [{ log: "file" }, '"log" is "file"'],
    [{ maxBodyBytes: 0 }, '"maxBodyBytes" is 0'],
    [{ sessionIdleMs: 1.5 }, '"sessionIdleMs" is 1.5'],
    [{ graceMs: "50s" }, '"graceMs" is "50s"'],
    [{ requestMs: 2 ** 31 }, '"requestMs" is 2147483648'],
    [{ maxSessions: Infinity }, '"maxSessions" is Infinity'],
    [{ allowedHosts: "localhost" }, '"allowedHosts" is "localhost"'],
    [{ allowedHosts: ["https://tools.example.com"] }, '"allowedHosts" holds "https://tools.example.com"'],
    [{ allowedOrigins: ["app.example.com:443/x"] }, '"allowedOrigins" holds'],
    [{ allowedOrigins: [5] }, '"allowedOrigins" holds 5'],
    [{ approval: "sometimes" }, '"approval" is "sometimes"'],
  ])("%o", (options, message) => {
    expect(handlerWith(options)).toThrow(expect.objectContaining({ code: "invalid_argument" }));
    expect(handlerWith(options)).toThrow(message);
  });
});

test("fetch and close may be taken off a handler, and close called twice", async () => {
  const { handler } = await useHandler();
  const { fetch, close } = handler;
  const { body, headers } = modern("tools/list");
  expect((await fetch(posted(body, headers))).status).toBe(200);
  await Promise.all([close(), close()]);
  expect((await fetch(posted(body, headers))).status).toBe(503);
});
