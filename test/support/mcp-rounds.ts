import { InMemoryTransport, type JSONRPCMessage } from "@modelcontextprotocol/server";
import type { McpConnection } from "langchain-1password/mcp";
import { onTestFinished } from "vitest";

/** What came back of one round: a tool's answer, a question, or a protocol error. */
export interface Round {
  readonly result?: {
    readonly content?: readonly { readonly type: string; readonly text: string }[];
    readonly structuredContent?: Readonly<Record<string, unknown>>;
    readonly isError?: boolean;
    readonly inputRequests?: Readonly<
      Record<string, { readonly params: { readonly message: string; readonly requestedSchema: unknown } }>
    >;
    readonly requestState?: string;
  };
  readonly error?: { readonly code: number; readonly message: string };
}

/** What a client sends along when it makes a call again. */
export interface Answered {
  readonly requestState?: unknown;
  readonly inputResponses?: Readonly<Record<string, unknown>>;
}

/** A 2026 client by hand, whose every round is seen, and whose state may be kept, tampered with and sent again. */
export interface Rounds {
  call(name: string, args: Readonly<Record<string, unknown>>, answered?: Answered): Promise<Round>;
}

/**
 * Connects a client by hand.
 *
 * @param capabilities - what the client says that it can do
 */
export async function useRounds(
  server: McpConnection,
  capabilities: Readonly<Record<string, unknown>> = { elicitation: {} },
): Promise<Rounds> {
  const [here, there] = InMemoryTransport.createLinkedPair();
  await server.connect(there);
  const waiting = new Map<unknown, (message: Round) => void>();
  here.onmessage = (message: JSONRPCMessage) => {
    if ("id" in message) waiting.get(message.id)?.(message as Round);
  };
  await here.start();
  onTestFinished(() => server.close());
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": { name: "by hand", version: "1.0.0" },
    "io.modelcontextprotocol/clientCapabilities": capabilities,
  };
  let id = 0;
  return {
    call: async (name, args, answered = {}) => {
      id += 1;
      const mine = id;
      const answer = new Promise<Round>((resolve) => waiting.set(mine, resolve));
      const params = { name, arguments: args, _meta, ...answered };
      await here.send({ jsonrpc: "2.0", id: mine, method: "tools/call", params });
      return answer;
    },
  };
}

/** The answer that a person gives in a form. */
export const yes = { approve: { action: "accept", content: { approve: true } } };

/** The text of a tool's answer. */
export function textOf({ result }: Round): string {
  return result?.content?.map(({ text }) => text).join("\n") ?? "";
}

/** The code in the last line of a tool's error. */
export function codeOf(round: Round): unknown {
  const last = textOf(round).split("\n").at(-1) ?? "";
  return round.result?.isError === true ? (JSON.parse(last) as { code: unknown }).code : undefined;
}
