/** What went wrong, as a word that programs may rely on. */
export type AdminErrorCode =
  | "invalid_argument"
  | "unauthorized"
  | "not_found"
  | "method_not_allowed"
  | "timeout"
  | "too_large"
  | "unsupported_media_type"
  | "unavailable";

const statuses: Record<AdminErrorCode, number> = {
  invalid_argument: 400,
  unauthorized: 401,
  not_found: 404,
  method_not_allowed: 405,
  timeout: 408,
  too_large: 413,
  unsupported_media_type: 415,
  unavailable: 503,
};

/**
 * An answer to the administrator's program that says what went wrong.
 *
 * @param message - what happened, and what to do
 */
export function adminError(
  code: AdminErrorCode,
  message: string,
  headers: Record<string, string> = {},
): Response {
  return adminAnswer(statuses[code], { error: { code, message } }, headers);
}

/** An answer in JSON. No cache keeps it: one of them holds a URL that opens a server. */
export function adminAnswer(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers: { "cache-control": "no-store", ...headers } });
}
