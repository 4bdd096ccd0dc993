import type { BackoffContext } from "../../src/backoff/backoff-options.js";
import { HttpError } from "../../src/errors/http-error.js";
import { RateLimitError } from "../../src/errors/rate-limit-error.js";
import { ToolsetError } from "../../src/errors/toolset-error.js";
import { parseRateLimit } from "../../src/backoff/rate-limit-headers.js";

/** A request as a source makes it: its answer, or one of this library's errors. */
export async function request(url: string, signal: AbortSignal) {
  let response: Response;
  try {
    response = await fetch(url, { method: "POST", signal });
    await response.arrayBuffer();
  } catch (cause) {
    signal.throwIfAborted();
    throw new ToolsetError("network", "The connection failed.", { cause });
  }
  const headers = Object.fromEntries(response.headers);
  const { status } = response;
  if (status === 429) {
    const retryAfterMs = parseRateLimit(headers, Date.now())?.retryAfterMs ?? undefined;
    throw new RateLimitError("The server answered 429.", { headers, retryAfterMs });
  }
  if (status >= 400) {
    const code = status >= 500 ? "server_error" : "not_found";
    throw new HttpError(code, `The server answered ${status}.`, { status, headers });
  }
  return { status, headers };
}

/** The part of a call's context that backoff needs. */
export function contextOf(part: Partial<BackoffContext> = {}): BackoffContext {
  return {
    account: "https://api.example.com/account/client",
    signal: new AbortController().signal,
    deadline: Number.POSITIVE_INFINITY,
    priority: "normal",
    emit: () => undefined,
    ...part,
  };
}
