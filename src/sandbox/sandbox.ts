import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { createAccount } from "./account.js";
import { createApp } from "./app.js";
import { credentialsFrom, type SandboxCredentials } from "./credentials.js";
import { createCursors } from "./cursors.js";
import { syncWithDirectory } from "./directory-sync.js";
import { documentedRequests, type SandboxApiVersion } from "./documented-requests.js";
import { createFaults, type SandboxFault } from "./faults.js";
import { checkApiVersions, checkFaults, checkOptions, type SandboxOptions } from "./options.js";
import { peopleFrom, peopleFromInput } from "./people.js";
import { createRateLimiter } from "./rate-limit.js";
import { createRedaction } from "./redaction.js";
import type { SandboxRequest } from "./request-log.js";
import { createTokens } from "./tokens.js";
import { createTruto } from "./truto.js";
import { createUsersApi } from "./users-api.js";
import type { SandboxUser } from "./users.js";

/**
 * A running sandbox. Its methods may be taken off it (`const { close } = sandbox`).
 *
 * Only `baseUrl`, `accountId`, `clientId` and `clientSecret` are enumerable: `usersApi({ ...sandbox })`
 * passes on what a client needs, and nothing that it would have to refuse as an unknown option.
 */
export interface Sandbox extends SandboxCredentials, AsyncDisposable {
  /** `http://127.0.0.1:<port>`, for both APIs. */
  readonly baseUrl: string;
  /** The account as it is now, in the order in which the APIs list it. */
  readonly users: readonly SandboxUser[];
  /** Every request so far, in the order of arrival. */
  readonly requests: readonly SandboxRequest[];
  /** One sentence for each thing in a request that the vendor does not document. Empty is good. */
  readonly violations: readonly string[];
  /** Makes other versions live from now on: the vendor's cut-over. Throws for an unknown one. */
  readonly setApiVersions: (versions: readonly SandboxApiVersion[]) => void;
  /** Replaces the faults from now on, those not yet used up included. Throws for an unknown kind. */
  readonly setFaults: (faults: readonly SandboxFault[]) => void;
  /** Stops the server and cuts every connection. May be called more than once. */
  readonly close: () => Promise<void>;
}

/**
 * Starts a server on loopback that speaks 1Password's Users API and Truto's endpoints, both in front of one
 * account in memory: no key, no network. It keeps the vendors' rules, and refuses what they do not document.
 *
 * @throws TypeError for an option that cannot be; the system's error where the port is taken
 *
 * @example
 * ```ts
 * import { startSandbox } from "langchain-1password/sandbox";
 *
 * const sandbox = await startSandbox({ users: 250, rateLimit: { limit: 20, windowMs: 1000, headers: "draft-6" } });
 * const { baseUrl, accountId, clientId, clientSecret } = sandbox;
 * // … let an agent loose on it …
 * console.log(sandbox.users.filter((user) => user.state === "SUSPENDED"), sandbox.violations);
 * await sandbox.close();
 * ```
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const checked = checkOptions(options);
  const credentials = credentialsFrom(checked.seed);
  const { accountId, clientId, clientSecret } = credentials;
  const people = createAccount(
    typeof checked.users === "number"
      ? peopleFrom(checked.seed, checked.users, accountId)
      : peopleFromInput(checked.users, checked.seed, accountId),
  );
  const directory = checked.directorySync && syncWithDirectory(people, checked.directorySync);
  const account = directory?.account ?? people;
  const cursors = createCursors(clientSecret);
  const redaction = createRedaction(secretsOf(credentials));
  const tokens = createTokens(checked.tokenTtlS, redaction.add);
  const faults = createFaults(checked.faults);
  const requests: SandboxRequest[] = [];
  const violations: string[] = [];
  let liveVersions = checked.apiVersions;

  const app = createApp({
    documented: documentedRequests(checked.trutoFilters),
    handlers: {
      users: createUsersApi({ account, credentials, cursors, tokens, permissions: checked.permissions }),
      truto: createTruto({ account, credentials, cursors, filters: checked.trutoFilters }),
    },
    requests,
    violations,
    redact: redaction.redact,
    latencyMs: checked.latencyMs,
    isLive: (version) => liveVersions.includes(version),
    faults,
    count: checked.rateLimit && createRateLimiter(checked.rateLimit),
  });
  const server = await listen(app.fetch, checked.port, (sentence) => violations.push(sentence));
  let closing: Promise<void> | undefined;
  const close = () => {
    directory?.stop();
    return (closing ??= server.close());
  };

  const sandbox = { baseUrl: server.baseUrl, accountId, clientId, clientSecret };
  // Everything else stays out of a spread, and out of what `console.log` shows of a sandbox.
  const hidden = {
    trutoApiKey: credentials.trutoApiKey,
    integratedAccountId: credentials.integratedAccountId,
    users: account.users,
    requests,
    violations,
    setApiVersions: (versions: readonly SandboxApiVersion[]) => {
      liveVersions = checkApiVersions(versions);
    },
    setFaults: (next: readonly SandboxFault[]) => faults.set(checkFaults(next)),
    close,
    [Symbol.asyncDispose]: close,
  };
  for (const key of Reflect.ownKeys(hidden)) {
    Object.defineProperty(sandbox, key, { value: hidden[key as keyof typeof hidden], enumerable: false });
  }
  return sandbox as Sandbox;
}

function secretsOf({ clientId, clientSecret, trutoApiKey }: SandboxCredentials): string[] {
  const formEncodedPair = new URLSearchParams([[clientId, clientSecret]]).toString().replace("=", ":");
  return [`${clientId}:${clientSecret}`, formEncodedPair, clientSecret, trutoApiKey];
}

async function listen(
  fetch: Parameters<typeof getRequestListener>[0],
  port: number,
  onUnreadable: (sentence: string) => void,
): Promise<{ baseUrl: string; close: () => Promise<void> }> {
  const listener = getRequestListener(fetch, {
    // The sandbox runs in its user's process: that process's own Request and Response stay as they are.
    overrideGlobalObjects: false,
    // Every body is read to its end, so nothing is left to clean up.
    autoCleanupIncoming: false,
    errorHandler: () => {
      onUnreadable("A request could not be read: check its target and its host header.");
      return new Response(null, { status: 400 });
    },
  });
  const server = createServer((incoming, outgoing) => void listener(incoming, outgoing));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        // Clients keep their connections alive: waiting for them to let go would take seconds.
        server.closeAllConnections();
      }),
  };
}
