import * as oauth from "oauth4webapi";
import { HttpError } from "../../errors/http-error.js";
import { isToolsetError } from "../../errors/toolset-error.js";
import { isLoopback } from "../../http/base-url.js";
import { exchange } from "../../http/exchange.js";
import { guardedFetch } from "../../http/guarded-fetch.js";
import { httpFailure, unreadableAnswer } from "../../http/http-failure.js";
import { base64 } from "../../http/secrets.js";
import { basicAuthentication, basicCredentials } from "./basic-credentials.js";
import type { ApiVersion, CheckedOptions } from "./options.js";

/** A token as the token endpoint gave it. */
export interface IssuedToken {
  value: string;
  /** Seconds that it lives. */
  lifetimeS: number;
}

/** What a token endpoint answered: a token, or that no such endpoint is there. */
export type TokenAnswer = { token: IssuedToken } | { absent: HttpError };

/**
 * Where each version has its endpoints. That of v1 is known from elastic/kibana#290784, its revocation
 * endpoint by analogy only.
 *
 * @see https://www.1password.dev/users-api/request-access-token
 */
const endpoints: Record<ApiVersion, { token: string; revoke: string }> = {
  v1: { token: "/v1/oauth/token", revoke: "/v1/oauth/revoke" },
  v1beta1: { token: "/v1beta1/users/oauth2/token", revoke: "/v1beta1/users/oauth2/revoke" },
};

/** Tokens live 15 minutes where the answer does not say otherwise. */
const defaultLifetimeS = 900;

/**
 * Asks for a token by the client credentials grant: HTTP Basic.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1
 * @throws {@link HttpError} `unauthorized` when the credentials are refused, and what an exchange throws
 */
export async function requestToken(
  options: CheckedOptions,
  apiVersion: ApiVersion,
  clientSecret: string,
  signal: AbortSignal,
): Promise<TokenAnswer> {
  const path = endpoints[apiVersion].token;
  const what = `POST ${path} at ${new URL(options.baseUrl).origin}`;
  const secrets = secretsOf(options.clientId, clientSecret);
  const { server, client } = parties(options, apiVersion);
  return exchange({ what, timeoutMs: options.timeoutMs, signal, secrets }, async (exchangeSignal) => {
    const response = await oauth.clientCredentialsGrantRequest(
      server,
      client,
      basicAuthentication(clientSecret),
      new URLSearchParams(),
      requestOptions(options, exchangeSignal),
    );
    const { status, headers } = response;
    if (response.ok)
      return { token: await issuedToken(server, client, response, { what, status, headers, secrets }) };
    const body = parsed(await response.text());
    const failure = httpFailure({ what, status, headers, body, secrets });
    // A limited or failing endpoint is one that is there.
    if (status === 429 || status >= 500) throw failure;
    const errorCode = oauthErrorCode(body);
    if (status === 404 || status === 405 || errorCode === null) return { absent: failure };
    throw new HttpError(
      "unauthorized",
      `${what} refused the credentials: "${errorCode}". Check "clientId" and "clientSecret" against the OAuth ` +
        `application in 1Password, and that "region" or "baseUrl" is the account's own.`,
      {
        status,
        headers: failure.headers,
        requestId: failure.requestId,
        reason: errorCode,
      },
    );
  });
}

/**
 * Gives a token back before its time.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7009
 */
export async function revokeToken(
  options: CheckedOptions,
  apiVersion: ApiVersion,
  clientSecret: string,
  token: string,
): Promise<void> {
  const what = `POST ${endpoints[apiVersion].revoke} at ${new URL(options.baseUrl).origin}`;
  const { server, client } = parties(options, apiVersion);
  const { timeoutMs } = options;
  const secrets = [token, ...secretsOf(options.clientId, clientSecret)];
  await exchange({ what, timeoutMs, signal: new AbortController().signal, secrets }, async (signal) => {
    const response = await oauth.revocationRequest(
      server,
      client,
      basicAuthentication(clientSecret),
      token,
      requestOptions(options, signal),
    );
    const body = await response.text();
    if (!response.ok) {
      const { status, headers } = response;
      throw httpFailure({ what, status, headers, body, secrets });
    }
  });
}

/** What must not come back out of an answer to a request with these credentials. */
export function secretsOf(clientId: string, clientSecret: string): string[] {
  return [clientSecret, basicCredentials(clientId, clientSecret), base64(`${clientId}:${clientSecret}`)];
}

function parties(options: CheckedOptions, apiVersion: ApiVersion) {
  const server: oauth.AuthorizationServer = {
    issuer: options.baseUrl,
    token_endpoint: options.baseUrl + endpoints[apiVersion].token,
    revocation_endpoint: options.baseUrl + endpoints[apiVersion].revoke,
  };
  const client: oauth.Client = { client_id: options.clientId };
  return { server, client };
}

function requestOptions(options: CheckedOptions, signal: AbortSignal) {
  return {
    signal,
    headers: { "user-agent": options.userAgent },
    [oauth.customFetch]: guardedFetch(options.fetch, "The token endpoint"),
    // Marked as deprecated only to stand out; without it no test on loopback could run.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    [oauth.allowInsecureRequests]: isLoopback(new URL(options.baseUrl).hostname),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

async function issuedToken(
  server: oauth.AuthorizationServer,
  client: oauth.Client,
  response: Response,
  answer: Parameters<typeof unreadableAnswer>[0],
): Promise<IssuedToken> {
  let issued: oauth.TokenEndpointResponse;
  try {
    issued = await oauth.processClientCredentialsResponse(server, client, response);
  } catch (error) {
    if (isToolsetError(error)) throw error;
    // The library's error is not kept as the cause: it holds the body, and the body may hold a token.
    throw unreadableAnswer(answer, "not with an access token as RFC 6749 has it", { retryable: true });
  }
  // RFC 6750, 2.1: what a bearer token may be made of. `fetch` would refuse anything else as a header, in an
  // error that repeats it.
  if (!/^[\w\-.~+/]+=*$/.test(issued.access_token)) {
    throw unreadableAnswer(answer, "with an access token that no header can carry", { retryable: false });
  }
  return { value: issued.access_token, lifetimeS: issued.expires_in ?? defaultLifetimeS };
}

/**
 * The `error` of an error body as token endpoints send it. A proxy's `{ "error": "Forbidden" }` is none.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2
 */
function oauthErrorCode(body: unknown): string | null {
  const error = (body as { error?: unknown } | null)?.error;
  return typeof error === "string" && oauthErrorCodes.has(error) ? error : null;
}

const oauthErrorCodes: ReadonlySet<string> = new Set([
  "invalid_request",
  "invalid_client",
  "invalid_grant",
  "unauthorized_client",
  "unsupported_grant_type",
  "invalid_scope",
]);
