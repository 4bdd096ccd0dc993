import type { Account, StateChange } from "./account.js";
import { bearerOf, isBasicOf } from "./authorization.js";
import type { SandboxCredentials } from "./credentials.js";
import type { Cursors } from "./cursors.js";
import type { SandboxOperation } from "./documented-requests.js";
import type { KnownRequest, SandboxHandler } from "./environment.js";
import type { Tokens } from "./tokens.js";
import { toWire, type SandboxUser } from "./users.js";
import { grpcError, oauthError } from "./wire-errors.js";

/** What an OAuth application was allowed to do when it was made. */
export type SandboxPermission = "get" | "list" | "suspend" | "reactivate";

/** What the Users API works on. */
export interface UsersApiParts {
  account: Account;
  credentials: SandboxCredentials;
  cursors: Cursors;
  permissions: readonly SandboxPermission[];
  tokens: Tokens;
}

const filters: Readonly<Record<string, (user: SandboxUser) => boolean>> = {
  "": () => true,
  "user.isActive()": (user) => user.state === "ACTIVE",
  "user.isSuspended()": (user) => user.state === "SUSPENDED",
};

/**
 * The operations of 1Password's Users API, the same in both of its versions. A token is good for either.
 *
 * Where the vendor's pages are silent, this server answers: a wrong account with the same generic 403 as a
 * missing permission; somebody unknown with a generic 404; an externally managed administrator who is to be
 * suspended with a 403 and `externally_managed_admin` (only `no_owner_remain` has been seen in the wild); a
 * page size out of bounds and a changed cursor with a 400.
 *
 * @see https://www.1password.dev/users-api/reference
 */
export function createUsersApi(
  parts: UsersApiParts,
): Readonly<Record<Exclude<SandboxOperation, "tools">, SandboxHandler>> {
  const { account, credentials, cursors, permissions, tokens } = parts;

  const forClient =
    (handler: (request: KnownRequest) => Response): SandboxHandler =>
    (request, authorization) =>
      isBasicOf(credentials, authorization) ? handler(request) : oauthError(401, "invalid_client");

  const forToken =
    (permission: SandboxPermission, handler: (request: KnownRequest) => Response): SandboxHandler =>
    (request, authorization) => {
      const token = bearerOf(authorization);
      if (token === null || !tokens.isValid(token)) return grpcError(401, "unauthenticated");
      if (!permissions.includes(permission) || request.parameters.account !== credentials.accountId) {
        return grpcError(403, "permission_denied");
      }
      return handler(request);
    };

  return {
    token: forClient(({ body }) => {
      if (body.grant_type !== "client_credentials") return oauthError(400, "unsupported_grant_type");
      if (body.scope !== undefined && body.scope !== "openid") return oauthError(400, "invalid_scope");
      const { accessToken, expiresInS } = tokens.issue();
      return Response.json(
        { access_token: accessToken, token_type: "Bearer", expires_in: expiresInS, scope: "openid" },
        { headers: { "cache-control": "no-store" } },
      );
    }),
    revoke: forClient(({ body }) => {
      if (typeof body.token !== "string") return oauthError(400, "invalid_request", '"token" is missing');
      tokens.revoke(body.token);
      return new Response(null, { status: 200 });
    }),
    list: forToken("list", ({ query }) => {
      const { filter = "", max_page_size: size = "25", page_token: cursor = "" } = query;
      const matches = Object.hasOwn(filters, filter) ? filters[filter] : undefined;
      if (!matches) return grpcError(400, "invalid filter");
      if (!/^\d{1,4}$/.test(size) || Number(size) < 1 || Number(size) > 1000) {
        return grpcError(400, "max_page_size must be between 1 and 1000");
      }
      const list = `people ${filter}`;
      const start = cursor === "" ? 0 : cursors.open(cursor, list);
      if (start === null) return grpcError(400, "invalid page_token");
      const { users, next } = account.page(matches, start, Number(size));
      const results = users.map(toWire);
      return Response.json(
        next === null ? { results } : { results, next_page_token: cursors.seal(next, list) },
      );
    }),
    get: forToken("get", ({ parameters }) => {
      const user = account.find(parameters.user ?? "");
      return user ? Response.json(toWire(user)) : grpcError(404, "not_found");
    }),
    suspend: forToken("suspend", ({ parameters }) =>
      changeAnswer(account.setState(parameters.user ?? "", "SUSPENDED")),
    ),
    reactivate: forToken("reactivate", ({ parameters }) =>
      changeAnswer(account.setState(parameters.user ?? "", "ACTIVE")),
    ),
  };
}

function changeAnswer(change: StateChange): Response {
  switch (change.kind) {
    case "changed":
    case "unchanged":
      return Response.json(toWire(change.user));
    case "refused":
      return grpcError(403, change.obstacle);
    case "unknown":
      return grpcError(404, "not_found");
  }
}
