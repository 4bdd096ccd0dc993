import { isRateLimitField } from "../backoff/rate-limit-headers.js";
import { withoutSecrets } from "./secrets.js";

const shownNames = new Set([
  "content-type",
  "date",
  "deprecation",
  "link",
  "request-id",
  "sunset",
  "x-correlation-id",
  "x-request-id",
]);

/** What no secret looks like, and most headers do: a short number, an HTTP date, JSON's media type. */
const harmless =
  /^(?:\d{1,7}|application\/json(?:; ?charset=utf-8)?|[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [\d:]{8} GMT)$/i;

/**
 * The headers of an answer that errors and artifacts may show, their names in lower case. An allow-list,
 * because a cookie must not travel into a trace, and nothing of the request's credentials in those that are on
 * it, because servers and proxies echo what they could not read.
 */
export function shownHeaders(headers: Headers, secrets: readonly string[]): Record<string, string> {
  const shown: Record<string, string> = {};
  for (const [name, value] of headers) {
    const isListed = shownNames.has(name);
    if (!isListed && !isRateLimitField(name)) continue;
    const shownName = isListed ? name : withoutSecrets(name, secrets);
    shown[shownName] = harmless.test(value) ? value : withoutSecrets(value, secrets);
  }
  return shown;
}

/** The server's own name for a request, where it gave one. */
export function requestIdIn(headers: Readonly<Record<string, string>>): string | null {
  return headers["x-request-id"] ?? headers["request-id"] ?? headers["x-correlation-id"] ?? null;
}
