import { withinDepth } from "../content/bounded-depth.js";
import { unreadableAnswer } from "../http/http-failure.js";

/**
 * The JSON that an answer's text holds, without what is nested too deep for those who read it later.
 *
 * @throws `HttpError` `bad_response` for HTML, half a JSON and none at all; the text is not repeated, because
 * it is somebody's profile
 */
export function jsonBody(text: unknown, answer: Parameters<typeof unreadableAnswer>[0]): unknown {
  try {
    return withinDepth(JSON.parse(typeof text === "string" ? text : "") as unknown);
  } catch {
    const looksLikeHtml = typeof text === "string" && /^\s*</.test(text);
    const problem = looksLikeHtml
      ? "with HTML instead of JSON"
      : "with JSON that does not end, or none at all";
    throw unreadableAnswer(answer, problem, { retryable: true });
  }
}
