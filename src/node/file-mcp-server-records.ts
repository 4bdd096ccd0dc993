import { parseDateTime } from "../mcp/servers/date-time.js";
import type { McpServerRecord } from "../mcp/servers/server-store.js";

/** Says whose file it is, so that a path that was mixed up is noticed before anything is written over. */
const format = "langchain-1password/mcp-servers";
const version = 1;

/** The text of a file that holds servers. */
export function textOfRecords(servers: readonly McpServerRecord[]): string {
  return `${JSON.stringify({ format, version, servers }, undefined, 2)}\n`;
}

/** The servers in a file's text; `undefined` where it is not one that {@link textOfRecords} wrote. */
export function recordsOfText(text: string): readonly McpServerRecord[] | undefined {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(content) || content.format !== format || content.version !== version) return undefined;
  const { servers } = content;
  return Array.isArray(servers) && servers.every(isRecord) ? servers : undefined;
}

/** A server whose end cannot be read would have none: what was changed by hand is judged as a whole. */
function isRecord(value: unknown): value is McpServerRecord {
  if (!isObject(value)) return false;
  const { id, name, config, require_api_token_auth, expires_at, created_at, token_hash } = value;
  return (
    [id, name].every((text) => typeof text === "string" && text !== "") &&
    isObject(config) &&
    [config.methods, config.tags, config.task_users].every(areWords) &&
    typeof require_api_token_auth === "boolean" &&
    (expires_at === null || isTime(expires_at)) &&
    isTime(created_at) &&
    typeof token_hash === "string" &&
    /^[A-Za-z0-9_-]{43}$/.test(token_hash)
  );
}

function areWords(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.every((word) => typeof word === "string"));
}

function isTime(value: unknown): boolean {
  return typeof value === "string" && parseDateTime(value) !== undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
