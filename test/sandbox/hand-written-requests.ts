import { expect } from "vitest";
import type { Sandbox, SandboxApiVersion, SandboxUser } from "../../src/sandbox/index.js";

/** The library's own client is not used here: the sandbox is what its tests stand on. */
export const userAgent = "HandWritten/1.0";

const tokenPaths = { v1: "/v1/oauth", v1beta1: "/v1beta1/users/oauth2" };

/** HTTP Basic with both halves form-encoded. */
export function basic(id: string, secret: string): string {
  const pair = new URLSearchParams([[id, secret]]).toString().replace("=", ":");
  return `Basic ${Buffer.from(pair).toString("base64")}`;
}

export function postForm(
  sandbox: Sandbox,
  version: SandboxApiVersion,
  endpoint: "token" | "revoke",
  form: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${sandbox.baseUrl}${tokenPaths[version]}/${endpoint}`, {
    method: "POST",
    headers: {
      authorization: basic(sandbox.clientId, sandbox.clientSecret),
      "user-agent": userAgent,
      ...headers,
    },
    body: new URLSearchParams(form),
  });
}

export async function getToken(sandbox: Sandbox, version: SandboxApiVersion = "v1"): Promise<string> {
  const answer = await postForm(sandbox, version, "token", { grant_type: "client_credentials" });
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { access_token: string }).access_token;
}

/** A request about the account: `path` is what follows `/users`. */
export type AccountRequest = (
  method: "GET" | "POST",
  path: string,
  headers?: Record<string, string>,
  signal?: AbortSignal,
) => Promise<Response>;

export function accountRequests(
  sandbox: Sandbox,
  token: string,
  version: SandboxApiVersion = "v1",
): AccountRequest {
  return (method, path, headers = {}, signal) =>
    fetch(`${sandbox.baseUrl}/${version}/accounts/${sandbox.accountId}/users${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "user-agent": userAgent, ...headers },
      ...(signal && { signal }),
    });
}

export async function signedIn(sandbox: Sandbox, version: SandboxApiVersion = "v1"): Promise<AccountRequest> {
  return accountRequests(sandbox, await getToken(sandbox, version), version);
}

/** A request through Truto, the account's id already in its query; `path` starts with a slash. */
export function trutoRequest(
  sandbox: Sandbox,
  method: "GET" | "POST",
  path: string,
  options: { query?: Record<string, string>; body?: unknown } = {},
): Promise<Response> {
  const isProxy = path.startsWith("/proxy");
  const account: Record<string, string> = isProxy
    ? { integrated_account_id: sandbox.integratedAccountId }
    : {};
  const query = new URLSearchParams({ ...account, ...options.query });
  const { body } = options;
  return fetch(`${sandbox.baseUrl}${path}?${query.toString()}`, {
    method,
    headers: {
      authorization: `Bearer ${sandbox.trutoApiKey}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

export async function json(answer: Promise<Response> | Response): Promise<unknown> {
  return (await answer).json();
}

export interface ListPage {
  results: SandboxUser[];
  next_page_token?: string;
}

export interface TrutoPage<Item = SandboxUser> {
  result: Item[];
  next_cursor: string | null;
  prev_cursor: null;
  limit: number;
  result_count: number;
}

export function someone(sandbox: Sandbox, matches: (user: SandboxUser) => boolean): SandboxUser {
  const user = sandbox.users.find(matches);
  expect(user).toBeDefined();
  return user!;
}

export const isScott = (user: SandboxUser) => user.email === "m.scott@example.com";
