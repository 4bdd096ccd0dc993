import { Client } from "@modelcontextprotocol/client";
import { InMemoryTransport } from "@modelcontextprotocol/server";
import type { McpConnection } from "langchain-1password/mcp";
import { onTestFinished } from "vitest";
import { connected, type ConnectedClient, type ConnectOptions } from "./mcp.js";

/** An official client that is connected to a server in memory until the test ends. */
export async function useMemoryClient(
  server: McpConnection,
  { elicit }: ConnectOptions = {},
): Promise<ConnectedClient> {
  const [here, there] = InMemoryTransport.createLinkedPair();
  await server.connect(there);
  onTestFinished(() => server.close());
  const client = new Client(
    { name: "test-client", version: "1.0.0" },
    { capabilities: elicit === undefined ? {} : { elicitation: {} } },
  );
  if (elicit !== undefined) {
    client.setRequestHandler("elicitation/create", async ({ params }) => ({
      ...(await elicit(params as never)),
    }));
  }
  await client.connect(here);
  return connected({
    sessionId: () => undefined,
    callTool: (params, options) => client.callTool(params, options),
    client,
  });
}
