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

/**
 * Reads from an answer's headers what artifacts show and backoff learns from.
 *
 * @param secrets - the credentials that were sent
 */
export function answerMeta(status: number, headers: Headers, secrets: readonly string[]): HeaderMeta {
  const shown = shownHeaders(headers, secrets);
  return { status, headers: shown, rateLimit: rateLimitOf(shown, Date.now()), requestId: requestIdIn(shown) };
}
