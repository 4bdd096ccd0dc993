import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import * as fc from "fast-check";
import { ToolManager, usersApi } from "langchain-1password";
import { describe, expect, test } from "vitest";
import { createMcpHandler, type McpHandlerOptions } from "../../../src/mcp/http/handler.js";
import type { RequestLine } from "../../../src/mcp/http/request-log.js";
import { useHttp } from "../../support/mcp.js";
import { useSandbox } from "../../support/sandbox.js";
import { anybody, useEndpoint } from "./fixture.js";
import { call, initialize, modern, postHeaders, posted, startSession } from "./messages.js";
import { sendRaw } from "./raw-request.js";

/** A handler in front of an account, over HTTP; nothing may reach the account. */
async function useHandler(options: McpHandlerOptions = {}) {
  const sandbox = await useSandbox({ users: 3 });
  const lines: RequestLine[] = [];
  const manager = new ToolManager({ source: usersApi({ ...sandbox }) });
  const handler = createMcpHandler(manager, { log: (line) => lines.push(line), ...options });
  const { url } = await useHttp(handler.fetch);
  return { sandbox, lines, url };
}

const find = modern("tools/call", { name: "find_users", arguments: {} });
const json = (value: unknown) => [JSON.stringify(value)];
const listening = { accept: "text/event-stream" };
const unknownSession = { "mcp-session-id": "7d1f0a4e-2b0c-4f57-9c39-cf1b9a2c9f10" };

interface Malformed {
  name: string;
  status: number;
  method?: string;
  headers?: Record<string, string>;
  body?: (string | Uint8Array)[];
  /** Part of the answer. */
  says?: string;
}

const table: Malformed[] = [
  // The HTTP method.
  ...["PUT", "PATCH", "OPTIONS", "HEAD", "PROPFIND"].map((method) => ({ name: method, status: 405, method })),
  { name: "GET without a session", status: 400, method: "GET", headers: listening },
  { name: "DELETE without a session", status: 400, method: "DELETE" },
  // The session.
  {
    name: "GET in an unknown session",
    status: 404,
    method: "GET",
    headers: { ...listening, ...unknownSession },
  },
  { name: "DELETE of an unknown session", status: 404, method: "DELETE", headers: unknownSession },
  {
    name: "a call in an unknown session",
    status: 404,
    headers: { ...postHeaders, ...unknownSession },
    body: json(call("find_users")),
  },
  { name: "a call without a session", status: 400, headers: postHeaders, body: json(call("find_users")) },
  {
    name: "an empty session id",
    status: 404,
    headers: { ...postHeaders, "mcp-session-id": "" },
    body: json(call("find_users")),
  },
  // The body's type and size.
  ...["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "multipart/form-data"].map(
    (type) => ({
      name: `Content-Type: ${type}`,
      status: 415,
      headers: { ...postHeaders, "content-type": type },
      body: json(initialize),
    }),
  ),
  { name: "no Content-Type", status: 415, headers: { accept: postHeaders.accept }, body: json(initialize) },
  {
    name: "a body that says that it is too large",
    status: 413,
    headers: { ...postHeaders, "content-length": String(1_048_577) },
    body: [" ".repeat(1_048_577)],
  },
  {
    name: "a body that is too large without saying so",
    status: 413,
    headers: { ...postHeaders, "transfer-encoding": "chunked" },
    body: [" ".repeat(600_000), " ".repeat(600_000)],
  },
  // The JSON.
  ...["", " ", "{", "nonsense", '{"jsonrpc":"2.0"', "\u0000", "[1,]", "{'a':1}", "NaN"].map((body) => ({
    name: `the body ${JSON.stringify(body)}`,
    status: 400,
    headers: postHeaders,
    body: [body],
  })),
  {
    name: "bytes that are no UTF-8",
    status: 400,
    says: "is not JSON",
    headers: postHeaders,
    body: [`{"jsonrpc":"2.0","id":1,"method":"ping","params":{"text":"`, new Uint8Array([0xff, 0xfe]), `"}}`],
  },
  // The message.
  ...[
    null,
    1,
    "text",
    true,
    [],
    {},
    [[]],
    [null],
    { jsonrpc: "1.0", id: 1, method: "ping" },
    { method: "ping" },
  ].map((value) => ({
    name: `the message ${JSON.stringify(value)}`,
    status: 400,
    headers: postHeaders,
    body: json(value),
  })),
  {
    name: "a greeting without a version",
    status: 400,
    headers: postHeaders,
    body: json({ ...initialize, params: {} }),
  },
  {
    name: "nesting without end",
    status: 400,
    headers: postHeaders,
    body: ["[".repeat(200_000) + "]".repeat(200_000)],
  },
  {
    name: "a 2026 request whose headers name another method",
    status: 400,
    headers: { ...find.headers, "mcp-method": "tools/list" },
    body: json(find.body),
  },
  {
    name: "a 2026 request of an unknown revision",
    status: 400,
    headers: { ...find.headers, "mcp-protocol-version": "2030-01-01" },
    body: json(find.body),
  },
  // Host and Origin.
  ...["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1:80"].map((host) => ({
    name: `Host: ${host}`,
    status: 403,
    headers: { ...find.headers, host },
    body: json(find.body),
  })),
  ...["https://evil.example", "null", "http://localhost.evil.example", "nonsense"].map((origin) => ({
    name: `Origin: ${origin}`,
    status: 403,
    headers: { ...find.headers, origin },
    body: json(find.body),
  })),
];

test.each(table)(
  "$name is answered with $status",
  async ({ status, method = "POST", headers = {}, body = [], says = "" }) => {
    const { sandbox, lines, url } = await useHandler();
    const answer = await sendRaw(url, { method, headers, body });
    expect(answer.status).toBe(status);
    if (method !== "HEAD") {
      const { jsonrpc, error, id } = JSON.parse(answer.body) as Record<string, unknown>;
      expect(jsonrpc).toBe("2.0");
      expect(error).toMatchObject({
        code: expect.any(Number) as number,
        message: expect.any(String) as string,
      });
      // The id of a request whose id could be read.
      expect([null, 1]).toContain(id);
    }
    expect(answer.body).toContain(says);
    if (status === 415) expect(answer.body).toContain("Send it with Content-Type: application/json.");
    if (status === 405) expect(answer.headers.allow).toBe("GET, POST, DELETE");
    expect(sandbox.requests).toEqual([]);
    expect(lines.map((line) => line.status)).toEqual([status]);
  },
);

test("a body that does not arrive in time is answered with 408", async () => {
  const { sandbox, lines, url } = await useHandler({ bodyMs: 20 });
  const request = httpRequest(url, { method: "POST", headers: postHeaders });
  request.write('{"jsonrpc":');
  const [response] = (await once(request, "response")) as [IncomingMessage];
  expect(response.statusCode).toBe(408);
  // The answer ends the connection, which a client that still sends may see as an error.
  request.on("error", () => undefined);
  request.destroy();
  expect(sandbox.requests).toEqual([]);
  await expect.poll(() => lines.map(({ status }) => status)).toEqual([408]);
});

test("a client that leaves in the middle of a body harms nobody", async () => {
  const { lines, url } = await useHandler();
  const request = httpRequest(url, { method: "POST", headers: postHeaders });
  request.on("error", () => undefined);
  request.write('{"jsonrpc":');
  await once(request, "socket");
  request.flushHeaders();
  setTimeout(() => request.destroy(), 20);
  await expect.poll(() => lines.length).toBe(1);
  expect((await sendRaw(url, { headers: postHeaders, body: json(initialize) })).status).toBe(200);
});

describe("whatever is sent", () => {
  const word = fc.oneof(
    fc.constantFrom(
      "jsonrpc",
      "id",
      "method",
      "params",
      "result",
      "error",
      "_meta",
      "name",
      "arguments",
      "2.0",
    ),
    fc.constantFrom(
      "initialize",
      "tools/call",
      "tools/list",
      "notifications/cancelled",
      "subscriptions/listen",
    ),
    fc.constantFrom("echo", "__proto__", "constructor", "io.modelcontextprotocol/protocolVersion"),
    fc.string({ unit: "binary", maxLength: 8 }),
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.oneof(word, fc.integer(), fc.constant(null), fc.boolean(), fc.double({ noNaN: true })),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(word, tie("value"), { maxKeys: 5 }),
    ),
  }));
  /** Messages that are nearly right: one of a real one's fields is something else. */
  const nearly = fc
    .tuple(
      fc.constantFrom<Record<string, unknown>>(
        initialize,
        call("echo", { text: 1 }),
        modern("tools/list").body,
        {
          ...modern("tools/call", { name: "echo", arguments: {} }).body,
        },
      ),
      fc.constantFrom("jsonrpc", "id", "method", "params"),
      value,
    )
    .map(([message, field, other]) => ({ ...message, [field]: other }));
  const body = fc.oneof(
    fc.string({ unit: "binary" }),
    value.map((one) => JSON.stringify(one)),
    nearly.map((one) => JSON.stringify(one)),
    fc.array(nearly, { maxLength: 3 }).map((one) => JSON.stringify(one)),
  );
  const headerText = fc.stringMatching(/^[\x20-\x7e]{0,20}$/);
  const headers = fc.record(
    {
      "content-type": fc.oneof(fc.constant("application/json"), headerText),
      accept: fc.oneof(fc.constant(postHeaders.accept), headerText),
      "mcp-session-id": fc.oneof(fc.constant("mine"), fc.uuid(), headerText),
      "mcp-protocol-version": fc.oneof(fc.constantFrom("2026-07-28", "2025-11-25"), headerText),
      "mcp-method": fc.oneof(fc.constantFrom("tools/list", "tools/call", "initialize"), headerText),
      "mcp-name": headerText,
      "last-event-id": headerText,
    },
    { requiredKeys: ["content-type", "accept"] },
  );

  test("the answer is a refusal or valid JSON-RPC, and no tool is reached", async () => {
    const { endpoint, events } = useEndpoint();
    const fetch = (request: Request) => endpoint.fetch(request, anybody);
    const session = await startSession(fetch);
    await fc.assert(
      fc.asyncProperty(body, headers, async (sent, given) => {
        const own: Record<string, string> = { ...given };
        if (own["mcp-session-id"] === "mine") own["mcp-session-id"] = session;
        const controller = new AbortController();
        const request = new Request(posted(sent, own), { signal: controller.signal });
        const response = await fetch(request);
        expect(response.status).toBeLessThan(500);
        const type = response.headers.get("content-type") ?? "";
        if (response.status === 202) {
          expect(await response.text()).toBe("");
        } else if (type.startsWith("text/event-stream")) {
          // A stream that stays open has its first message, or none to give yet.
          const first = await response.body!.pipeThrough(new TextDecoderStream()).getReader().read();
          const data = /^data: (.*)$/m.exec(first.value ?? "")?.[1];
          expect(data === undefined ? "2.0" : (JSON.parse(data) as { jsonrpc: string }).jsonrpc).toBe("2.0");
          controller.abort();
        } else {
          expect(((await response.json()) as { jsonrpc: string }).jsonrpc).toBe("2.0");
        }
        // `echo` wants a text, which none of these has.
        expect(events.filter((event) => event !== "server")).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});

test.each(["arguments", "_meta"])(
  "deep nesting in %s is refused or answered, never a failure",
  async (where) => {
    const { endpoint } = useEndpoint();
    const fetch = (request: Request) => endpoint.fetch(request, anybody);
    const session = await startSession(fetch);
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    for (const { body, headers } of [
      { body: call("echo"), headers: { "mcp-session-id": session } },
      modern("tools/call", { name: "echo", arguments: {} }),
    ]) {
      const text = JSON.stringify(body).replace(
        where === "arguments" ? '"arguments":{' : '"params":{',
        (found) => (where === "arguments" ? `${found}"text":${deep}` : `${found}"extra":${deep},`),
      );
      const response = await fetch(posted(text, headers));
      expect(response.status).toBeLessThan(500);
      expect(await response.text()).toContain('"jsonrpc":"2.0"');
    }
  },
);
