import { plainText } from "../content/plain-text.js";
import { isToolsetError } from "../errors/toolset-error.js";

/** Paths, which may hold what only the operator is to see: in quotation marks, or as a word. */
const path = /"(?:\/|[A-Za-z]:\\)[^"]*"|(?<=^|\s)(?:\/|[A-Za-z]:\\)\S+/g;

/**
 * What went wrong with a log, a store or a function of the operator's, as a model may read it: on one line, and
 * without the paths and addresses of this machine. The error itself goes on as a cause.
 */
export function troubleOf(error: unknown): string {
  return plainText(messageOf(error).slice(0, 2000).replace(path, "…").replace(/\S+/g, withoutAddress), 300);
}

/** A word without the URL in it, which goes on to the word's end. */
function withoutAddress(word: string): string {
  const colon = word.indexOf("://");
  if (colon === -1) return word;
  let start = colon;
  while (start > 0 && /[a-z0-9+.-]/i.test(word.charAt(start - 1))) start -= 1;
  return `${word.slice(0, start)}…`;
}

/** What an error says, whoever threw it; as an operator may read it, with all that it names. */
export function messageOf(error: unknown): string {
  return isToolsetError(error) ? error.text : error instanceof Error ? error.message : String(error);
}
