import { isToolsetError } from "../../errors/toolset-error.js";
import type { RequestFacts } from "../http/request-facts.js";
import type { TellFailure } from "../tell-failure.js";
import { adminAnswer, adminError } from "./admin-answers.js";
import { readAdminBody } from "./admin-body.js";
import type { Allowance } from "./allowance.js";
import { isExpired } from "./expiry.js";
import type { ServerEnds } from "./server-ends.js";
import type { McpServerRecord, McpServerStore } from "./server-store.js";
import { hashOfToken } from "../token-hash.js";
import { newServerToken } from "./server-token.js";
import { readWish } from "./server-wish.js";

/** What {@link createAdmin} takes. */
export interface AdminSetup {
  readonly store: McpServerStore;
  readonly ends: ServerEnds;
  readonly allowance: Allowance;
  /** Who sends a request, by the admin token; `undefined` for everybody else. */
  readonly authenticate: (request: Request) => Promise<string | undefined>;
  /** Whether there are API tokens, which some servers want. */
  readonly hasApiTokens: boolean;
  /** What the URLs of servers begin with, without a slash at the end. */
  readonly publicUrl: string;
  /** Told of what failed, which the answer does not show. */
  readonly tell: TellFailure;
}

const collectionPath = "/mcp-servers";

/**
 * What the administrator's listener answers: `POST /mcp-servers` hands out a server, `GET /mcp-servers` lists them,
 * `GET` and `DELETE /mcp-servers/<id>` show and end one. All of it wants the admin token. Only the answer to `POST`
 * holds a server's URL, which is the key to it.
 */
export function createAdmin(setup: AdminSetup): (request: Request, facts: RequestFacts) => Promise<Response> {
  const { store, ends, allowance, authenticate, hasApiTokens, publicUrl, tell } = setup;

  async function handOut(request: Request, facts: RequestFacts): Promise<Response> {
    const body = await readAdminBody(request);
    if ("refused" in body) return body.refused;
    const wish = readWish(body.value);
    if (typeof wish === "string") return adminError("invalid_argument", wish);
    const { name, requireApiTokenAuth, expiresAt } = wish;
    if (requireApiTokenAuth && !hasApiTokens) {
      return adminError(
        "invalid_argument",
        '"require_api_token_auth" is true, and there are no API tokens here, so that nobody could call the server. ' +
          "Start with API tokens, or leave it out for a server that only reads.",
      );
    }
    const config = await allowance.complete(wish.config, requireApiTokenAuth);
    const refusal = await allowance.refusal(config, requireApiTokenAuth);
    if (refusal !== undefined) return adminError("invalid_argument", refusal);
    const token = newServerToken();
    const record: McpServerRecord = {
      id: crypto.randomUUID(),
      name,
      config,
      require_api_token_auth: requireApiTokenAuth,
      expires_at: expiresAt === null ? null : new Date(expiresAt).toISOString(),
      created_at: new Date().toISOString(),
      token_hash: await hashOfToken(token),
    };
    await removeExpired();
    await store.create(record);
    const { id, expires_at } = record;
    facts.server = id;
    return adminAnswer(
      201,
      { id, name, config, url: `${publicUrl}/mcp/${token}`, expires_at },
      { location: `${collectionPath}/${id}` },
    );
  }

  /** Those that have ended are gone for callers, so that they are for the administrator, and from the store. */
  async function removeExpired(): Promise<McpServerRecord[]> {
    const lasting: McpServerRecord[] = [];
    for (const record of await store.list()) {
      if (isExpired(record)) await store.delete(record.id);
      else lasting.push(record);
    }
    return lasting;
  }

  async function show(id: string): Promise<Response> {
    const record = await store.get(id);
    return record === undefined || isExpired(record) ? noSuchServer() : adminAnswer(200, shown(record));
  }

  async function end(id: string): Promise<Response> {
    const wasThere = await store.delete(id);
    // Calls under way may take their time, and nothing else gets in.
    void ends.end(id).catch(() => undefined);
    return wasThere ? new Response(null, { status: 204 }) : noSuchServer();
  }

  async function route(request: Request, facts: RequestFacts): Promise<Response> {
    const { pathname } = new URL(request.url);
    const { method } = request;
    if (pathname === collectionPath) {
      if (method === "POST") return handOut(request, facts);
      if (method !== "GET") return wrongMethod("GET, POST");
      return adminAnswer(200, { result: (await removeExpired()).map(shown) });
    }
    const id = pathname.startsWith(`${collectionPath}/`) ? pathname.slice(collectionPath.length + 1) : "";
    // Ids are made here: one with other characters is nobody's.
    if (!/^[\w-]+$/.test(id)) {
      return adminError(
        "not_found",
        `There is nothing at this path. Servers are at ${collectionPath} and ${collectionPath}/<id>.`,
      );
    }
    if (method === "GET") return show(id);
    return method === "DELETE" ? end(id) : wrongMethod("GET, DELETE");
  }

  return async (request, facts) => {
    const principal = await authenticate(request);
    if (principal === undefined) {
      return adminError(
        "unauthorized",
        'The admin token is missing or wrong. Send it as "Authorization: Bearer <admin token>".',
        { "www-authenticate": 'Bearer realm="mcp-servers"' },
      );
    }
    facts.principal = principal;
    try {
      return await route(request, facts);
    } catch (error) {
      tell("createMcpServers", error);
      const why = isToolsetError(error)
        ? error.text
        : "The reason is not known; look at what the store logs.";
      return adminError("unavailable", `This was not done, because something that it needs failed. ${why}`);
    }
  };
}

/** A server as its administrator sees it: all that is stored but the hash. */
function shown({ id, name, config, require_api_token_auth, expires_at, created_at }: McpServerRecord) {
  return { id, name, config, require_api_token_auth, expires_at, created_at };
}

function noSuchServer(): Response {
  return adminError(
    "not_found",
    `There is no such server: it never was, was deleted, or has ended. GET ${collectionPath} lists those that there are.`,
  );
}

function wrongMethod(allowed: string): Response {
  return adminError("method_not_allowed", `This path takes ${allowed}. Send one of these.`, {
    allow: allowed,
  });
}
