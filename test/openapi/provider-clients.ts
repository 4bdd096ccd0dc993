import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ChatAnthropic } from "@langchain/anthropic";
import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { tool } from "@langchain/core/tools";
import { ChatGoogleGenerativeAI } from "@langchain/google-genai";
import { ChatOllama } from "@langchain/ollama";
import { ChatOpenAI } from "@langchain/openai";
import { expect } from "vitest";
import type { JsonSchema, ToolDescriptor } from "../../src/descriptor.js";

/** A tool definition as it was on the wire, in the field names of whichever provider. */
interface SentTool {
  name: string;
  schema: unknown;
}

/** A provider's real client, and where the tools are in what it sends. */
export interface ProviderClient {
  create(baseUrl: string): BaseChatModel;
  sent(body: never): SentTool[];
  /** What the client makes of a schema on purpose; `undefined` where it sends none. */
  asSent(schema: JsonSchema): unknown;
}

const asDescribed = (schema: JsonSchema) => schema;

/** The four providers' clients, OpenAI's with both of its wire formats. */
export const providerClients: Record<string, ProviderClient> = {
  "OpenAI chat completions": {
    create: (baseUrl) =>
      new ChatOpenAI({
        model: "gpt-5",
        apiKey: "none",
        maxRetries: 0,
        configuration: { baseURL: `${baseUrl}/v1` },
      }),
    sent: ({ tools }: { tools: { function: { name: string; parameters: unknown } }[] }) =>
      tools.map((one) => ({ name: one.function.name, schema: one.function.parameters })),
    asSent: asDescribed,
  },
  "OpenAI responses": {
    create: (baseUrl) =>
      new ChatOpenAI({
        model: "gpt-5",
        apiKey: "none",
        maxRetries: 0,
        useResponsesApi: true,
        configuration: { baseURL: `${baseUrl}/v1` },
      }),
    sent: ({ tools }: { tools: { name: string; parameters: unknown }[] }) =>
      tools.map((one) => ({ name: one.name, schema: one.parameters })),
    asSent: asDescribed,
  },
  Anthropic: {
    create: (baseUrl) =>
      new ChatAnthropic({
        model: "claude-sonnet-4-5",
        apiKey: "none",
        maxRetries: 0,
        anthropicApiUrl: baseUrl,
      }),
    sent: ({ tools }: { tools: { name: string; input_schema: unknown }[] }) =>
      tools.map((one) => ({ name: one.name, schema: one.input_schema })),
    asSent: asDescribed,
  },
  Gemini: {
    create: (baseUrl) =>
      new ChatGoogleGenerativeAI({ model: "gemini-2.5-pro", apiKey: "none", maxRetries: 0, baseUrl }),
    sent: ({ tools }: { tools: { functionDeclarations: { name: string; parameters: unknown }[] }[] }) =>
      tools.flatMap(({ functionDeclarations }) =>
        functionDeclarations.map((one) => ({ name: one.name, schema: one.parameters })),
      ),
    // The client leaves out an object without properties.
    asSent: ({ properties, ...schema }) =>
      Object.keys(properties as object).length === 0
        ? undefined
        : withoutWhatGoogleDrops({ ...schema, properties }),
  },
  Ollama: {
    create: (baseUrl) => new ChatOllama({ model: "llama3.3", baseUrl, maxRetries: 0 }),
    sent: ({ tools }: { tools: { function: { name: string; parameters: unknown } }[] }) =>
      tools.map((one) => ({ name: one.function.name, schema: one.function.parameters })),
    asSent: asDescribed,
  },
};

/** Binds tools to a client, lets it send them to a server of its own, and compares what arrived. */
export async function expectSentAsDescribed(
  client: ProviderClient,
  descriptors: readonly ToolDescriptor[],
): Promise<void> {
  let body: unknown;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      body = JSON.parse(Buffer.concat(chunks).toString());
      // The request is all that matters here: the rest of the conversation has tests of its own.
      response.writeHead(400, { "content-type": "application/json" }).end('{"error":{"message":"seen"}}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const model = client.create(baseUrl).bindTools?.(descriptors.map(toolOf));
    await expect(model?.invoke("hello")).rejects.toThrow();
  } finally {
    server.closeAllConnections();
    server.close();
  }
  expect(client.sent(body as never)).toEqual(
    descriptors.map(({ name, inputSchema }) => ({ name, schema: client.asSent(inputSchema) })),
  );
}

function toolOf({ name, description, inputSchema }: ToolDescriptor) {
  return tool(() => "", { name, description, schema: inputSchema });
}

/** Google's client takes these out wherever they stand, be they keywords or properties of those names. */
function withoutWhatGoogleDrops(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutWhatGoogleDrops);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !["additionalProperties", "$schema", "strict"].includes(key))
      .map(([key, inner]) => [key, withoutWhatGoogleDrops(inner)]),
  );
}
