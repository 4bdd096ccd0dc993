import type { RequestCheck } from "./request-check.js";

/** What an MCP client of either protocol revision sends. Names that begin with `mcp-` are allowed besides. */
const requestHeaders = ["accept", "authorization", "content-type", "last-event-id"];
const mcpHeaders = ["mcp-method", "mcp-name", "mcp-protocol-version", "mcp-session-id"];
const mcpHeader = /^mcp-[a-z\d-]{1,60}$/;

/** What a page may read of an answer, beside what browsers always show. */
const answerHeaders = ["allow", "mcp-protocol-version", "mcp-session-id", "retry-after", "www-authenticate"];

/** How long a browser may remember the answer to a preflight, in seconds. */
const preflightSeconds = 600;

/**
 * The answer to a browser that asks whether a page may send a request; `undefined` for every other request.
 *
 * The request has passed the check of hosts and origins. It carries no credentials, so it comes before those.
 *
 * @see https://fetch.spec.whatwg.org/#cors-preflight-fetch
 */
export function preflightAnswer({ method, headers }: Request): Response | undefined {
  if (method !== "OPTIONS" || !headers.has("origin") || !headers.has("access-control-request-method")) {
    return undefined;
  }
  const asked = (headers.get("access-control-request-headers") ?? "")
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter((name) => mcpHeader.test(name));
  return new Response(null, {
    status: 204,
    headers: {
      "Access-Control-Allow-Methods": "GET, POST, DELETE",
      "Access-Control-Allow-Headers": [...new Set([...requestHeaders, ...mcpHeaders, ...asked])].join(", "),
      "Access-Control-Max-Age": String(preflightSeconds),
    },
  });
}

/**
 * Lets the page that sent a request read its answer, errors among them. Only an origin that is allowed is named, never
 * `*`: whoever reaches a server on somebody's machine acts in their name.
 *
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export async function readableByPage(
  { pageOrigin }: RequestCheck,
  request: Request,
  answered: Promise<Response>,
): Promise<Response> {
  const response = await answered;
  const { headers } = response;
  headers.append("Vary", "Origin");
  const origin = pageOrigin(request);
  if (origin === undefined) return response;
  headers.set("Access-Control-Allow-Origin", origin);
  headers.set("Access-Control-Expose-Headers", answerHeaders.join(", "));
  return response;
}
