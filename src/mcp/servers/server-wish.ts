import { parseTaskUsers } from "../../layers/task-users.js";
import { parseDateTime } from "./date-time.js";
import type { McpServerConfig } from "./server-store.js";

/** A server that an administrator asks for. */
export interface ServerWish {
  readonly name: string;
  readonly config: McpServerConfig;
  readonly requireApiTokenAuth: boolean;
  /** In milliseconds since the epoch; `null` for never. */
  readonly expiresAt: number | null;
}

const wishNames: readonly string[] = ["name", "config", "require_api_token_auth", "expires_at"];
const filterNames: readonly string[] = ["methods", "tags"];
const configNames: readonly string[] = [...filterNames, "task_users"];

/** Letters, digits, signs and plain spaces; nothing that hides or that reorders what stands around it. */
const printable = /^(?:(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{M}\p{N}\p{P}\p{S} ])+$/u;
const longestName = 100;
/** The last millisecond of the year 9999. */
const latest = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** Reads what an administrator sent, or says what is wrong with it. */
export function readWish(body: unknown): ServerWish | string {
  if (!isObject(body)) return 'The body is not a JSON object. Send one such as { "name": "Auditors" }.';
  const unknown = Object.keys(body).find((key) => !wishNames.includes(key));
  if (unknown !== undefined) {
    return `${quoted(unknown)} is not a property of a server, and leaving it out would make another than was meant. There are: ${wishNames.join(", ")}.`;
  }
  const { name, config = {}, require_api_token_auth: auth = false, expires_at: end = null } = body;
  if (typeof name !== "string" || !isName(name)) {
    return `"name" is not a text of 1 to ${longestName} printable characters. Give what the server is called by, such as "Auditors".`;
  }
  const words = readConfig(config);
  if (typeof words === "string") return words;
  if (typeof auth !== "boolean") {
    return `"require_api_token_auth" is neither true nor false. Give true where callers have to send an API token as well.`;
  }
  if (end === null) return { name, config: words, requireApiTokenAuth: auth, expiresAt: null };
  const expiresAt = typeof end === "string" ? parseDateTime(end) : undefined;
  if (expiresAt === undefined) {
    return `"expires_at" is not a date and time with an offset (RFC 3339). Give one such as "2030-01-31T18:00:00Z", or null for a server that does not end.`;
  }
  if (expiresAt > latest) {
    return `"expires_at" is after the year 9999, which no RFC 3339 date can say. Give an earlier time, or null for a server that does not end.`;
  }
  if (expiresAt <= Date.now()) {
    return `"expires_at" is ${new Date(expiresAt).toISOString()}, which has passed. Give a time in the future.`;
  }
  return { name, config: words, requireApiTokenAuth: auth, expiresAt };
}

function isName(text: string): boolean {
  return printable.test(text) && text.trim() !== "" && Array.from(text).length <= longestName;
}

function readConfig(config: unknown): McpServerConfig | string {
  if (!isObject(config)) return `"config" is not an object. Give one such as { "methods": ["read"] }.`;
  const unknown = Object.keys(config).find((key) => !configNames.includes(key));
  if (unknown !== undefined) {
    return `${quoted(unknown)} is not a property of "config", and leaving it out would select more tools than was meant. There are: ${configNames.join(", ")}.`;
  }
  if (config.task_users !== undefined && parseTaskUsers(config.task_users) === undefined) {
    return `"config.task_users" is not a list of ids and email addresses (no wildcards, no names). Give those whom the server's tasks are about, [] for nobody, or leave it out for no bound.`;
  }
  const wrong = filterNames.find((key) => config[key] !== undefined && !isWords(config[key]));
  if (wrong === undefined) return config;
  return `"config.${wrong}" is not a list of words with at least one in it. Give one such as ["read"], or leave it out for all that is allowed.`;
}

function isWords(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((word) => typeof word === "string");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A glimpse of what was sent. */
function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}
