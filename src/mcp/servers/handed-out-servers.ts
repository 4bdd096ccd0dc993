import type { McpAccess } from "../access.js";
import { endOf, isExpired } from "./expiry.js";
import type { ServerEnds } from "./server-ends.js";
import type { McpServerConfig, McpServerRecord, McpServerStore } from "./server-store.js";
import { hashOfToken, isSameHash } from "../token-hash.js";
import { isServerToken } from "./server-token.js";

/** What a request for a server that was handed out meets. */
export type Resolution =
  /** There is none: it never was, was deleted, or has expired. All look the same. */
  | { readonly outcome: "none" }
  /** There is one, and the API token that it wants besides is missing or wrong. */
  | { readonly outcome: "unauthorized"; readonly id: string }
  /** There is one for the caller; the signal aborts when it ends. */
  | { readonly outcome: "access"; readonly access: McpAccess; readonly over: AbortSignal };

/** What {@link createHandedOutServers} takes. */
export interface HandedOutServersSetup {
  readonly store: McpServerStore;
  readonly ends: ServerEnds;
  /** Who sends a request, by an API token; `undefined` for one that has none that is known. */
  readonly authenticate: (request: Request) => string | undefined | Promise<string | undefined>;
  /** Whether any tool that a config selects writes. */
  readonly hasWrites: (config: McpServerConfig) => Promise<boolean>;
}

/** Finds servers by the tokens in their URLs. */
export interface HandedOutServers {
  /** @throws whatever keeps the store from being read, or the tools from being listed */
  resolve(token: string, request: Request): Promise<Resolution>;
}

const none: Resolution = { outcome: "none" };

/** Makes {@link HandedOutServers}. */
export function createHandedOutServers(setup: HandedOutServersSetup): HandedOutServers {
  const { store, ends, authenticate, hasWrites } = setup;

  async function recordOf(token: string): Promise<McpServerRecord | undefined> {
    if (!isServerToken(token)) return undefined;
    const hash = await hashOfToken(token);
    const record = await store.getByTokenHash(hash);
    // A store may look hashes up as it likes, such as without regard to case.
    if (record === undefined || !isSameHash(hash, record.token_hash)) return undefined;
    return isExpired(record) ? undefined : record;
  }

  async function watched(record: McpServerRecord): Promise<AbortSignal> {
    const known = ends.signalOf(record.id);
    if (known !== undefined) return known;
    const over = ends.watch(record.id, endOf(record));
    // It may have been deleted since it was found, when nobody watched over it yet.
    if ((await store.get(record.id)) === undefined) await ends.end(record.id);
    return over;
  }

  return {
    async resolve(token, request) {
      const record = await recordOf(token);
      if (record === undefined) return none;
      const { id, config, require_api_token_auth: needsApiToken } = record;
      const caller = needsApiToken ? await authenticate(request) : undefined;
      if (needsApiToken && (typeof caller !== "string" || caller === ""))
        return { outcome: "unauthorized", id };
      // Not only when it is made: others may write to a store, and an account's tools change.
      if (!needsApiToken && (await hasWrites(config))) return none;
      const over = await watched(record);
      if (over.aborted || isExpired(record)) return none;
      const principal = needsApiToken ? `server ${id} as ${caller}` : `server ${id}`;
      const { task_users: taskUsers, ...filter } = config;
      const scope = taskUsers === undefined ? {} : { taskUsers };
      return { outcome: "access", over, access: { principal, server: id, filter, ...scope, over } };
    },
  };
}
