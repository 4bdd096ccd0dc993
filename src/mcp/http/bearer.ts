import { refuseOption } from "../../option-error.js";
import { hashOfToken, isSameHash } from "../token-hash.js";
import { refusal } from "./refusal.js";

/** A secret by which a caller is known. */
export interface BearerToken {
  /** What the log and approvals call who has it. */
  readonly name: string;
  /** At least 32 characters of what RFC 6750 allows: letters, digits and `-._~+/`. */
  readonly token: string;
}

const shortestToken = 32;
/** `b64token` of RFC 6750, section 2.1. */
const tokenForm = /^[A-Za-z0-9\-._~+/]+=*$/;
const longestHeader = 4096;

/**
 * Tells who calls by the token in `Authorization: Bearer …` (RFC 6750). Digests are compared, each time all of them
 * and in constant time, so that an answer's time says nothing about a token.
 *
 * @returns a function that gives the name that goes with a request's token, for `authenticate`
 * @throws {@link ToolsetError} `invalid_argument` for a token that is too short, that no header could carry, or that
 *   is given twice; never with the token
 * @example
 * ```ts
 * createMcpHandler(manager, { authenticate: bearerTokens([{ name: "helpdesk", token: process.env.MCP_TOKEN }]) });
 * ```
 */
export function bearerTokens(
  tokens: readonly BearerToken[],
): (request: Request) => Promise<string | undefined> {
  const list: unknown = tokens;
  if (!Array.isArray(list)) throw refuseOption("tokens", "is not a list", "Give [{ name, token }].");
  tokens.forEach(checkToken);
  const seen = new Set<string>();
  for (const { name, token } of tokens) {
    if (seen.has(token))
      throw refuseOption("tokens", `has the token of "${name}" twice`, "Give each its own.");
    seen.add(token);
  }
  let hashes: Promise<{ name: string; hash: string }[]> | undefined;

  return async (request) => {
    const header = request.headers.get("authorization") ?? "";
    if (header.length > longestHeader) return undefined;
    const given = /^Bearer +(\S+)$/i.exec(header)?.[1];
    if (given === undefined || !tokenForm.test(given)) return undefined;
    hashes ??= Promise.all(tokens.map(async ({ name, token }) => ({ name, hash: await hashOfToken(token) })));
    const hash = await hashOfToken(given);
    let found: string | undefined;
    for (const one of await hashes) if (isSameHash(hash, one.hash)) found = one.name;
    return found;
  };
}

/**
 * The answer to a request that says not, or not rightly, who calls (RFC 6750, section 3).
 *
 * @param request - with a token, the answer says that it is not valid
 */
export function unauthorized(request?: Request): Response {
  const tried = request?.headers.has("authorization") ?? false;
  const message = tried
    ? "The token is not valid here. Ask the server's operator for another."
    : "The server has to know who calls. Send a token with every request: Authorization: Bearer …";
  return refusal(401, -32000, message, {
    "WWW-Authenticate": `Bearer realm="mcp"${tried ? ', error="invalid_token"' : ""}`,
  });
}

function checkToken({ name, token }: { readonly name: unknown; readonly token: unknown }): void {
  if (typeof name !== "string" || name.trim() === "") {
    throw refuseOption("tokens", "has an entry without a name", 'Give { name: "helpdesk", token }.');
  }
  if (typeof token !== "string" || token.length < shortestToken) {
    const what = typeof token === "string" ? `of ${token.length} characters` : "that is no text";
    const fix = `Give at least ${shortestToken} random ones, as "openssl rand -hex 32" prints them.`;
    throw refuseOption("tokens", `has for "${name}" a token ${what}`, fix);
  }
  if (!tokenForm.test(token)) {
    const fix = "Give letters, digits and -._~+/ only, as RFC 6750 has them.";
    throw refuseOption("tokens", `has for "${name}" a token that no header can carry`, fix);
  }
}
