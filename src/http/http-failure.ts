import { codeOfStatus, HttpError } from "../errors/http-error.js";
import { RateLimitError } from "../errors/rate-limit-error.js";
import { parseRateLimit } from "../backoff/rate-limit-headers.js";
import { plainText } from "../content/plain-text.js";
import { requestIdIn, shownHeaders } from "./shown-headers.js";
import { withoutSecrets } from "./secrets.js";

/** An answer that is not a success, as far as it was read. */
export interface FailedAnswer {
  /** Method, path template and origin. */
  what: string;
  status: number;
  headers: Headers;
  /** The body: parsed where it was JSON, else its text. */
  body: unknown;
  /** What must not come back out of the body. */
  secrets: readonly string[];
}

/** The error that an answer stands for: its status decides the code, its body the reason. */
export function httpFailure(answer: FailedAnswer): HttpError {
  const { what, status } = answer;
  const headers = shownHeaders(answer.headers, answer.secrets);
  const detail = detailIn(answer.body, answer.secrets);
  const reason = detail !== null && /^[a-z][\w.-]{0,80}$/i.test(detail) ? detail : null;
  const text = `${what} answered ${status}${detail === null ? "" : `: "${detail}"`}.`;
  const advice = status >= 500 ? " Try again later." : "";
  const common = { headers, requestId: requestIdIn(headers), reason };
  const limit = parseRateLimit(headers, Date.now());
  if (status === 429) {
    const retryAfterMs = limit?.retryAfterMs ?? limit?.resetMs ?? undefined;
    const wait = retryAfterMs === undefined ? "" : ` Try again in ${Math.ceil(retryAfterMs / 1000)} s.`;
    return new RateLimitError(`${text} Requests are limited, and this one did nothing.${wait}`, {
      ...common,
      retryAfterMs,
    });
  }
  return new HttpError(codeOfStatus(status), `${text}${advice}`, {
    ...common,
    status,
    // The reset of a limit says nothing of when a server recovers.
    retryAfterMs: status >= 500 ? (limit?.retryAfterMs ?? undefined) : undefined,
  });
}

/** The error for a success that cannot be read: no JSON, half of it, or of another shape. */
export function unreadableAnswer(
  answer: Omit<FailedAnswer, "body">,
  problem: string,
  options: { retryable: boolean; cause?: unknown },
): HttpError {
  const headers = shownHeaders(answer.headers, answer.secrets);
  return new HttpError(
    "bad_response",
    `${answer.what} answered ${answer.status}, but ${problem}. ` +
      `Check that "baseUrl" points at the API, with no proxy or sign-in page in between.`,
    { ...options, status: answer.status, headers, requestId: requestIdIn(headers) },
  );
}

/** Whether a body is a gRPC status, `{ code, message, details }`, as 1Password's API sends with errors. */
export function isGrpcStatus(body: unknown): boolean {
  if (typeof body !== "object" || body === null) return false;
  const { code, message } = body as { code?: unknown; message?: unknown };
  return typeof code === "number" && typeof message === "string";
}

function detailIn(body: unknown, secrets: readonly string[]): string | null {
  if (typeof body !== "object" || body === null) return null;
  const { message, error } = body as { message?: unknown; error?: unknown };
  const nested = (error as { message?: unknown } | null | undefined)?.message;
  const found = [message, error, nested].find((text) => typeof text === "string" && text !== "");
  // Cut first: a message of 8 MB must not be searched to its end for the 200 characters that are shown.
  return typeof found === "string" ? plainText(withoutSecrets(found.slice(0, 4000), secrets), 200) : null;
}
