import type { Send, SendReservation } from "../call.js";
import { HttpError } from "../errors/http-error.js";
import { isToolsetError, type ToolsetErrorCode } from "../errors/toolset-error.js";
import { onAbort } from "../on-abort.js";
import { attempt, maxClosedMs, type Failure, type Wait } from "./attempts.js";
import { harmless, type BackoffContext, type BackoffSetup } from "./backoff-options.js";
import type { Gate } from "./gate.js";
import { parseRateLimit } from "./rate-limit-headers.js";

/**
 * The way of a call's HTTP requests that waits out rate limits.
 *
 * @param end - ends every wait, and only these
 */
export function pacedSend(setup: BackoffSetup, context: BackoffContext, end?: AbortSignal): Send {
  return (request, options) =>
    untilEither(context.signal, end, (waits) => paced(setup, context, waits)(request, options));
}

/**
 * Waits until several requests of a call may leave together, and gives the way that they then take.
 *
 * @param end - ends every wait, and only these
 */
export async function reservedSend(
  setup: BackoffSetup,
  context: BackoffContext,
  end: AbortSignal | undefined,
  requests: number,
): Promise<SendReservation> {
  const { gate, maxWaitMs, onBackoff } = setup;
  const reservation = await untilEither(context.signal, end, (signal) =>
    gate.reserve(
      {
        account: context.account,
        priority: context.priority,
        again: false,
        signal,
        maxWaitMs: Math.max(0, Math.min(maxWaitMs, context.deadline - Date.now())),
        maxClosedMs: maxClosedMs(maxWaitMs),
        onWait: (waitMs) => tellOf(context, onBackoff)({ waitMs, attempt: 1, reason: "queued" }),
      },
      requests,
    ),
  );
  const enter: Gate["enter"] = async (request) => {
    request.signal.throwIfAborted();
    return reservation.take() ?? gate.enter(request);
  };
  const reserved: Gate = { enter, reserve: (request, permits) => gate.reserve(request, permits) };
  return {
    send: pacedSend({ ...setup, gate: reserved }, context, end),
    release: () => {
      reservation.release();
    },
  };
}

/** Runs something that waits, until one of two signals aborts. */
async function untilEither<T>(
  own: AbortSignal,
  end: AbortSignal | undefined,
  run: (waits: AbortSignal) => Promise<T>,
): Promise<T> {
  if (end === undefined) return run(own);
  const waits = new AbortController();
  const signals = [own, end];
  for (const signal of signals) signal.throwIfAborted();
  const stops = signals.map((signal) => onAbort(signal, () => waits.abort(signal.reason)));
  try {
    return await run(waits.signal);
  } finally {
    for (const stop of stops) stop();
  }
}

/** Shows a wait to the option's listener and to the call's own. */
function tellOf(context: BackoffContext, onBackoff: BackoffSetup["onBackoff"]): (wait: Wait) => void {
  const emit = harmless((wait: Wait) => context.emit({ type: "wait", ...wait }));
  return (wait) => {
    onBackoff(wait);
    emit(wait);
  };
}

function paced(setup: BackoffSetup, context: BackoffContext, waits: AbortSignal): Send {
  const { gate, maxWaitMs, maxAttempts, onBackoff } = setup;
  const tell = tellOf(context, onBackoff);
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
      tell,
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
