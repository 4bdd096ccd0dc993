import { ToolManager } from "langchain-1password";
import {
  bearerTokens,
  createMcpHandler,
  createMcpServers,
  memoryMcpServerStore,
  type McpHandlerOptions,
} from "langchain-1password/mcp";
import { describe, expect, test } from "vitest";
import { useSandbox } from "../../support/sandbox.js";
import { call, initialize, modern, posted } from "./messages.js";

const origin = "https://inspector.example.com";
const options: McpHandlerOptions = {
  allowedHosts: ["mcp.example.com"],
  allowedOrigins: ["inspector.example.com"],
};
const url = "https://mcp.example.com/mcp";

async function useHandler(more: McpHandlerOptions = {}) {
  const sandbox = await useSandbox({ users: 3 });
  return createMcpHandler(new ToolManager({ ...sandbox }), { ...options, ...more });
}

function preflight(headers: Record<string, string> = {}, at = url): Request {
  const asked = {
    origin,
    "access-control-request-method": "POST",
    "access-control-request-headers": "content-type,mcp-protocol-version",
  };
  return new Request(at, { method: "OPTIONS", headers: { ...asked, ...headers } });
}

const listed = (response: Response, name: string) =>
  (response.headers.get(name) ?? "").split(",").map((entry) => entry.trim().toLowerCase());

function expectReadable(response: Response): void {
  expect(response.headers.get("access-control-allow-origin")).toBe(origin);
  expect(listed(response, "vary")).toContain("origin");
  expect(response.headers.has("access-control-allow-credentials")).toBe(false);
  expect(listed(response, "access-control-expose-headers")).toEqual(
    expect.arrayContaining(["mcp-session-id", "mcp-protocol-version", "www-authenticate", "retry-after"]),
  );
}

function expectUnreadable(response: Response): void {
  const names = [...response.headers.keys()].filter((name) => name.startsWith("access-control-"));
  expect(names).toEqual([]);
  expect(listed(response, "vary")).toContain("origin");
}

describe("a page of an allowed origin", () => {
  test.each(["*/*", "application/json, */*"])("is answered where it takes %s", async (accept) => {
    const handler = await useHandler();
    for (const { body, headers } of [{ body: initialize, headers: {} }, modern("tools/list")]) {
      const response = await handler.fetch(posted(body, { ...headers, origin, accept }, url));
      expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('"result"')]);
    }
  });

  test("may ask before it sends, without a token", async () => {
    const handler = await useHandler({ authenticate: () => undefined });
    const response = await handler.fetch(
      preflight({
        "access-control-request-headers": "Authorization, content-type, mcp-param-region, x-other",
      }),
    );
    expect(response.status).toBe(204);
    expectReadable(response);
    expect(listed(response, "access-control-allow-methods")).toEqual(["get", "post", "delete"]);
    const headers = listed(response, "access-control-allow-headers");
    for (const name of [
      "authorization",
      "content-type",
      "mcp-session-id",
      "mcp-protocol-version",
      "mcp-param-region",
    ])
      expect(headers).toContain(name);
    expect(headers).not.toContain("x-other");
    expect(headers).not.toContain("*");
  });

  test("reads what it gets, in both eras, and its session's id", async () => {
    const handler = await useHandler();
    const greeted = await handler.fetch(posted(initialize, { origin }, url));
    expect(greeted.status).toBe(200);
    expect(greeted.headers.has("mcp-session-id")).toBe(true);
    expectReadable(greeted);
    const { body, headers } = modern("tools/list");
    const answer = await handler.fetch(posted(body, { ...headers, origin }, url));
    expect(answer.status).toBe(200);
    expectReadable(answer);
  });

  test.each<[string, number, Request, McpHandlerOptions?]>([
    ["no token", 401, posted(initialize, { origin }, url), { authenticate: () => undefined }],
    ["no session", 400, posted(call("x"), { origin }, url)],
    ["an unknown session", 404, posted(call("x"), { origin, "mcp-session-id": "x" }, url)],
    ["no JSON", 400, posted("{", { origin }, url)],
    ["another method", 405, new Request(url, { method: "PUT", headers: { origin } })],
    [
      "a fault of ours",
      500,
      posted(initialize, { origin }, url),
      { authenticate: () => Promise.reject(new Error()) },
    ],
  ])("reads why it was refused: %s", async (_name, status, request, more = {}) => {
    const response = await (await useHandler(more)).fetch(request);
    expect(response.status).toBe(status);
    expectReadable(response);
  });

  test("reads a server that was handed out, and that there is none", async () => {
    const sandbox = await useSandbox({ users: 3 });
    const servers = createMcpServers(new ToolManager({ ...sandbox }), {
      ...options,
      store: memoryMcpServerStore(),
      adminToken: "a".repeat(40),
      publicUrl: "https://mcp.example.com",
      authenticate: bearerTokens([{ name: "page", token: "p".repeat(40) }]),
    });
    const asked = await servers.fetch(preflight({}, `${url}/${"t".repeat(43)}`));
    expect(asked.status).toBe(204);
    expectReadable(asked);
    const none = await servers.fetch(posted(initialize, { origin }, `${url}/${"t".repeat(43)}`));
    expect(none.status).toBe(404);
    expectReadable(none);
    // The administrator's side is no place for pages.
    const admin = await servers.admin(preflight({}, "https://mcp.example.com/mcp-servers"));
    expect(admin.headers.has("access-control-allow-origin")).toBe(false);
  });
});

test.each([
  ["https://evil.example.com", "mcp.example.com"],
  ["null", "mcp.example.com"],
  ["https://inspector.example.com.evil.example", "mcp.example.com"],
  [origin, "rebound.example.net"],
])("a page of %s at %s is told nothing, before and after it sends", async (from, host) => {
  const handler = await useHandler();
  const at = `https://${host}/mcp`;
  for (const request of [preflight({ origin: from }, at), posted(initialize, { origin: from }, at)]) {
    const response = await handler.fetch(request);
    expect(response.status).toBe(403);
    expectUnreadable(response);
  }
});

test("who is no page gets no headers for pages, and OPTIONS of one stays what it was", async () => {
  const handler = await useHandler();
  const greeted = await handler.fetch(posted(initialize, {}, url));
  expect(greeted.status).toBe(200);
  expectUnreadable(greeted);
  const asked = await handler.fetch(new Request(url, { method: "OPTIONS", headers: { origin } }));
  expect(asked.status).toBe(405);
});

test("HEAD /healthz is answered as GET is, without a body", async () => {
  const handler = await useHandler();
  const health = (method: string) =>
    handler.fetch(new Request("https://mcp.example.com/healthz", { method }));
  const [get, head] = [await health("GET"), await health("HEAD")];
  expect(head.status).toBe(200);
  expect(head.body).toBe(null);
  expect(head.headers.get("content-type")).toBe(get.headers.get("content-type"));
  await handler.close();
  expect((await health("HEAD")).status).toBe(503);
});
