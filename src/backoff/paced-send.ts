import type { Send } from "../call.js";
import { HttpError } from "../errors/http-error.js";
import { isToolsetError, type ToolsetErrorCode } from "../errors/toolset-error.js";
import { onAbort } from "../on-abort.js";
import { attempt, type Failure, type Wait } from "./attempts.js";
import { harmless, type BackoffContext, type BackoffSetup } from "./backoff-options.js";
import type { Gate } from "./gate.js";
import { parseRateLimit } from "./rate-limit-headers.js";

/**
 * The way of a call's HTTP requests that waits out rate limits.
 *
 * @param end - ends every wait, and only these
 */
export function pacedSend(setup: BackoffSetup, context: BackoffContext, end?: AbortSignal): Send {
  if (end === undefined) return paced(setup, context, context.signal);
  return async (request, options) => {
    const waits = new AbortController();
    const signals = [context.signal, end];
    for (const signal of signals) signal.throwIfAborted();
    const stops = signals.map((signal) => onAbort(signal, () => waits.abort(signal.reason)));
    try {
      return await paced(setup, context, waits.signal)(request, options);
    } finally {
      for (const stop of stops) stop();
    }
  };
}

function paced(setup: BackoffSetup, context: BackoffContext, waits: AbortSignal): Send {
  const { gate, maxWaitMs, maxAttempts, onBackoff } = setup;
  const emit = harmless((wait: Wait) => context.emit({ type: "wait", ...wait }));
  return async (request, { idempotent, notAfter = Number.POSITIVE_INFINITY, confirm }) => {
    let isInDoubt = false as boolean;
    const sending = attempt({
      gate,
      context: { ...context, signal: waits, deadline: Math.min(context.deadline, notAfter) },
      maxWaitMs,
      maxAttempts,
      request: () => request(context.signal),
      ...(confirm === undefined
        ? {}
        : {
            confirm: {
              ...confirm,
              look: (reserved: Gate) => confirm.look(paced({ ...setup, gate: reserved }, context, waits)),
            },
          }),
      headersOf: ({ headers }) => headers,
      failureOf: (error) => {
        isInDoubt ||= mayHaveArrived(error);
        return failureOf(error, idempotent);
      },
      tell: (wait) => {
        onBackoff(wait);
        emit(wait);
      },
    });
    try {
      return await sending;
    } catch (error) {
      // The last attempt's own "nothing was changed" must not speak for one before it that got no answer.
      if (!isInDoubt || !isToolsetError(error) || mayHaveArrived(error)) throw error;
      throw error.withText(error.text, { unsent: false, inDoubt: true });
    }
  };
}

/** Whether a failed attempt may have had its effect. */
function mayHaveArrived(error: unknown): boolean {
  return isToolsetError(error) && !error.unsent && error.code in repeatable;
}

const repeatable = {
  server_error: "server_error",
  network: "network",
  timeout: "timeout",
  bad_response: "bad_response",
} as const satisfies Partial<Record<ToolsetErrorCode, Failure["repeat"]>>;

function failureOf(error: unknown, idempotent: boolean): Failure {
  if (!isToolsetError(error)) return { outcome: { kind: "lost" }, repeat: null, retryAfterMs: null };
  const { code, retryable, retryAfterMs } = error;
  const headers = error instanceof HttpError ? error.headers : null;
  if (code === "rate_limited") {
    return {
      outcome: { kind: "refused", headers: headers ?? {}, retryAfterMs },
      repeat: null,
      retryAfterMs,
    };
  }
  return {
    outcome: headers === null ? { kind: "lost" } : { kind: "answered", headers },
    repeat:
      idempotent && retryable && code in repeatable ? repeatable[code as keyof typeof repeatable] : null,
    // Not the error's own, which may come from the reset of a limit that was not the trouble here.
    retryAfterMs: headers === null ? null : (parseRateLimit(headers, Date.now())?.retryAfterMs ?? null),
  };
}
