import { unreadableAnswer } from "../http/http-failure.js";

/** A cursor is shown to a model, which has to give it back character for character. */
const longestCursor = 2000;

/** What a URL may hold, without quotes and brackets: nothing invisible, no blanks and so no sentences. */
const cursorForm = /^[\w\-.~:/?#@!$&*+,;=%|]+$/;

/**
 * The cursor of the next page in an answer; `null` where there is none.
 *
 * @param field - what the server calls it, for the error
 * @throws `HttpError` `bad_response` for what could not be given back: no text, too long, or with other characters.
 * Taken for the last page, it would make people who are on the next one not exist. It is not repeated in the error.
 */
export function pageCursor(
  value: unknown,
  field: string,
  answer: Parameters<typeof unreadableAnswer>[0],
): string | null {
  if (value === undefined || value === null || value === "") return null;
  const fits = typeof value === "string" && value.length <= longestCursor && cursorForm.test(value);
  if (fits) return value;
  const what =
    typeof value === "string"
      ? `cannot be given back: it is longer than ${longestCursor} characters, or holds others than a URL does`
      : "is no text";
  throw unreadableAnswer(answer, `with a "${field}" that ${what}`, { retryable: false });
}
