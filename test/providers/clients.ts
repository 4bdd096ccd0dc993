import { ChatAnthropic } from "@langchain/anthropic";
import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { ChatGoogleGenerativeAI } from "@langchain/google-genai";
import { ChatOllama } from "@langchain/ollama";
import { ChatOpenAI } from "@langchain/openai";
import { startAnthropicServer } from "../support/wire/anthropic.js";
import { startGoogleServer } from "../support/wire/google.js";
import type { JsonObject, WireServer } from "../support/wire/loopback.js";
import { startOllamaServer } from "../support/wire/ollama.js";
import { startOpenAIServer } from "../support/wire/openai.js";
import type { Planner } from "../support/wire/turn.js";

/** A tool as it stood in a request. */
export interface SentDefinition {
  readonly name: string;
  readonly description: string;
  readonly schema: JsonObject;
}

/** A provider's real client, and the server that it talks to here. */
export interface ProviderClient {
  readonly client: string;
  /** How the provider wants names: Gemini takes none that begins with a digit. */
  readonly names: "truto" | "portable";
  /** Whether the client sends the results of several calls in the way its API takes them. */
  readonly parallelCalls: boolean;
  start(options: { reply: Planner }): Promise<WireServer>;
  connect(baseUrl: string): BaseChatModel & Required<Pick<BaseChatModel, "bindTools">>;
  /** The definitions of the tools, found where the provider's wire format has them. */
  definitions(body: JsonObject): SentDefinition[];
}

/** Every client that the library is tried with. */
export const clients: readonly ProviderClient[] = [
  {
    client: "ChatOpenAI, chat completions",
    names: "truto",
    parallelCalls: true,
    start: startOpenAIServer,
    connect: (baseURL) =>
      new ChatOpenAI({ model: "gpt-4.1", apiKey: "k", maxRetries: 0, configuration: { baseURL } }),
    definitions: ({ tools }) =>
      (tools as { function: Sent<"parameters"> }[]).map(
        ({ function: { name, description, parameters } }) => ({
          name,
          description,
          schema: parameters,
        }),
      ),
  },
  {
    client: "ChatOpenAI, responses",
    names: "truto",
    parallelCalls: true,
    start: startOpenAIServer,
    connect: (baseURL) =>
      new ChatOpenAI({
        model: "gpt-4.1",
        apiKey: "k",
        maxRetries: 0,
        useResponsesApi: true,
        configuration: { baseURL },
      }),
    definitions: ({ tools }) =>
      (tools as Sent<"parameters">[]).map(({ name, description, parameters }) => ({
        name,
        description,
        schema: parameters,
      })),
  },
  {
    client: "ChatAnthropic",
    names: "truto",
    parallelCalls: true,
    start: startAnthropicServer,
    connect: (anthropicApiUrl) =>
      new ChatAnthropic({ model: "claude-sonnet-4-5", apiKey: "k", maxRetries: 0, anthropicApiUrl }),
    definitions: ({ tools }) =>
      (tools as Sent<"input_schema">[]).map(({ name, description, input_schema }) => ({
        name,
        description,
        schema: input_schema,
      })),
  },
  {
    client: "ChatGoogleGenerativeAI",
    names: "portable",
    // 2.3.2 sends each result in a content of its own, which Gemini refuses: langchain-ai/langchainjs#10341.
    parallelCalls: false,
    start: startGoogleServer,
    connect: (baseUrl) =>
      new ChatGoogleGenerativeAI({ model: "gemini-2.5-flash", apiKey: "k", maxRetries: 0, baseUrl }),
    definitions: ({ tools }) =>
      (tools as { functionDeclarations: Sent<"parameters">[] }[]).flatMap(({ functionDeclarations }) =>
        functionDeclarations.map(({ name, description, parameters }) => ({
          name,
          description,
          schema: parameters,
        })),
      ),
  },
  {
    client: "ChatOllama",
    names: "truto",
    parallelCalls: true,
    start: startOllamaServer,
    connect: (baseUrl) => new ChatOllama({ model: "qwen3", maxRetries: 0, baseUrl }),
    definitions: ({ tools }) =>
      (tools as { function: Sent<"parameters"> }[]).map(
        ({ function: { name, description, parameters } }) => ({
          name,
          description,
          schema: parameters,
        }),
      ),
  },
];

type Sent<SchemaField extends string> = { name: string; description: string } & Record<
  SchemaField,
  JsonObject
>;
