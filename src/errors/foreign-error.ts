import { plainText } from "../content/plain-text.js";
import { foreignHeaders } from "../http/foreign-headers.js";
import { codeOfStatus, HttpError } from "./http-error.js";
import { RateLimitError } from "./rate-limit-error.js";
import { ToolsetError } from "./toolset-error.js";

/** What a tool threw that is not of this library, as every host lets it through: with its status and headers, and as the cause. */
export function foreignError(name: string, thrown: unknown): ToolsetError {
  const { status, headers, message } = (thrown ?? {}) as Record<"status" | "headers" | "message", unknown>;
  const told = typeof message === "string" ? message : String(thrown);
  const text = `"${name}" failed: ${plainText(told, 500)}`;
  if (typeof status !== "number")
    return new ToolsetError("server_error", text, { cause: thrown, retryable: false });
  const common = { headers: foreignHeaders(headers), cause: thrown };
  if (status === 429) return new RateLimitError(text, common);
  return new HttpError(codeOfStatus(status), text, { ...common, status, retryable: false });
}
