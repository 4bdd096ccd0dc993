import type { Context, Send } from "../call.js";
import { HttpError } from "../errors/http-error.js";
import { isToolsetError, type ToolsetErrorCode } from "../errors/toolset-error.js";
import { AbortWatch } from "./abort-watch.js";
import { attempt, type Failure, type Wait } from "./attempts.js";
import { backoffSetup, harmless, type BackoffOptions } from "./backoff-options.js";
import { parseRateLimit } from "./rate-limit-headers.js";

export type { BackoffOptions } from "./backoff-options.js";
export type { Wait, WaitReason } from "./attempts.js";

/** What backoff has to know of a call. */
export type BackoffContext = Pick<Context, "account" | "signal" | "deadline" | "priority" | "emit">;

/**
 * Makes the way of each HTTP request of a call one that waits out rate limits.
 *
 * A request that was refused by a 429 goes back to the gate, for its server did nothing. After a server error,
 * a failed connection, a timeout or an answer that broke off, it is sent again only where it is idempotent, for
 * it may have had its effect. Every other error is thrown as it is.
 *
 * @param options - `true` for the defaults
 * @throws `ToolsetError` `invalid_argument` naming the option that does not fit
 *
 * @example
 * ```ts
 * const backoff = createBackoff({ maxWaitMs: 20_000, onBackoff: ({ waitMs }) => console.error(`${waitMs} ms`) });
 * const send = backoff(context);
 * const answer = await send((signal) => getJson("/users", signal), { idempotent: true });
 * ```
 */
export function createBackoff(options: BackoffOptions | true): (context: BackoffContext) => Send {
  const { gate, maxWaitMs, maxAttempts, onBackoff } = backoffSetup(options);
  const aborts = new AbortWatch();
  return (context) => {
    const emit = harmless((wait: Wait) => context.emit({ type: "wait", ...wait }));
    const tell = (wait: Wait) => {
      onBackoff(wait);
      emit(wait);
    };
    return (request, { idempotent }) =>
      attempt({
        gate,
        aborts,
        context,
        maxWaitMs,
        maxAttempts,
        request: () => request(context.signal),
        headersOf: ({ headers }) => headers,
        failureOf: (error) => failureOf(error, idempotent),
        tell,
      });
  };
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
