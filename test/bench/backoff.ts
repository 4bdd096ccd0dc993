import { AsyncCaller } from "@langchain/core/utils/async_caller";
import pRetry from "p-retry";
import { createBackoff } from "../../src/backoff/backoff.js";
import type { BackoffContext } from "../../src/backoff/backoff-options.js";
import { createGate } from "../../src/backoff/create-gate.js";
import { rateLimitOf } from "../../src/backoff/rate-limit-headers.js";
import { RateLimitError } from "../../src/errors/rate-limit-error.js";
import { LimiterProcess } from "./backoff-limiter.js";
import type { LimiterSetup } from "./limiter-server.js";
import { median, type BenchCheck, type BenchTable } from "./table.js";

const calls = 100;
const limit = 20;
const repetitions = 5;

/** How one of those compared makes all calls: how many of them failed in the end. */
type Contestant = (request: (path: string) => Promise<Response>) => Promise<number>;

interface Scenario {
  readonly name: string;
  readonly setup: LimiterSetup;
  readonly contestant: Contestant;
  readonly contestantName: string;
  /** The most of the ideal time that it may take; peers promise nothing. */
  readonly mostOfIdeal?: number;
  /** How many 429s are allowed. */
  readonly most429?: number;
  /** Whether the repetitions may run at one time, each with a limiter of its own: for those that mostly wait. */
  readonly together?: boolean;
}

interface Run {
  readonly ms: number;
  readonly failed: number;
  readonly refused: number;
}

/**
 * A hundred suspensions at once against twenty per window, beside what else people use; and one suspension
 * behind a thousand reads. Takes about two and a half minutes.
 */
export async function run(): Promise<BenchTable> {
  await using server = await LimiterProcess.start();
  const rows: Record<string, string | number>[] = [];
  const checks: BenchCheck[] = [];

  async function measure(scenario: Scenario): Promise<void> {
    const { name, contestantName, setup, mostOfIdeal, most429 } = scenario;
    const running: Promise<Run>[] = [];
    for (let repetition = 0; repetition < repetitions; repetition += 1) {
      running.push(runOnce(server, scenario));
      if (scenario.together !== true) await running.at(-1);
    }
    const runs = await Promise.all(running);
    const ratio = median(runs.map(({ ms }) => ms)) / idealMs(setup);
    const failed = Math.max(...runs.map((one) => one.failed));
    const refused = Math.max(...runs.map((one) => one.refused));
    rows.push({
      scenario: name,
      with: contestantName,
      "time / ideal": ratio.toFixed(2),
      "slowest / ideal": (Math.max(...runs.map(({ ms }) => ms)) / idealMs(setup)).toFixed(2),
      "calls lost, at worst": failed,
      "answers of 429, at worst": refused,
    });
    if (mostOfIdeal !== undefined) {
      checks.push({ name: `${name}: time / ideal`, value: ratio, limit: mostOfIdeal });
      checks.push({ name: `${name}: calls lost`, value: failed, limit: 0 });
    }
    if (most429 !== undefined) {
      checks.push({ name: `${name}: answers of 429`, value: refused, limit: most429 });
    }
  }

  for (const latencyMs of [0, 50]) {
    await Promise.all(
      (["draft-6", "draft-7", "draft-8"] as const).map((headers) =>
        measure({
          ...ours,
          name: `${headers}, ${latencyMs} ms`,
          setup: { limit, windowMs: 1_000, latencyMs, headers },
          mostOfIdeal: 1.1,
          most429: 2,
        }),
      ),
    );
  }
  await Promise.all(
    [0, 50].map((latencyMs) =>
      measure({
        ...ours,
        name: `retry-after alone, ${latencyMs} ms`,
        setup: { limit, windowMs: 1_000, latencyMs, headers: "retry-after" },
        mostOfIdeal: 1.5,
      }),
    ),
  );
  await Promise.all([
    measure({
      ...ours,
      name: "epoch in whole seconds, 5 s windows, 50 ms",
      setup: { limit, windowMs: 5_000, latencyMs: 50, headers: "epoch" },
      mostOfIdeal: 1.25,
      most429: 2,
      together: true,
    }),
    ...peers.map((peer) =>
      measure({
        ...peer,
        name: "draft-6, 50 ms",
        setup: { limit, windowMs: 1_000, latencyMs: 50, headers: "draft-6" },
      }),
    ),
  ]);
  const overtaken = await suspensionBehindReads(server);
  rows.push({ scenario: "a suspension behind 1,000 reads", with: "gate", "reads sent before it": overtaken });
  checks.push({ name: "reads sent before a suspension that came later", value: overtaken, limit: 0 });
  return { title: "100 suspensions at once, 20 per window, server in its own process", rows, checks };
}

async function runOnce(server: LimiterProcess, { setup, contestant }: Scenario): Promise<Run> {
  const limiter = await server.open(setup);
  const start = performance.now();
  const failed = await contestant(async (path) => {
    const response = await fetch(`${limiter.url}${path}`, { method: "POST" });
    await response.arrayBuffer();
    return response;
  });
  const ms = performance.now() - start;
  const seen = await limiter.close();
  return { ms, failed, refused: seen.filter(({ status }) => status === 429).length };
}

/** (windows − 1) × window, two round trips a window, and one for the cold probe. */
function idealMs({ windowMs, latencyMs }: LimiterSetup): number {
  const windows = Math.ceil(calls / limit);
  return (windows - 1) * windowMs + (2 * windows + 1) * latencyMs;
}

async function failuresOf(call: (path: string) => Promise<unknown>): Promise<number> {
  const paths = Array.from({ length: calls }, (_, index) => `/users/${index}:suspend`);
  const ends = await Promise.allSettled(paths.map(call));
  return ends.filter(({ status }) => status === "rejected").length;
}

function context(priority: BackoffContext["priority"], signal: AbortSignal): BackoffContext {
  return { account: "bench", signal, deadline: Number.POSITIVE_INFINITY, priority, emit: () => undefined };
}

const headersOf = (response: Response) => Object.fromEntries(response.headers);

const ours: Pick<Scenario, "contestant" | "contestantName"> = {
  contestantName: "gate",
  contestant: (request) => {
    const send = createBackoff(true)(context("urgent", new AbortController().signal));
    return failuresOf((path) => send(() => answerOf(request(path)), { idempotent: true }));
  },
};

async function answerOf(responding: Promise<Response>): Promise<{ headers: Record<string, string> }> {
  const response = await responding;
  const headers = headersOf(response);
  if (response.status === 429) throw new RateLimitError("The bench's server answered 429.", { headers });
  return { headers };
}

class StatusError extends Error {
  readonly status: number;
  readonly headers: Headers;

  constructor(response: Response) {
    super(`${response.status}`);
    this.status = response.status;
    this.headers = response.headers;
  }
}

async function checked(responding: Promise<Response>): Promise<Response> {
  const response = await responding;
  if (!response.ok) throw new StatusError(response);
  return response;
}

const peers: readonly Pick<Scenario, "contestant" | "contestantName">[] = [
  {
    contestantName: "plain fetch",
    contestant: (request) => failuresOf((path) => checked(request(path))),
  },
  {
    contestantName: "p-retry, defaults",
    contestant: (request) => failuresOf((path) => pRetry(() => checked(request(path)))),
  },
  {
    contestantName: "LangChain's AsyncCaller, defaults",
    contestant: (request) => {
      const caller = new AsyncCaller({});
      return failuresOf((path) => caller.call(() => checked(request(path))));
    },
  },
  {
    contestantName: "a reset loop per call",
    contestant: (request) =>
      failuresOf(async (path) => {
        for (;;) {
          const response = await request(path);
          if (response.status !== 429) return;
          const resetMs = rateLimitOf(headersOf(response), Date.now())?.resetMs ?? 1_000;
          await new Promise((resolve) => setTimeout(resolve, resetMs));
        }
      }),
  },
];

/** How many reads the server saw between a suspension's arrival in the line and the suspension itself. */
async function suspensionBehindReads(server: LimiterProcess): Promise<number> {
  const counts: number[] = [];
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    const limiter = await server.open({ limit, windowMs: 1_000, latencyMs: 0, headers: "draft-6" });
    const backoff = createBackoff({ gate: createGate() });
    const reading = new AbortController();
    const read = backoff(context("normal", reading.signal));
    const suspend = backoff(context("urgent", new AbortController().signal));
    const request = (path: string) => () => answerOf(fetch(`${limiter.url}${path}`));
    const reads = Array.from({ length: 1_000 }, () => read(request("/read"), { idempotent: true }));
    // By then the first window is used up, and the line is closed and long.
    await Promise.all(reads.slice(0, limit));
    const joinedAt = Date.now();
    await suspend(request("/suspend"), { idempotent: true });
    reading.abort();
    await Promise.allSettled(reads);
    const seen = await limiter.close();
    const position = seen.findIndex(({ path }) => path.endsWith("/suspend"));
    counts.push(seen.slice(0, position).filter(({ at }) => at > joinedAt).length);
  }
  return median(counts);
}
