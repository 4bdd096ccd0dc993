/**
 * A request that is refused before any tool sees it: a JSON-RPC error that belongs to no request, and the status.
 *
 * @param message - what was wrong, and what to do
 */
export function refusal(
  status: number,
  code: number,
  message: string,
  headers: Record<string, string> = {},
): Response {
  return Response.json({ jsonrpc: "2.0", error: { code, message }, id: null }, { status, headers });
}

/** A session that never was, has ended, or belongs to somebody else: all answer the same. */
export function noSuchSession(): Response {
  return refusal(
    404,
    -32001,
    "There is no such session. Send initialize, without a session id, to start one.",
  );
}

/** The answer of a server that is going down. */
export function stopping(): Response {
  return refusal(503, -32000, "This server is stopping. Try again in a few seconds.", { "Retry-After": "5" });
}

/** The answer of a server that has as much to do as it takes on. */
export function full(): Response {
  return refusal(503, -32000, "This server is busy with others. Try again in half a minute.", {
    "Retry-After": "30",
  });
}

/** The answer to a caller who has as many calls under way as the server takes on for one. */
export function shareTaken(): Response {
  const message =
    "No more calls are taken on from this caller now: others have to have a place as well. Wait for the end of one " +
    "of your own calls, questions to a person among them. Try again in half a minute.";
  return refusal(503, -32000, message, { "Retry-After": "30" });
}

/** What is said of a call that was cancelled because it took too long. */
export function tooLate(requestMs: number): string {
  return `The call took more than ${requestMs / 1000} s and was cancelled. Look at what it has done so far.`;
}
