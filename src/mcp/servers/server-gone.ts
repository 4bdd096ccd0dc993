import { refusal } from "../http/refusal.js";

/**
 * The answer where no server is, the same to a character for one that never was, was deleted or has expired: nobody
 * learns that a URL was good once.
 */
export function serverGone(): Response {
  return refusal(404, -32001, "There is no server at this URL. Ask whoever gave it to you for another.");
}

/** The answer when it cannot be found out whether there is a server. */
export function serverUnknown(): Response {
  return refusal(503, -32000, "The server cannot be reached now. Try again in half a minute.", {
    "Retry-After": "30",
  });
}
