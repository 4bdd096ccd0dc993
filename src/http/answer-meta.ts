import type { RateLimit } from "../call.js";
import { rateLimitOf } from "../backoff/rate-limit-headers.js";
import { requestIdIn, shownHeaders } from "./shown-headers.js";

/** What is known of an answer from its status and headers alone. */
export interface HeaderMeta {
  status: number;
  headers: Record<string, string>;
  rateLimit: RateLimit | null;
  requestId: string | null;
}

/** Reads from an answer's headers what artifacts show and backoff learns from. */
export function answerMeta(status: number, headers: Headers): HeaderMeta {
  const shown = shownHeaders(headers);
  return { status, headers: shown, rateLimit: rateLimitOf(shown, Date.now()), requestId: requestIdIn(shown) };
}
