/**
 * What the protocol's side sees of a request: its method and headers, and a signal of our own. The body was read
 * before; what may hold a token stays outside, the path of a handed-out server included, so that no tool meets one.
 */
export function innerRequest(request: Request, signal?: AbortSignal): Request {
  const headers = new Headers(request.headers);
  for (const name of ["authorization", "cookie", "proxy-authorization"]) headers.delete(name);
  if (request.method === "POST" && takesAnything(headers.get("accept"))) {
    headers.set("accept", "application/json, text/event-stream");
  }
  const { origin } = new URL(request.url);
  return new Request(`${origin}/`, { method: request.method, headers, signal: signal ?? null });
}

/** Whether a client takes an answer in any form: it says so, as `fetch` and curl do, or says nothing (RFC 9110, 12.5.1). */
function takesAnything(accept: string | null): boolean {
  return accept === null || accept.split(",").some((range) => /^\s*\*\/\*\s*$/.test(range));
}
