import { initialize, postHeaders } from "../mcp/http/messages.js";
import { randomBytes } from "node:crypto";
import { createServer, request as httpRequest } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { getRequestListener } from "@hono/node-server";
import { ToolManager, usersApi } from "langchain-1password";
import {
  bearerTokens,
  createMcpHandler,
  createMcpServers,
  memoryMcpServerStore,
  type RequestLine,
} from "langchain-1password/mcp";
import type { Sandbox } from "langchain-1password/sandbox";
import { onTestFinished, vi } from "vitest";
import { useSandbox } from "./sandbox.js";

/** A request as it goes over the wire. */
export interface RawRequest {
  readonly method?: string;
  /** Which listener; callers' own by default. */
  readonly to?: "handler" | "servers" | "admin";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | string[] | undefined>>;
  /** Sent as it is; anything but text and bytes as JSON. */
  readonly body?: unknown;
  /** Declares one byte more than is sent, so that the body never ends. */
  readonly isStalled?: boolean;
  /** The whole request, for what a client library refuses to send. */
  readonly wire?: string;
}

/** What came back. */
export interface RawAnswer {
  readonly status: number;
  readonly text: string;
  /** The JSON-RPC error's code, of the first message that has one. */
  readonly code: number | undefined;
  /** The code in the last line of a tool's error. */
  readonly toolCode: string | undefined;
  readonly message: Message | undefined;
  readonly sessionId: string | undefined;
}

interface Message {
  readonly error?: { readonly code: number; readonly message: string };
  readonly result?: {
    readonly isError?: boolean;
    readonly content?: readonly { readonly text: string }[];
    readonly requestState?: string;
    readonly structuredContent?: Readonly<Record<string, unknown>>;
  };
}

/** A way in to tools: the operator's own server, or one that was handed out. */
export interface Door {
  readonly name: "own server" | "handed-out server" | "handed-out server with writes";
  readonly to: "handler" | "servers";
  readonly path: string;
  /** What its caller authenticates by. */
  readonly headers: Readonly<Record<string, string>>;
  /** A 2025 session of its caller. */
  readonly session: string;
  /** Whether it wants an API token. */
  readonly wantsToken: boolean;
  readonly hasWrites: boolean;
}

/** All that malformed requests are sent to, and what they try to get at. */
export interface MalformedWorld {
  readonly sandbox: Sandbox;
  readonly doors: readonly Door[];
  /** Servers that were deleted, or have expired, each with a session from before. */
  readonly ended: readonly { readonly name: string; readonly path: string; readonly session: string }[];
  readonly lines: readonly RequestLine[];
  /** By name: all that must not be in a log. */
  readonly secrets: Map<string, string>;
  /** The host and port of each listener. */
  readonly hosts: Readonly<Record<"handler" | "servers" | "admin", string>>;
  send(request: RawRequest): Promise<RawAnswer>;
  /** Remembers something as a secret, and gives it back. */
  secret(name: string, value: string): string;
}

/** How long a body may take here, in milliseconds. */
const bodyMs = 400;
/** How much a body may hold here. */
export const maxBodyBytes = 65_536;

const revision = "io.modelcontextprotocol/protocolVersion";
/** What a 2026 client says of itself with every request. */
export const envelope: Readonly<Record<string, unknown>> = {
  [revision]: "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "raw", version: "1" },
  "io.modelcontextprotocol/clientCapabilities": { elicitation: {} },
};

/** The headers of a 2026 request. */
export function modernHeaders(method: string, name?: string): Record<string, string> {
  return {
    ...postHeaders,
    "mcp-protocol-version": "2026-07-28",
    "mcp-method": method,
    ...(name !== undefined && { "mcp-name": name }),
  };
}

/** Starts everything: `createMcpHandler`, and `createMcpServers` with servers that live, were deleted and have ended. */
export async function useMalformedWorld(): Promise<MalformedWorld> {
  const sandbox = await useSandbox();
  const secrets = new Map<string, string>([["client secret", sandbox.clientSecret]]);
  const secret = (name: string, value: string) => {
    secrets.set(name, value);
    return value;
  };
  const random = (name: string) => secret(name, randomBytes(32).toString("hex"));
  const ada = random("ada's token");
  const bob = random("bob's token");
  const adminToken = random("admin token");
  const lines: RequestLine[] = [];
  const shared = {
    methods: ["read", "write"],
    authenticate: bearerTokens([
      { name: "ada", token: ada },
      { name: "bob", token: bob },
    ]),
    log: (line: RequestLine) => void lines.push(line),
    key: randomBytes(32),
    bodyMs,
    maxBodyBytes,
    graceMs: 1000,
  };
  const manager = new ToolManager({ source: usersApi({ ...sandbox }) });
  const handler = createMcpHandler(manager, shared);
  const store = memoryMcpServerStore();
  const servers = createMcpServers(manager, {
    ...shared,
    store,
    adminToken,
    publicUrl: "http://127.0.0.1:1",
  });
  onTestFinished(async () => {
    await Promise.all([handler.close(), servers.close()]);
  });
  const hosts = {
    handler: await listen(handler.fetch),
    servers: await listen(servers.fetch),
    admin: await listen(servers.admin),
  };
  const send = (request: RawRequest) => sendTo(hosts[request.to ?? "handler"], request);

  const handOut = async (name: string, wish: object) => {
    const headers = { "content-type": "application/json", authorization: `Bearer ${adminToken}` };
    const body = { name, ...wish };
    const { text } = await send({ to: "admin", method: "POST", path: "/mcp-servers", headers, body });
    const { id, url } = JSON.parse(text) as { id: string; url: string };
    const { pathname } = new URL(url);
    secret(`${name} server's token`, pathname.split("/").at(-1)!);
    return { id, name, path: pathname };
  };
  const reading = await handOut("reading", {});
  const writing = await handOut("writing", { require_api_token_auth: true });
  const deleted = await handOut("deleted", {});
  const expired = await handOut("expired", {});
  const authorization = { authorization: `Bearer ${ada}` };
  const doorOf = async (door: Omit<Door, "session">): Promise<Door> => {
    const { sessionId } = await send({
      ...door,
      method: "POST",
      headers: { ...postHeaders, ...door.headers },
      body: initialize,
    });
    return { ...door, session: secret(`session of ${door.name}`, sessionId ?? "") };
  };
  const doors = await Promise.all([
    doorOf({
      name: "own server",
      to: "handler",
      path: "/mcp",
      headers: authorization,
      wantsToken: true,
      hasWrites: true,
    }),
    doorOf({
      name: "handed-out server",
      to: "servers",
      path: reading.path,
      headers: {},
      wantsToken: false,
      hasWrites: false,
    }),
    doorOf({
      name: "handed-out server with writes",
      to: "servers",
      path: writing.path,
      headers: authorization,
      wantsToken: true,
      hasWrites: true,
    }),
  ]);
  const ended = await Promise.all(
    [deleted, expired].map(async ({ name, path }) => {
      const { sessionId = "" } = await send({ to: "servers", path, headers: postHeaders, body: initialize });
      return { name, path, session: secret(`session of ${name}`, sessionId) };
    }),
  );
  await send({
    to: "admin",
    method: "DELETE",
    path: `/mcp-servers/${deleted.id}`,
    headers: { authorization: `Bearer ${adminToken}` },
  });
  const record = (await store.get(expired.id))!;
  await store.delete(expired.id);
  await store.create({ ...record, expires_at: new Date(Date.now() - 1000).toISOString() });

  return { sandbox, doors, ended, lines, secrets, hosts, send, secret };
}

/** A 2026 call of a tool. */
export function modernCall(door: Door, name: string, params: Readonly<Record<string, unknown>>): RawRequest {
  return {
    to: door.to,
    path: door.path,
    method: "POST",
    headers: { ...modernHeaders("tools/call", name), ...door.headers },
    body: { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, _meta: envelope, ...params } },
  };
}

/** The state of a question that a write asks, as of so long ago. */
export async function openState(
  { send, sandbox }: MalformedWorld,
  door: Door,
  { agoMs = 0, email = "m.scott@example.com" }: { agoMs?: number; email?: string } = {},
): Promise<string> {
  const { id } = sandbox.users.find((user) => user.email === email)!;
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - agoMs });
  try {
    const { message } = await send(
      modernCall(door, "onepassword_users_suspend", { arguments: { id, expected_email: email } }),
    );
    return message!.result!.requestState!;
  } finally {
    vi.useRealTimers();
  }
}

async function listen(fetch: (request: Request) => Promise<Response>): Promise<string> {
  const listener = getRequestListener(fetch, { overrideGlobalObjects: false });
  const server = createServer((incoming, outgoing) => void listener(incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function bytesOf(body: unknown): Buffer {
  if (body === undefined) return Buffer.alloc(0);
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
}

/** An answer that does not come is one of its own: status 0. */
async function sendTo(host: string, { wire, ...request }: RawRequest): Promise<RawAnswer> {
  const late = new AbortController();
  const answer =
    wire === undefined ? overHttp(host, request, late.signal) : overWire(host, wire, late.signal);
  const none = { status: 0, text: "no answer within 5 s", sessionId: undefined };
  const given = await Promise.race([answer, sleep(5000, none, { signal: late.signal, ref: false })]);
  late.abort();
  answer.catch(() => undefined);
  const messages = messagesIn(given.text);
  const message = messages.find((one) => one.error !== undefined || one.result !== undefined);
  const { isError, content } = message?.result ?? {};
  return {
    ...given,
    message,
    code: message?.error?.code,
    toolCode: isError === true ? toolCodeIn(content?.at(-1)?.text ?? "") : undefined,
  };
}

type Given = Pick<RawAnswer, "status" | "text" | "sessionId">;

function overHttp(
  host: string,
  { method = "POST", path, headers = {}, body, isStalled = false }: RawRequest,
  signal: AbortSignal,
): Promise<Given> {
  return new Promise((resolve, reject) => {
    const [hostname, port] = host.split(":");
    const bytes = bytesOf(body);
    const length = bytes.length + (isStalled ? 1 : 0);
    const given: NonNullable<RawRequest["headers"]> = { "content-length": String(length), ...headers };
    const sent = Object.entries(given).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    );
    const outgoing = httpRequest(
      { hostname, port, method, path, headers: Object.fromEntries(sent), agent: false, signal },
      (incoming) => {
        let text = "";
        incoming.setEncoding("utf8");
        incoming.on("data", (chunk: string) => (text += chunk));
        incoming.on("error", reject);
        incoming.on("end", () => {
          const sessionId = incoming.headers["mcp-session-id"];
          resolve({
            status: incoming.statusCode ?? 0,
            text,
            sessionId: typeof sessionId === "string" ? sessionId : undefined,
          });
        });
      },
    );
    outgoing.on("error", reject);
    outgoing.write(bytes);
    if (!isStalled) outgoing.end();
    else outgoing.flushHeaders();
  });
}

function overWire(host: string, wire: string, signal: AbortSignal): Promise<Given> {
  return new Promise((resolve, reject) => {
    const [hostname, port] = host.split(":");
    const socket = connect({ host: hostname!, port: Number(port) });
    signal.addEventListener("abort", () => socket.destroy());
    let all = "";
    socket.setEncoding("latin1");
    socket.on("data", (chunk: string) => (all += chunk));
    socket.on("error", reject);
    socket.on("close", () => {
      const [head = "", ...rest] = all.split("\r\n\r\n");
      resolve({
        status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 0),
        text: rest.join("\r\n\r\n"),
        sessionId: undefined,
      });
    });
    socket.write(wire);
  });
}

function messagesIn(text: string): Message[] {
  const events = text.split("\n").filter((line) => line.startsWith("data: {"));
  const all = events.length > 0 ? events.map((line) => line.slice("data: ".length)) : [text];
  return all.flatMap((one) => {
    try {
      const read = JSON.parse(one) as Message | Message[] | null;
      return read === null ? [] : Array.isArray(read) ? read : [read];
    } catch {
      return [];
    }
  });
}

function toolCodeIn(text: string): string | undefined {
  try {
    return (JSON.parse(text.split("\n").at(-1) ?? "") as { code?: string }).code;
  } catch {
    return undefined;
  }
}
