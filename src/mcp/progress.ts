import type { ServerContext } from "@modelcontextprotocol/server";
import type { ToolsetEvent } from "../call.js";

/**
 * Tells a client what happens during its call, where it has asked to be told: pages that were read, waits, writes.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/utilities/progress
 */
export function progressWriter({ mcpReq }: ServerContext): (event: unknown) => void {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return () => undefined;
  let progress = 0;
  return (event) => {
    progress += 1;
    const params = { progressToken, progress, message: messageOf(event as ToolsetEvent) };
    // A client that has gone away is told by its signal.
    mcpReq.notify({ method: "notifications/progress", params }).catch(() => undefined);
  };
}

function messageOf(event: ToolsetEvent): string {
  switch (event.type) {
    case "wait":
      return `Waiting ${Math.ceil(event.waitMs / 1000)} s (${event.reason.replace("_", " ")})`;
    case "page":
      return `${event.people} people read, ${event.page} ${event.page === 1 ? "page" : "pages"}`;
    case "write":
      return `${event.action}: ${event.id} is ${event.state}`;
  }
}
