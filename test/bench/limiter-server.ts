// A rate-limited server in a process of its own. It knows nothing of this library: what the gate is measured
// against must not share a mistake with it.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** How a limit is told and kept. */
export interface LimiterSetup {
  limit: number;
  windowMs: number;
  /** The time between a request and its answer, half of it before the request counts. */
  latencyMs: number;
  headers: "draft-6" | "draft-7" | "draft-8" | "epoch" | "retry-after";
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
  setup: LimiterSetup;
  windowEnd: number;
  used: number;
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
  const half = limiter.setup.latencyMs / 2;
  const count = () => {
    const at = Date.now();
    const { limit, windowMs } = limiter.setup;
    if (at >= limiter.windowEnd) {
      limiter.windowEnd = at + windowMs;
      limiter.used = 0;
    }
    limiter.used += 1;
    const status = limiter.used > limit ? 429 : 200;
    limiter.seen.push({ path, status, at });
    const headers = told(limiter, at, status);
    const end = () =>
      response.writeHead(status, { ...headers, "content-type": "application/json" }).end("{}");
    if (half === 0) end();
    else setTimeout(end, half);
  };
  if (half === 0) count();
  else setTimeout(count, half);
}

function told({ setup, windowEnd, used }: Limiter, at: number, status: number): Record<string, string> {
  const { limit, windowMs, headers } = setup;
  const remaining = Math.max(0, limit - used);
  const reset = Math.ceil((windowEnd - at) / 1000);
  const seconds = Math.ceil(windowMs / 1000);
  const retryAfter: Record<string, string> = status === 429 ? { "retry-after": `${reset}` } : {};
  switch (headers) {
    case "retry-after":
      return retryAfter;
    case "draft-6":
      return { ...retryAfter, ...threeHeaders(limit, remaining, reset) };
    case "epoch":
      return threeHeaders(limit, remaining, Math.ceil(windowEnd / 1000));
    case "draft-7":
      return {
        ...retryAfter,
        ratelimit: `limit=${limit}, remaining=${remaining}, reset=${reset}`,
        "ratelimit-policy": `${limit};w=${seconds}`,
      };
    case "draft-8":
      return {
        ...retryAfter,
        ratelimit: `"bench";r=${remaining};t=${reset}`,
        "ratelimit-policy": `"bench";q=${limit};w=${seconds}`,
      };
  }
}

function threeHeaders(limit: number, remaining: number, reset: number): Record<string, string> {
  return {
    "ratelimit-limit": `${limit}`,
    "ratelimit-remaining": `${remaining}`,
    "ratelimit-reset": `${reset}`,
  };
}

process.on("message", (question: LimiterQuestion) => {
  const { id, name } = question;
  let seen: SeenRequest[] = [];
  if (question.type === "open") {
    limiters.set(name, { setup: question.setup, windowEnd: 0, used: 0, seen: [] });
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
