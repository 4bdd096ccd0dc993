import { now } from "./clock.js";

/** How a server tells its rate limit. */
export type RateLimitHeaders = "draft-6" | "draft-7" | "draft-8" | "retry-after" | "epoch" | "none";

/** A rate limit for all requests about the account together, through either API. */
export interface SandboxRateLimit {
  /** Requests in a window. */
  limit: number;
  /** How long a window is, in milliseconds. The first request after one has ended starts the next. */
  windowMs: number;
  /**
   * How answers tell it.
   *
   * - `draft-6`: `ratelimit-limit`, `-remaining` and `-reset`, in seconds from now, rounded up
   * - `draft-7`: `RateLimit: limit=20, remaining=0, reset=1` and `RateLimit-Policy: 20;w=1`
   * - `draft-8`: `RateLimit: "default";r=0;t=1` and `RateLimit-Policy: "default";q=20;w=1`
   * - `retry-after`: only that header, only on a 429, in seconds rounded up
   * - `epoch`: as `draft-6`, but `ratelimit-reset` in Unix seconds, rounded up
   * - `none`: no header at all
   *
   * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
   */
  headers: RateLimitHeaders;
}

/** What the limit says to one request. */
export interface RateLimitVerdict {
  readonly allowed: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

/** Counts requests in fixed windows. */
export function createRateLimiter({ limit, windowMs, headers }: SandboxRateLimit): () => RateLimitVerdict {
  let windowEnd = 0;
  let used = 0;
  return () => {
    const at = now();
    if (at >= windowEnd) {
      windowEnd = at + windowMs;
      used = 0;
    }
    used += 1;
    const allowed = used <= limit;
    const remaining = Math.max(0, limit - used);
    const resetS = Math.ceil((windowEnd - at) / 1000);
    const windowS = Math.ceil(windowMs / 1000);
    switch (headers) {
      case "draft-6":
        return { allowed, headers: threeHeaders(limit, remaining, resetS) };
      case "epoch":
        return { allowed, headers: threeHeaders(limit, remaining, Math.ceil(windowEnd / 1000)) };
      case "draft-7":
        return {
          allowed,
          headers: {
            ratelimit: `limit=${limit}, remaining=${remaining}, reset=${resetS}`,
            "ratelimit-policy": `${limit};w=${windowS}`,
          },
        };
      case "draft-8":
        return {
          allowed,
          headers: {
            ratelimit: `"default";r=${remaining};t=${resetS}`,
            "ratelimit-policy": `"default";q=${limit};w=${windowS}`,
          },
        };
      case "retry-after":
        return { allowed, headers: allowed ? {} : { "retry-after": String(resetS) } };
      case "none":
        return { allowed, headers: {} };
    }
  };
}

function threeHeaders(limit: number, remaining: number, reset: number): Record<string, string> {
  return {
    "ratelimit-limit": String(limit),
    "ratelimit-remaining": String(remaining),
    "ratelimit-reset": String(reset),
  };
}
