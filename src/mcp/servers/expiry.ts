import { parseDateTime } from "./date-time.js";
import type { McpServerRecord } from "./server-store.js";

/** When a server ends, in milliseconds since the epoch; `undefined` for never. */
export function endOf({ expires_at }: McpServerRecord): number | undefined {
  if (expires_at === null) return undefined;
  // What cannot be read must not last for ever.
  return parseDateTime(expires_at) ?? 0;
}

/** Whether a server has ended. */
export function isExpired(record: McpServerRecord): boolean {
  return (endOf(record) ?? Number.POSITIVE_INFINITY) <= Date.now();
}
