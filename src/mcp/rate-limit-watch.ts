import type { Layer, RateLimit } from "../call.js";
import { isToolsetError } from "../errors/toolset-error.js";

/** What is known of the account's rate limit, as of the last answer that told it. */
export interface KnownRateLimit {
  /** Requests in a window; `null` where the server did not say. */
  readonly limit: number | null;
  /** Requests that were left. */
  readonly remaining: number | null;
  /** When the window ends, or when to try again, RFC 3339. */
  readonly reset_at: string | null;
  /** When the server said so, RFC 3339. */
  readonly seen_at: string;
}

/** Keeps what answers tell of the rate limit. */
export interface RateLimitWatch {
  readonly layer: Layer;
  /** `null` as long as nobody told anything. */
  readonly known: () => KnownRateLimit | null;
}

/** Makes a watch for one account. */
export function rateLimitWatch(): RateLimitWatch {
  let known: KnownRateLimit | null = null;
  const keep = ({ limit, remaining, resetMs }: RateLimit) => {
    known = {
      limit,
      remaining,
      reset_at: resetMs === null ? null : timestamp(resetMs),
      seen_at: timestamp(0),
    };
  };
  return {
    known: () => known,
    layer: (next) => async (request) => {
      try {
        const result = await next(request);
        if ("meta" in result && result.meta.rateLimit !== null) keep(result.meta.rateLimit);
        return result;
      } catch (error) {
        if (isToolsetError(error) && error.code === "rate_limited") {
          keep({ limit: known?.limit ?? null, remaining: 0, resetMs: error.retryAfterMs });
        }
        throw error;
      }
    },
  };
}

function timestamp(fromNowMs: number): string {
  return new Date(Date.now() + fromNowMs).toISOString();
}
