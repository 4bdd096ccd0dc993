import { plainText } from "../content/plain-text.js";
import { foreignHeaders } from "../http/foreign-headers.js";
import { codeOfStatus, HttpError } from "./http-error.js";
import { RateLimitError } from "./rate-limit-error.js";
import { isToolsetError, ToolsetError, type ToolsetErrorOptions } from "./toolset-error.js";

type KnownOfRequest = Pick<ToolsetErrorOptions, "unsent" | "inDoubt">;

/** What a tool threw that is not of this library, as every host lets it through: with its status and headers, and as the cause. */
export function foreignError(name: string, thrown: unknown): ToolsetError {
  const { message } = (thrown ?? {}) as { message?: unknown };
  const told = typeof message === "string" ? message : String(thrown);
  return errorLike(thrown, () => `"${name}" failed: ${plainText(told, 500)}`, {});
}

/**
 * What a function of the operator's threw, as models and hosts may see it: with its code or status and how long to
 * wait, and without a word of its text. The error itself is the cause.
 *
 * @param what - what could not be done, as the beginning of a sentence
 * @param known - of what is no error of this library, what is known of the request that it is about
 */
export function operatorError(what: string, thrown: unknown, known: KnownOfRequest = {}): ToolsetError {
  const textFor = (status: number | undefined) =>
    `${what}${status === undefined ? "" : ` (status ${status})`}; the operator of these tools has been told why.`;
  if (!isToolsetError(thrown)) return errorLike(thrown, textFor, known);
  const { code, retryable, inDoubt, unsent } = thrown;
  const common = { retryAfterMs: thrown.retryAfterMs ?? undefined, inDoubt, unsent, cause: thrown };
  if (!(thrown instanceof HttpError))
    return new ToolsetError(code, textFor(undefined), { ...common, retryable });
  const { status, headers } = thrown;
  if (code === "rate_limited") return new RateLimitError(textFor(status), { ...common, headers });
  return new HttpError(code, textFor(status), { ...common, retryable, status, headers });
}

/** An error of this library with the status and the headers of one of another. */
function errorLike(
  thrown: unknown,
  textFor: (status: number | undefined) => string,
  known: KnownOfRequest,
): ToolsetError {
  const { status, headers } = (thrown ?? {}) as Record<"status" | "headers", unknown>;
  if (typeof status !== "number") {
    return new ToolsetError("server_error", textFor(undefined), {
      ...known,
      cause: thrown,
      retryable: false,
    });
  }
  const common = { ...known, headers: foreignHeaders(headers), cause: thrown };
  if (status === 429) return new RateLimitError(textFor(status), common);
  return new HttpError(codeOfStatus(status), textFor(status), { ...common, status, retryable: false });
}
