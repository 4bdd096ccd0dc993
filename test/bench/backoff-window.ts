/** How a limit is kept and told. */
export interface WindowSetup {
  limit: number;
  windowMs: number;
  headers: "draft-6" | "draft-7" | "draft-8" | "epoch" | "epoch-ms" | "retry-after" | "none";
}

/** What becomes of one request. */
export interface Verdict {
  readonly status: 200 | 429;
  readonly remaining: number;
  /** When the window ends, in milliseconds since the epoch. */
  readonly windowEnd: number;
  readonly headers: Record<string, string>;
}

/**
 * Counts requests in windows of a fixed length, each begun by the first request after the last one's end. It is
 * written from the drafts alone: what the gate is measured against must not share a mistake with it.
 *
 * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
 */
export class FixedWindow {
  readonly #setup: WindowSetup;
  #windowEnd = 0;
  #used = 0;

  constructor(setup: WindowSetup) {
    this.#setup = setup;
  }

  count(at: number): Verdict {
    const { limit, windowMs } = this.#setup;
    if (at >= this.#windowEnd) {
      this.#windowEnd = at + windowMs;
      this.#used = 0;
    }
    this.#used += 1;
    const status = this.#used > limit ? 429 : 200;
    const remaining = Math.max(0, limit - this.#used);
    return { status, remaining, windowEnd: this.#windowEnd, headers: this.#told(at, status, remaining) };
  }

  #told(at: number, status: number, remaining: number): Record<string, string> {
    const { limit, windowMs, headers } = this.#setup;
    const reset = Math.ceil((this.#windowEnd - at) / 1000);
    const seconds = Math.ceil(windowMs / 1000);
    const retryAfter: Record<string, string> = status === 429 ? { "retry-after": `${reset}` } : {};
    switch (headers) {
      case "none":
        return {};
      case "retry-after":
        return retryAfter;
      case "draft-6":
        return { ...retryAfter, ...threeHeaders(limit, remaining, reset) };
      case "epoch":
        return threeHeaders(limit, remaining, Math.ceil(this.#windowEnd / 1000));
      case "epoch-ms":
        return threeHeaders(limit, remaining, this.#windowEnd);
      case "draft-7":
        return {
          ...retryAfter,
          ratelimit: `limit=${limit}, remaining=${remaining}, reset=${reset}`,
          "ratelimit-policy": `${limit};w=${seconds}`,
        };
      case "draft-8":
        return {
          ...retryAfter,
          ratelimit: `"all";r=${remaining};t=${reset}`,
          "ratelimit-policy": `"all";q=${limit};w=${seconds}`,
        };
    }
  }
}

function threeHeaders(limit: number, remaining: number, reset: number): Record<string, string> {
  return {
    "ratelimit-limit": `${limit}`,
    "ratelimit-remaining": `${remaining}`,
    "ratelimit-reset": `${reset}`,
  };
}
