import { plainText } from "../content/plain-text.js";
import { isToolsetError } from "../errors/toolset-error.js";

/** Paths and addresses, which may hold what only the operator is to see. */
const ownAffairs = /"(?:\/|[A-Za-z]:\\)[^"]*"|(?<=^|\s)(?:\/|[A-Za-z]:\\)\S+|\b[a-z][a-z0-9+.-]*:\/\/\S+/gi;

/**
 * What went wrong with a log, a store or a function of the operator's, as a model may read it: on one line, and
 * without the paths and addresses of this machine. The error itself goes on as a cause.
 */
export function troubleOf(error: unknown): string {
  return plainText(messageOf(error).slice(0, 2000).replace(ownAffairs, "…"), 300);
}

/** What an error says, whoever threw it; as an operator may read it, with all that it names. */
export function messageOf(error: unknown): string {
  return isToolsetError(error) ? error.text : error instanceof Error ? error.message : String(error);
}
