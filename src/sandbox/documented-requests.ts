/** A version of the Users API: the public preview's routes, or those of general availability. */
export type SandboxApiVersion = "v1" | "v1beta1";

/** Which of the two APIs a request belongs to: 1Password's own, or Truto's in front of it. */
export type SandboxApi = "users" | "truto";

/** What a request is for. `token` and `revoke` are the Users API's alone, `tools` is Truto's. */
export type SandboxOperation = "token" | "revoke" | "list" | "get" | "suspend" | "reactivate" | "tools";

/** Something that Truto's list of people may be filtered by, where an account offers it. */
export type SandboxTrutoFilter = "email" | "state";

/** One request that a vendor documents, and everything that may be in it. */
export interface DocumentedRequest {
  readonly api: SandboxApi;
  readonly operation: SandboxOperation;
  /** The version whose routes it belongs to; `null` for Truto, which has none. */
  readonly version: SandboxApiVersion | null;
  readonly method: "GET" | "POST";
  /** Parameters in braces stand for one path segment, or the part of it before a colon. */
  readonly path: string;
  readonly query: readonly string[];
  /** `null` where no body is documented. */
  readonly body: { readonly contentType: string; readonly fields: readonly string[] } | null;
}

/**
 * Every request that the vendors document, written down from their pages and nowhere else: were this read
 * from the client's own OpenAPI documents, client and sandbox would agree on the same mistake.
 *
 * Not documented, and assumed: v1's token is revoked at `/v1/oauth/revoke`, beside `/v1/oauth/token`.
 *
 * @see https://www.1password.dev/users-api/reference
 * @see https://truto.one/docs/guides/tools/overview
 * @see https://truto.one/docs/api-reference/overview/pagination
 */
export function documentedRequests(trutoFilters: readonly SandboxTrutoFilter[]): DocumentedRequest[] {
  return [
    ...usersApiRequests("v1", "/v1/oauth"),
    ...usersApiRequests("v1beta1", "/v1beta1/users/oauth2"),
    ...trutoRequests(trutoFilters),
  ];
}

function usersApiRequests(version: SandboxApiVersion, oauth: string): DocumentedRequest[] {
  const api = "users";
  const people = `/${version}/accounts/{account}/users`;
  const form = (...fields: string[]) => ({ contentType: "application/x-www-form-urlencoded", fields });
  const request = (
    operation: SandboxOperation,
    method: "GET" | "POST",
    path: string,
    more: Partial<DocumentedRequest> = {},
  ): DocumentedRequest => ({ api, operation, version, method, path, query: [], body: null, ...more });
  return [
    request("token", "POST", `${oauth}/token`, { body: form("grant_type", "scope") }),
    request("revoke", "POST", `${oauth}/revoke`, { body: form("token") }),
    request("list", "GET", people, { query: ["filter", "max_page_size", "page_token"] }),
    request("get", "GET", `${people}/{user}`),
    request("suspend", "POST", `${people}/{user}:suspend`),
    request("reactivate", "POST", `${people}/{user}:reactivate`),
  ];
}

function trutoRequests(filters: readonly SandboxTrutoFilter[]): DocumentedRequest[] {
  const account = "integrated_account_id";
  const truto = { api: "truto", version: null, body: null } as const;
  const change = (operation: "suspend" | "reactivate"): DocumentedRequest => ({
    ...truto,
    operation,
    method: "POST",
    path: `/proxy/users/${operation}`,
    query: [account],
    body: { contentType: "application/json", fields: ["id"] },
  });
  return [
    {
      ...truto,
      operation: "tools",
      method: "GET",
      path: "/integrated-account/{account}/tools",
      query: ["methods", "tags", "next_cursor"],
    },
    {
      ...truto,
      operation: "list",
      method: "GET",
      path: "/proxy/users",
      query: [account, "limit", "next_cursor", ...filters],
    },
    { ...truto, operation: "get", method: "GET", path: "/proxy/users/{user}", query: [account] },
    change("suspend"),
    change("reactivate"),
  ];
}
