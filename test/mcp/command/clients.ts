import { Client } from "@modelcontextprotocol/client";
import { Client as OldClient } from "@modelcontextprotocol/sdk/client/index.js";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { StdioServerTransport } from "@modelcontextprotocol/server/stdio";
import { onTestFinished } from "vitest";
import type { CommandProcess } from "./command-process.js";

/** What a client is like that these tests use: both generations' are. */
export interface AnyClient {
  listTools(): Promise<{ tools: { name: string }[] }>;
  callTool(call: { name: string; arguments: Record<string, unknown> }): Promise<unknown>;
  close(): Promise<void>;
}

const info = { name: "test", version: "1" };

/** A client of the present SDK, which speaks what the server prefers. */
export function newClient(): Client {
  return new Client(info, { capabilities: {}, versionNegotiation: { mode: "auto" } });
}

/** A client of the older SDK; where it is given `elicit`, its user can be asked. */
export function oldClient(
  elicit?: () => Promise<{ action: "accept"; content: { approve: boolean } }>,
): OldClient {
  const client = new OldClient(info, { capabilities: elicit === undefined ? {} : { elicitation: {} } });
  if (elicit !== undefined) client.setRequestHandler(ElicitRequestSchema, elicit);
  return client;
}

/** Connects a client of the older SDK with a command that runs, whose process stays in the test's hands. */
export async function connectOldClient(client: OldClient, { child }: CommandProcess): Promise<void> {
  // Both sides of stdio are the same: what one writes the other reads.
  const transport = new StdioServerTransport(child.stdout, child.stdin);
  await client.connect(transport);
  onTestFinished(() => client.close());
}

/** The text of a tool's answer. */
export function textOf(answer: unknown): string {
  const { content } = answer as { content: { text?: string }[] };
  return content.map(({ text = "" }) => text).join("\n");
}
