import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express, { type Request } from "express";
import { rateLimit, type RateLimitInfo } from "express-rate-limit";
import { afterAll, describe, expect, it } from "vitest";
import { createBackoff } from "../../src/backoff/backoff.js";
import { createGate } from "../../src/backoff/create-gate.js";
import { FixedWindow, type WindowSetup } from "../bench/backoff-window.js";
import { contextOf, request } from "./http-client.js";

/** One request as the server counted it. */
interface Counted {
  path: string;
  at: number;
  status: number;
  remaining: number;
  windowEnd: number;
}

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

async function listen(server: Server): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A limiter that this library's authors did not write. */
async function expressLimiter(standardHeaders: "draft-6" | "draft-7" | "draft-8", limit: number) {
  const log: Counted[] = [];
  const note = (incoming: Request, status: number) => {
    const { remaining, resetTime } = (incoming as Request & { rateLimit: RateLimitInfo }).rateLimit;
    log.push({ path: incoming.path, at: Date.now(), status, remaining, windowEnd: resetTime!.getTime() });
  };
  const app = express();
  app.use(
    rateLimit({
      windowMs: 1_000,
      limit,
      standardHeaders,
      legacyHeaders: false,
      keyGenerator: () => "everybody",
      handler: (incoming: Request, response) => {
        note(incoming, 429);
        response.statusCode = 429;
        response.end();
      },
    }),
    (incoming, response) => {
      note(incoming, 200);
      response.end();
    },
  );
  return { log, url: await listen(createServer(app)) };
}

async function windowLimiter(setup: WindowSetup) {
  const log: Counted[] = [];
  const window = new FixedWindow(setup);
  const server = createServer((incoming, response) => {
    const at = Date.now();
    const { status, remaining, windowEnd, headers } = window.count(at);
    log.push({ path: incoming.url ?? "", at, status, remaining, windowEnd });
    response.writeHead(status, headers).end();
  });
  return { log, url: await listen(server) };
}

/** A hundred calls at once, by two managers that share a gate. */
async function hundredCalls(url: string) {
  const gate = createGate();
  const managers = [createBackoff({ gate }), createBackoff({ gate })];
  const { signal } = new AbortController();
  const ends = await Promise.allSettled(
    Array.from({ length: 100 }, (_, n) => {
      const send = managers[n % 2]!(contextOf({ signal }));
      return send((given) => request(`${url}/${n}`, given), { idempotent: false });
    }),
  );
  return ends.filter(({ status }) => status === "rejected").length;
}

/** The requests that came after a window had nothing left, and before it ended. */
function tooEarly(log: readonly Counted[]): Counted[] {
  return log.filter(({ at }, index) =>
    log.slice(0, index).some(({ remaining, windowEnd }) => remaining === 0 && at < windowEnd),
  );
}

describe.concurrent("two managers that share a gate, and a hundred cold calls", () => {
  it.each(["draft-6", "draft-7", "draft-8"] as const)(
    "express-rate-limit in %s never has to refuse, and hears nothing between the last slot and the reset",
    async (headers) => {
      const { url, log } = await expressLimiter(headers, 40);
      expect(await hundredCalls(url)).toBe(0);
      expect(log.filter(({ status }) => status === 429)).toEqual([]);
      expect(tooEarly(log)).toEqual([]);
      expect(log).toHaveLength(100);
    },
  );

  it.each(["epoch", "epoch-ms"] as const)("resets in %s are kept as well", async (headers) => {
    const { url, log } = await windowLimiter({ limit: 60, windowMs: 1_000, headers });
    expect(await hundredCalls(url)).toBe(0);
    expect(tooEarly(log)).toEqual([]);
    expect(log).toHaveLength(100);
  });

  // Also on a slow machine more calls come within one window than it has room for. Without a header, the first wait is
  // a guess of a second, and the window no longer.
  it.each([
    { headers: "retry-after", limit: 60, windowMs: 4_000 },
    { headers: "none", limit: 30, windowMs: 1_000 },
  ] as const)("with $headers to go by, no call is lost", async (setup) => {
    const { url, log } = await windowLimiter(setup);
    expect(await hundredCalls(url)).toBe(0);
    expect(log.filter(({ status }) => status === 200)).toHaveLength(100);
    const refusal = log.find(({ status }) => status === 429);
    expect(refusal).toBeDefined();
    const { windowEnd } = refusal!;
    // What left before the first refusal was read still arrives; what comes back waits for the window to end.
    expect(log.slice(100).every(({ at }) => at >= windowEnd)).toBe(true);
  });

  it("a server without a limit hears all of them at once", async () => {
    const { url, log } = await windowLimiter({ limit: 1_000, windowMs: 60_000, headers: "none" });
    expect(await hundredCalls(url)).toBe(0);
    expect(log).toHaveLength(100);
  });

  it("a suspension behind a thousand reads leaves in the next free slot", async () => {
    const { url, log } = await expressLimiter("draft-6", 20);
    const backoff = createBackoff(true);
    const reading = new AbortController();
    const read = backoff(contextOf({ signal: reading.signal }));
    const reads = Array.from({ length: 1_000 }, (_, n) =>
      read((signal) => request(`${url}/read/${n}`, signal), { idempotent: true }),
    );
    await Promise.all(reads.slice(0, 20));
    const suspend = backoff(contextOf({ priority: "urgent" }));
    await suspend((signal) => request(`${url}/suspend`, signal), { idempotent: true });
    reading.abort();
    await Promise.allSettled(reads);
    expect(log.findIndex(({ path }) => path === "/suspend")).toBe(20);
  });

  it("an aborted call is never sent, and ends at once with the reason", async () => {
    const { url, log } = await windowLimiter({ limit: 1, windowMs: 60_000, headers: "draft-6" });
    const backoff = createBackoff({ maxWaitMs: 600_000 });
    await backoff(contextOf())((signal) => request(`${url}/first`, signal), { idempotent: true });
    const controller = new AbortController();
    const calls = Array.from({ length: 5 }, () =>
      backoff(contextOf({ signal: controller.signal }))((signal) => request(`${url}/late`, signal), {
        idempotent: true,
      }),
    );
    const reason = new Error("enough");
    controller.abort(reason);
    for (const call of calls) await expect(call).rejects.toBe(reason);
    expect(log.map(({ path }) => path)).toEqual(["/first"]);
  });
});
