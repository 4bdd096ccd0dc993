// A rate-limited server in a process of its own, so that it neither waits for its client nor slows it down.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { FixedWindow, type WindowSetup } from "./backoff-window.js";

/** A limit, and how far away its server is. */
export interface LimiterSetup extends WindowSetup {
  /** The time between a request and its answer, half of it before the request counts. */
  latencyMs: number;
}

/** One request as the server saw it. */
export interface SeenRequest {
  path: string;
  status: number;
  /** When it was counted, in milliseconds since the epoch. */
  at: number;
}

/** What the parent asks, each with a limiter's name: requests to `/<name>/...` go by that limiter. */
export type LimiterQuestion = { id: number; name: string } & (
  { type: "open"; setup: LimiterSetup } | { type: "close" }
);

/** What the parent is told. */
export type LimiterAnswer = { type: "listening"; port: number } | { id: number; seen: SeenRequest[] };

interface Limiter {
  window: FixedWindow;
  latencyMs: number;
  seen: SeenRequest[];
}

const limiters = new Map<string, Limiter>();

function answer(request: IncomingMessage, response: ServerResponse): void {
  const path = request.url ?? "/";
  const limiter = limiters.get(path.split("/")[1] ?? "");
  if (limiter === undefined) {
    response.writeHead(404).end("{}");
    return;
  }
  after(limiter.latencyMs / 2, () => {
    const at = Date.now();
    const { status, headers } = limiter.window.count(at);
    limiter.seen.push({ path, status, at });
    after(limiter.latencyMs / 2, () => response.writeHead(status, headers).end("{}"));
  });
}

function after(ms: number, run: () => void): void {
  if (ms === 0) run();
  else setTimeout(run, ms);
}

process.on("message", (question: LimiterQuestion) => {
  const { id, name } = question;
  let seen: SeenRequest[] = [];
  if (question.type === "open") {
    const { latencyMs, ...setup } = question.setup;
    limiters.set(name, { window: new FixedWindow(setup), latencyMs, seen: [] });
  } else {
    seen = limiters.get(name)?.seen ?? [];
    limiters.delete(name);
  }
  process.send?.({ id, seen } satisfies LimiterAnswer);
});

const server = createServer(answer).listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  process.send?.({ type: "listening", port } satisfies LimiterAnswer);
});
process.on("disconnect", () => process.exit());
