import pRetry from "p-retry";
import type { Context, ToolsetEvent } from "../call.js";
import { RateLimitError } from "../errors/rate-limit-error.js";
import { ToolsetError } from "../errors/toolset-error.js";
import { confirmedPass, type Confirm } from "./confirmed-pass.js";
import type { Gate, GatePass, GateRequest, Outcome } from "./gate.js";
import { pause } from "./timer.js";

/** Why a request waits. */
export type WaitReason = Extract<ToolsetEvent, { type: "wait" }>["reason"];

/** One wait, before it begins. */
export interface Wait {
  /** How long it will take, in milliseconds, as far as is known. */
  readonly waitMs: number;
  /** Which attempt follows it, 1 being the first. */
  readonly attempt: number;
  readonly reason: WaitReason;
}

/** What a failed attempt means. */
export interface Failure {
  readonly outcome: Outcome;
  /** Why the attempt may be made again, beside being refused by a 429; `null` where it must not. */
  readonly repeat: Exclude<WaitReason, "rate_limited" | "queued"> | null;
  /** When the server wants it to be made again, in milliseconds; `null` where it did not say. */
  readonly retryAfterMs: number | null;
}

/** What {@link attempt} needs to know of a request. */
export interface AttemptPlan<Answer> {
  readonly gate: Gate;
  readonly context: Pick<Context, "account" | "signal" | "deadline" | "priority">;
  readonly maxWaitMs: number;
  readonly maxAttempts: number;
  readonly request: () => Promise<Answer>;
  /** What the request rests on: looked at again before each attempt that had to wait. */
  readonly confirm?: Omit<Confirm, "always"> | undefined;
  readonly headersOf: (answer: Answer) => Readonly<Record<string, string>>;
  readonly failureOf: (error: unknown) => Failure;
  /** Must not throw. */
  readonly tell: (wait: Wait) => void;
}

/** The first and the longest pause before a repetition that no server gave a time for. */
const firstPauseMs = 500;
const longestPauseMs = 30_000;
/** For how long a closed gate is believed at most, however long a request may wait. */
const longestClosedMs = 600_000;

/** Carries what an attempt threw through p-retry, which would change what is not an `Error`. */
class FailedAttempt extends Error {
  constructor(
    readonly thrown: unknown,
    readonly failure: Failure | null,
  ) {
    super("an attempt failed");
  }
}

/**
 * Makes a request, each attempt of it through the gate, until it succeeds or must not be repeated.
 *
 * @throws what the last attempt threw, the same object; the gate's `RateLimitError` if it was never sent
 */
export async function attempt<Answer>(plan: AttemptPlan<Answer>): Promise<Answer> {
  const { gate, context, tell } = plan;
  const { signal, deadline, account, priority } = context;
  let waitedMs = 0;
  let last: FailedAttempt | undefined;
  // Refused by a 429, a request did nothing: as long as there is time, it may be sent again.
  let counted = 0;

  const maxWaitMs = () => Math.min(plan.maxWaitMs - waitedMs, deadline - Date.now());

  async function waiting<T>(wait: Promise<T>): Promise<T> {
    const since = Date.now();
    try {
      return await wait;
    } finally {
      waitedMs += Math.max(0, Date.now() - since);
    }
  }

  async function pass(number: number): Promise<GatePass> {
    if (deadline <= Date.now()) throw new FailedAttempt(last?.thrown ?? deadlineError(), null);
    const wasRefused = last?.failure?.outcome.kind === "refused";
    const request: GateRequest = {
      account,
      priority,
      again: wasRefused,
      signal,
      maxWaitMs: Math.max(0, maxWaitMs()),
      maxClosedMs: maxClosedMs(plan.maxWaitMs),
      onWait: (waitMs) => tell({ waitMs, attempt: number, reason: wasRefused ? "rate_limited" : "queued" }),
    };
    try {
      if (plan.confirm === undefined) return await waiting(gate.enter(request));
      // What is sent once more has waited, whatever the gate says.
      const confirm = { ...plan.confirm, always: number > 1 };
      const reserve: Gate["reserve"] = (next, permits) =>
        waiting(gate.reserve({ ...next, maxWaitMs: Math.max(0, maxWaitMs()) }, permits));
      return await confirmedPass({ enter: (next) => gate.enter(next), reserve }, request, confirm);
    } catch (error) {
      // What the server itself said beats what the gate says about the repetition; an abort beats both.
      const isOfGate = error instanceof RateLimitError && error.unsent;
      throw new FailedAttempt(signal.aborted || !isOfGate ? error : (last?.thrown ?? error), null);
    }
  }

  async function once(number: number): Promise<Answer> {
    const { settle } = await pass(number);
    if (signal.aborted) {
      settle({ kind: "unsent" });
      throw new FailedAttempt(signal.reason, null);
    }
    if (deadline <= Date.now()) {
      settle({ kind: "unsent" });
      throw new FailedAttempt(last?.thrown ?? deadlineError(), null);
    }
    try {
      const answer = await plan.request();
      settle({ kind: "answered", headers: plan.headersOf(answer) });
      return answer;
    } catch (error) {
      const failure = plan.failureOf(error);
      settle(failure.outcome);
      last = new FailedAttempt(error, failure);
      throw last;
    }
  }

  async function pauseBefore(number: number, failure: Failure): Promise<boolean> {
    if (failure.outcome.kind === "refused") return true;
    counted += 1;
    if (counted >= plan.maxAttempts) return false;
    if (failure.repeat === null) return false;
    const asked = failure.retryAfterMs ?? 0;
    const waitMs = asked > 0 ? asked : pauseMs(number - 1);
    if (waitMs > maxWaitMs()) return false;
    tell({ waitMs, attempt: number, reason: failure.repeat });
    await waiting(pause(waitMs, signal));
    return true;
  }

  try {
    return await pRetry(once, {
      // Bounded by "counted", and by how long it may wait.
      retries: Number.POSITIVE_INFINITY,
      // The waits are ours: the gate's, or those of the pause below.
      minTimeout: 0,
      shouldRetry: async ({ error, attemptNumber }) =>
        error instanceof FailedAttempt &&
        error.failure !== null &&
        (await pauseBefore(attemptNumber + 1, error.failure)),
    });
  } catch (error) {
    throw error instanceof FailedAttempt ? error.thrown : error;
  }
}

/** For how long a server is believed that nothing may be sent, where a request may wait that long. */
export function maxClosedMs(maxWaitMs: number): number {
  return Math.min(maxWaitMs, longestClosedMs);
}

/** Doubling from half a second on, and by chance longer, never shorter. */
function pauseMs(failures: number): number {
  const ms = Math.min(longestPauseMs, firstPauseMs * 2 ** (failures - 1));
  return Math.ceil(ms * (1 + Math.random() * 0.25));
}

function deadlineError(): ToolsetError {
  return new ToolsetError("timeout", "The request was not sent: the deadline of its call has passed.", {
    unsent: true,
  });
}
