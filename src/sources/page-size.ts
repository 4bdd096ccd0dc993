import { unreadableAnswer } from "../http/http-failure.js";

/** The largest page of people that the Users API gives, and so what is asked of Truto too. */
export const largestPage = 1000;

/**
 * Refuses a page of more people than were asked for. Cut to size, it would lose some without anybody noticing.
 *
 * @param asked - the size as the arguments had it; the largest page where they had none
 * @throws `HttpError` `bad_response`
 */
export function checkPageSize(
  people: readonly unknown[],
  asked: unknown,
  answer: Parameters<typeof unreadableAnswer>[0],
): void {
  const size = typeof asked === "number" ? asked : largestPage;
  if (people.length <= size) return;
  throw unreadableAnswer(answer, `with ${people.length} people where ${size} at most were asked for`, {
    retryable: false,
  });
}
