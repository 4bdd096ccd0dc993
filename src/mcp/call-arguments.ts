import type { McpServer } from "@modelcontextprotocol/server";
import { objectOfArguments } from "../arguments/read-arguments.js";

/**
 * Has a server take a call whose `arguments` are `null` or the JSON text of an object, as some clients send them: the
 * SDK refuses such a message by its form, before any tool sees it.
 */
export function takeArgumentsAsSent({ server }: McpServer): void {
  const connect = server.connect.bind(server);
  server.connect = (transport) => {
    const before = transport.onmessage;
    // The SDK calls what was set before it connects first, with the message that it then reads itself.
    transport.onmessage = (message, extra) => {
      if ("method" in message && message.method === "tools/call") readInPlace(message.params);
      before?.(message, extra);
    };
    return connect(transport);
  };
}

function readInPlace(params: Record<string, unknown> | undefined): void {
  if (params?.arguments !== null && typeof params?.arguments !== "string") return;
  const read = objectOfArguments(params.arguments);
  if (read !== undefined) params.arguments = read;
}
