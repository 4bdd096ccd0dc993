import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { ToolManager } from "langchain-1password";
import { createMcpHandler } from "langchain-1password/mcp";
import { startSandbox } from "langchain-1password/sandbox";

const email = "m.scott@example.com";

/** The tools as an MCP server: a client looks somebody up, and its user is asked before they are suspended. */
export async function main(): Promise<void> {
  await using sandbox = await startSandbox({ users: 250 });
  await using manager = new ToolManager({ ...sandbox, backoff: true });
  const handler = createMcpHandler(manager, {
    methods: ["read", "write"],
    log: ({ status, rpc, tool, ms }) =>
      console.log(`  server: ${status} ${rpc ?? ""} ${tool ?? ""} ${ms} ms`),
  });
  const listener = getRequestListener(handler.fetch, { overrideGlobalObjects: false });
  const server = createServer((incoming, outgoing) => void listener(incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`);

  const client = new Client(
    { name: "example", version: "1.0.0" },
    { capabilities: { elicitation: {} }, versionNegotiation: { mode: "auto" } },
  );
  client.setRequestHandler("elicitation/create", ({ params }) => {
    console.log(
      `\nThe client's user is asked:\n  ${params.message.replaceAll("\n", "\n  ")}\nThey say yes.\n`,
    );
    return { action: "accept", content: { approve: true } };
  });
  try {
    await client.connect(new StreamableHTTPClientTransport(url));
    const { tools } = await client.listTools();
    console.log(`Tools: ${tools.map(({ name }) => name).join(", ")}\n`);
    const found = await client.callTool({ name: "find_1_password_users", arguments: { email } });
    const { people } = found.structuredContent as { people: { id: string }[] };
    const { structuredContent } = await client.callTool({
      name: "onepassword_users_suspend",
      arguments: { id: people[0]?.id, expected_email: email },
    });
    console.log(`The answer: ${JSON.stringify(structuredContent)}`);
    const person = sandbox.users.find((user) => user.email === email);
    console.log(`In the account itself they are ${person?.state ?? "not there"}.`);
  } finally {
    await client.close();
    await handler.close();
    server.close();
  }
}
