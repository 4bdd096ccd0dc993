import { unreadableAnswer } from "../http/http-failure.js";

const told = new WeakSet<object>();
/** How far below an error, by `cause`, the one that it tells in other words may stand. */
const deepest = 10;

/**
 * The error for an answer about another user than the one asked for.
 *
 * @param outcome - a clause on what that means for a write
 */
export function anotherUser(answer: Parameters<typeof unreadableAnswer>[0], outcome: string): Error {
  const error = unreadableAnswer(answer, `with another user than the one asked for${outcome}`, {
    retryable: false,
  });
  told.add(error);
  return error;
}

/** Whether an error tells of an answer about another user, in whatever words. */
export function tellsOfAnotherUser(error: unknown): boolean {
  let one: unknown = error;
  for (let depth = 0; depth < deepest && typeof one === "object" && one !== null; depth += 1) {
    if (told.has(one)) return true;
    one = (one as { cause?: unknown }).cause;
  }
  return false;
}
