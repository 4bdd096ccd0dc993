/** What becomes known of a request while it is served, for its line in the log. */
export interface RequestFacts {
  /** Which server was called. */
  server?: string;
  /** Who called. */
  principal?: string;
  /** The JSON-RPC method. */
  rpc?: string;
  /** The tool that is called. */
  tool?: string;
  /** The protocol revision's year. */
  era?: "2025" | "2026";
}

/** What the log has in place of a name that nobody here gave: it may be a token in the wrong place. */
export const unknownName = "(unknown)";

/** What methods of the protocol look like; a token that was put in their place does not. */
const methodForm = /^(?=.{1,40}$)[a-z]+(?:\/[a-z_]+){0,2}$/i;

/** What a message says of itself, whatever it is. */
export function factsOf(message: unknown): Pick<RequestFacts, "rpc" | "tool"> {
  if (Array.isArray(message)) return { rpc: "(batch)" };
  if (typeof message !== "object" || message === null) return {};
  if (!("method" in message)) return "result" in message || "error" in message ? { rpc: "(answer)" } : {};
  if (typeof message.method !== "string") return {};
  const rpc = methodForm.test(message.method) ? message.method : unknownName;
  const params = "params" in message ? message.params : undefined;
  if (rpc !== "tools/call" || typeof params !== "object" || params === null || !("name" in params))
    return { rpc };
  return typeof params.name === "string" ? { rpc, tool: params.name } : { rpc };
}
