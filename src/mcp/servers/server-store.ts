/** A server that was handed out, as it is stored: its token is not in it. */
export interface McpServerRecord {
  /** Names the server in answers and logs; not a secret. */
  readonly id: string;
  /** What its administrator calls it. */
  readonly name: string;
  /** Which tools exist on it, all of them among the operator's. */
  readonly config: McpServerConfig;
  /** Whether callers send one of the operator's API tokens besides knowing the URL. */
  readonly require_api_token_auth: boolean;
  /** When it ends (RFC 3339); `null` for never. */
  readonly expires_at: string | null;
  /** When it was made (RFC 3339). */
  readonly created_at: string;
  /** The SHA-256 of the token in its URL, as base64url. */
  readonly token_hash: string;
}

/** Which tools exist on a server, in the words of a filter, and whom its callers' tasks are about. */
export interface McpServerConfig {
  readonly methods?: readonly string[];
  readonly tags?: readonly string[];
  /** Ids and emails: a write on anybody else is refused. `[]` is nobody; left out, there is no bound. */
  readonly task_users?: readonly string[];
}

/**
 * Where servers that were handed out are kept. What it throws is told to the administrator; a caller of a server
 * hears only that it cannot be reached now.
 *
 * A database fits behind it: an index on `token_hash`, and each of these is one statement. Processes that share one
 * must see each other's deletions at once, because a deleted server is one that somebody wants to be gone.
 */
export interface McpServerStore {
  /** Keeps a new one. Its `id` and its `token_hash` are in no other. */
  create(record: McpServerRecord): void | Promise<void>;
  get(id: string): McpServerRecord | undefined | Promise<McpServerRecord | undefined>;
  /** @param hash - a SHA-256 as base64url */
  getByTokenHash(hash: string): McpServerRecord | undefined | Promise<McpServerRecord | undefined>;
  /** All of them, those that have ended among them, in the order in which they were made. */
  list(): readonly McpServerRecord[] | Promise<readonly McpServerRecord[]>;
  /** @returns whether it was there */
  delete(id: string): boolean | Promise<boolean>;
}

/** Keeps servers in this process: they end with it. */
export function memoryMcpServerStore(): McpServerStore {
  const records = new Map<string, McpServerRecord>();
  return {
    create(record) {
      records.set(record.id, record);
    },
    get: (id) => records.get(id),
    getByTokenHash: (hash) => [...records.values()].find(({ token_hash }) => token_hash === hash),
    list: () => [...records.values()],
    delete: (id) => records.delete(id),
  };
}
