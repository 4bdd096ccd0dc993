import { createHash } from "node:crypto";
import type { McpServerRecord } from "langchain-1password/node";

/** A server as it is stored. */
export function serverRecord(id: string, changes: Partial<McpServerRecord> = {}): McpServerRecord {
  return {
    id,
    name: `Server ${id}`,
    config: { methods: ["read"] },
    require_api_token_auth: false,
    expires_at: null,
    created_at: "2026-01-31T12:00:00.000Z",
    token_hash: createHash("sha256").update(id).digest("base64url"),
    ...changes,
  };
}
