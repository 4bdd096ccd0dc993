/**
 * Fields that clients add to the arguments of a call and no model does, so that no model can leave them out.
 *
 * - `_meta`: the protocol's own field, put one level too deep. See
 *   https://modelcontextprotocol.io/specification/2025-11-25/basic#_meta
 * - `toolCallId`, `sessionId`, `chatInput`, `action`: n8n's, and the first two as others spell them. See
 *   https://github.com/n8n-io/n8n/issues/21716
 */
const names: ReadonlySet<string> = new Set([
  "_meta",
  "toolCallId",
  "tool_call_id",
  "sessionId",
  "session_id",
  "chatInput",
]);

/** What n8n's chat trigger says of itself. Another `action` may be what a model wants done, and is refused. */
const chatActions: readonly unknown[] = ["sendMessage", "loadPreviousSession"];

/** Whether a field that a tool does not have is a client's bookkeeping, and means nothing to the tool. */
export function isBookkeeping(name: string, value: unknown): boolean {
  return names.has(name) || (name === "action" && chatActions.includes(value));
}
