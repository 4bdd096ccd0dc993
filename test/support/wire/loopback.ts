import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setImmediate } from "node:timers/promises";
import { Refusal } from "./refusal.js";

/** A request body, or any other JSON object of the wire. */
export type JsonObject = Record<string, unknown>;

/** An event of a stream, told apart by its type. */
export type StreamEvent = JsonObject & { type: string };

/** A request as a wire server received it. */
export interface WireRequest {
  readonly path: string;
  readonly body: JsonObject;
  /** The status code that it was answered with. */
  readonly status: number;
}

/** A running wire server. */
export interface WireServer {
  /** What to give the provider's client as its base URL. */
  readonly baseUrl: string;
  /** Every request so far, refused ones included, in the order in which they were answered. */
  readonly requests: readonly WireRequest[];
  /** Ends every connection and stops listening. */
  close(): Promise<void>;
}

/** An answer on its way out: one chunk, or the frames of a stream. */
export interface WireAnswer {
  readonly contentType: string;
  readonly chunks: readonly string[];
}

/** What makes one provider's server different from another's. */
export interface WireProtocol {
  /** The path that every request starts with, such as `/v1`; the base URL ends with it. */
  readonly basePath: string;
  /** @throws Refusal for what the real API would refuse. */
  answer(request: { path: string; headers: IncomingHttpHeaders; body: JsonObject }): Promise<WireAnswer>;
  /** The provider's error body. */
  describe(refusal: Refusal): JsonObject;
}

/** Starts a server of one provider's wire format on a free port of 127.0.0.1. */
export async function startLoopback(protocol: WireProtocol): Promise<WireServer> {
  const requests: WireRequest[] = [];

  async function decide(incoming: IncomingMessage): Promise<{ status: number; answer: WireAnswer }> {
    const path = incoming.url ?? "/";
    let body: JsonObject = {};
    try {
      if (incoming.method !== "POST") throw new Refusal(405, `"${incoming.method ?? ""}" is not allowed.`);
      body = await readJson(incoming);
      const relative = path.startsWith(protocol.basePath) ? path.slice(protocol.basePath.length) : path;
      const answer = await protocol.answer({ path: relative, headers: incoming.headers, body });
      requests.push({ path, body, status: 200 });
      return { status: 200, answer };
    } catch (error) {
      const refusal = error instanceof Refusal ? error : plannerFailed(error);
      requests.push({ path, body, status: refusal.status });
      return { status: refusal.status, answer: json(protocol.describe(refusal)) };
    }
  }

  const server = createServer((incoming, outgoing) => {
    void decide(incoming).then(({ status, answer }) => send(outgoing, status, answer));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}${protocol.basePath}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** An answer in one piece. */
export function json(body: unknown): WireAnswer {
  return { contentType: "application/json", chunks: [JSON.stringify(body)] };
}

/** Text in pieces, as a model's tokens arrive. Cuts between characters, never within one. */
export function pieces(text: string): string[] {
  return text.match(/.{1,7}/gsu) ?? [];
}

async function readJson(incoming: IncomingMessage): Promise<JsonObject> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part as Buffer);
  const text = Buffer.concat(parts).toString("utf8");
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
  } catch {
    // Told below, together with the case of JSON that is not an object.
  }
  throw new Refusal(400, "The body of the request is not a JSON object.");
}

// 400, because every provider's client tries a 5xx again and so would hide a failed assertion for minutes.
function plannerFailed(error: unknown): Refusal {
  return new Refusal(
    400,
    `The test's own planner failed: ${error instanceof Error ? error.message : String(error)}`,
  );
}

async function send(outgoing: ServerResponse, status: number, answer: WireAnswer): Promise<void> {
  outgoing.writeHead(status, { "content-type": answer.contentType, "cache-control": "no-cache" });
  for (const chunk of answer.chunks) {
    if (outgoing.destroyed) return;
    outgoing.write(chunk);
    // Lets each frame leave on its own, so that clients have to put the stream together.
    await setImmediate();
  }
  outgoing.end();
}
