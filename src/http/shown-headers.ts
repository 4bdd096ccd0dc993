import { withoutSecrets } from "./secrets.js";

const shownNames = new Set([
  "content-type",
  "date",
  "deprecation",
  "link",
  "request-id",
  "retry-after",
  "sunset",
  "x-correlation-id",
  "x-request-id",
]);

/**
 * The headers of an answer that errors and artifacts may show, their names in lower case. An allow-list,
 * because a cookie must not travel into a trace, and nothing of the request's credentials in those that are on
 * it, because servers and proxies echo what they could not read.
 */
export function shownHeaders(headers: Headers, secrets: readonly string[]): Record<string, string> {
  const shown: Record<string, string> = {};
  for (const [name, value] of headers) {
    if (shownNames.has(name)) shown[name] = withoutSecrets(value, secrets);
    else if (name.startsWith("ratelimit") || name.startsWith("x-ratelimit-")) {
      shown[withoutSecrets(name, secrets)] = withoutSecrets(value, secrets);
    }
  }
  return shown;
}

/** The server's own name for a request, where it gave one. */
export function requestIdIn(headers: Readonly<Record<string, string>>): string | null {
  return headers["x-request-id"] ?? headers["request-id"] ?? headers["x-correlation-id"] ?? null;
}
