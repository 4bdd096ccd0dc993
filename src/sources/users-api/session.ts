import type { HttpError } from "../../errors/http-error.js";
import { isToolsetError, ToolsetError } from "../../errors/toolset-error.js";
import { waitFor } from "../../http/exchange.js";
import type { ApiVersion, CheckedOptions } from "./options.js";
import { requestToken, revokeToken, secretsOf } from "./token-request.js";

/** What a request needs: a token, and the version whose routes it is for. */
export interface Access {
  token: string;
  apiVersion: ApiVersion;
  /** What must not come back out of an answer. */
  secrets: readonly string[];
}

/** The token and the live API version, shared by every request of one source. */
export interface Session {
  /** A token that is good for now; all who wait share one request for it. */
  access(signal: AbortSignal): Promise<Access>;
  /** Drops a token that the API answered 401 to. */
  reject(access: Access): void;
  /**
   * Told that a route of this version is gone. Whether it makes sense to try again, because the version has
   * not been looked for since, or has been found to be another.
   */
  routeGone(access: Access): boolean;
  /** Revokes the token. Later calls fail. */
  close(): Promise<void>;
}

interface CurrentToken extends Access {
  expiresAt: number;
}

/** Refresh this long before a token ends, or a tenth of its life where that is less. */
const refreshAheadMs = 30_000;

/** After a search that found the same version again, a missing route is taken for a missing route this long. */
const searchAgainAfterMs = 15 * 60_000;

/** Opens a session. Nothing is sent before the first request needs a token. */
export function openSession(options: CheckedOptions): Session {
  let current: CurrentToken | undefined;
  let pending: Promise<CurrentToken> | undefined;
  let known: ApiVersion | undefined = options.apiVersion === "auto" ? undefined : options.apiVersion;
  // The version whose routes seem to be gone: the other one is asked first.
  let suspected: ApiVersion | undefined;
  let refused: { secret: string; error: unknown } | undefined;
  let searchedAt = Number.NEGATIVE_INFINITY;
  let isClosed = false;
  const closing = new AbortController();

  async function obtain(): Promise<CurrentToken> {
    const secret = await options.readSecret();
    // Refused calls count against the account's quota, and the same secret will not be taken the second time.
    if (refused?.secret === secret) throw refused.error;
    try {
      return await firstTokenOf(candidates(), secret);
    } catch (error) {
      if (isToolsetError(error) && error.code === "unauthorized") refused = { secret, error };
      throw error;
    }
  }

  async function firstTokenOf(versions: ApiVersion[], secret: string): Promise<CurrentToken> {
    const failures: HttpError[] = [];
    for (const apiVersion of versions) {
      const askedAt = Date.now();
      const answer = await requestToken(options, apiVersion, secret, closing.signal);
      if ("absent" in answer) {
        failures.push(answer.absent);
        continue;
      }
      known = apiVersion;
      suspected = undefined;
      const { value, lifetimeS } = answer.token;
      const lifetimeMs = lifetimeS * 1000;
      return {
        token: value,
        apiVersion,
        secrets: [value, ...secretsOf(options.clientId, secret)],
        expiresAt: askedAt + lifetimeMs - Math.min(refreshAheadMs, lifetimeMs / 10),
      };
    }
    const refusal = failures.find(({ status }) => status === 401);
    if (refusal !== undefined) {
      throw refusal.withText(
        `${refusal.text} Check "clientId" and "clientSecret", and that "region" or "baseUrl" is the account's own.`,
      );
    }
    throw new ToolsetError(
      "bad_response",
      `No token endpoint was found at ${new URL(options.baseUrl).origin} (${versions.join(", ")}). Check ` +
        `"region", "baseUrl" and "apiVersion".`,
      { cause: failures[0] },
    );
  }

  function candidates(): ApiVersion[] {
    if (options.apiVersion !== "auto") return [options.apiVersion];
    const isLaterFirst = suspected === undefined ? known !== "v1beta1" : suspected === "v1beta1";
    return isLaterFirst ? ["v1", "v1beta1"] : ["v1beta1", "v1"];
  }

  return {
    async access(signal) {
      if (isClosed) throw closedError();
      signal.throwIfAborted();
      if (current !== undefined && Date.now() < current.expiresAt) return current;
      pending ??= obtain()
        .then((token) => (current = token))
        .finally(() => (pending = undefined));
      return waitFor(pending, signal);
    },
    reject(access) {
      if (current?.token === access.token) current = undefined;
    },
    routeGone(access) {
      if (options.apiVersion !== "auto") return false;
      // Another call has found the new version already, or is looking for it.
      if (current?.token !== access.token) return true;
      if (Date.now() - searchedAt < searchAgainAfterMs) return false;
      searchedAt = Date.now();
      suspected = access.apiVersion;
      current = undefined;
      return true;
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      closing.abort(closedError());
      const token = current;
      current = undefined;
      if (token === undefined) return;
      try {
        await revokeToken(options, token.apiVersion, await options.readSecret(), token.token);
      } catch (error) {
        const why = isToolsetError(error) ? error.text : "the secret could not be read";
        options.onWarning(`The access token could not be revoked and lives on until it expires: ${why}`);
      }
    },
  };
}

function closedError(): ToolsetError {
  return new ToolsetError("aborted", "This source was closed. Make a new one for further calls.");
}
