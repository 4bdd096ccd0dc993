import { HttpError, type HttpErrorOptions } from "./http-error.js";
import { brandError, isInstanceByBrand } from "./toolset-error.js";

/** What a {@link RateLimitError} carries beside its text. Its code is always `rate_limited`. */
export type RateLimitErrorOptions = Omit<HttpErrorOptions, "status" | "retryable">;

/**
 * The server answered 429, or the backoff gate knows that it would and did not send the request.
 *
 * @example
 * ```ts
 * if (error instanceof RateLimitError) console.log(`again in ${error.retryAfterMs ?? "?"} ms`);
 * ```
 */
export class RateLimitError extends HttpError {
  constructor(text: string, options: RateLimitErrorOptions) {
    super("rate_limited", text, { ...options, status: 429, retryable: true });
    brandError(this, "RateLimitError");
  }

  override withText(text: string, { unsent = this.unsent, inDoubt = this.inDoubt } = {}): RateLimitError {
    return new RateLimitError(text, {
      retryAfterMs: this.retryAfterMs ?? undefined,
      headers: this.headers,
      requestId: this.requestId,
      reason: this.reason,
      unsent,
      inDoubt,
      cause: this,
    });
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return isInstanceByBrand(this, RateLimitError, "RateLimitError", value);
  }
}
