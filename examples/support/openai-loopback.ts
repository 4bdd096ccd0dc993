import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { nextStep, type Step } from "./plan.js";
import { offlineNotice } from "./offline-model.js";
import type { PastCall } from "./situation.js";

/** A message of OpenAI's chat completions, as far as it is read here. */
interface ChatMessage {
  readonly role: "system" | "user" | "assistant" | "tool";
  readonly content?: string | null;
  readonly tool_call_id?: string;
  readonly tool_calls?: readonly {
    readonly id: string;
    readonly function: { readonly name: string; readonly arguments: string };
  }[];
}

/** A request for a chat completion, as far as it is read here. */
interface ChatRequest {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly tools?: readonly { readonly function: { readonly name: string; readonly parameters: unknown } }[];
  readonly stream?: boolean;
}

/** A server that speaks as OpenAI's does. */
export interface OpenAILoopback extends AsyncDisposable {
  /** What to give as `configuration: { baseURL }`. */
  readonly baseURL: string;
}

/**
 * A server of OpenAI's chat completions on loopback, with the offline planner in the place of a model: for
 * code that is written for `ChatOpenAI` and nothing else.
 *
 * @example
 * ```ts
 * await using openai = await startOpenAILoopback();
 * const llm = new ChatOpenAI({ model: "gpt-4o", apiKey: "none", configuration: { baseURL: openai.baseURL } });
 * ```
 * @see https://platform.openai.com/docs/api-reference/chat/create
 */
export async function startOpenAILoopback(): Promise<OpenAILoopback> {
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.writeHead(400, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: { message: String(error), type: "invalid_request_error" } }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    baseURL: `http://127.0.0.1:${port}/v1`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url !== "/v1/chat/completions") throw new Error(`There is no ${request.url ?? ""} here.`);
  let body = "";
  for await (const part of request.setEncoding("utf8")) body += String(part);
  const { model, messages, tools = [], stream = false } = JSON.parse(body) as ChatRequest;
  const message = messageOf(
    nextStep({
      task: messages.findLast(({ role }) => role === "user")?.content ?? "",
      tools: tools.map(({ function: { name, parameters } }) => ({ name, schema: parameters })),
      calls: callsIn(messages),
    }),
  );
  const reason = "tool_calls" in message ? "tool_calls" : "stop";
  const base = { id: `chatcmpl-${crypto.randomUUID()}`, created: Math.floor(Date.now() / 1000), model };
  if (!stream) {
    response.writeHead(200, { "content-type": "application/json" });
    const choices = [{ index: 0, message, finish_reason: reason }];
    response.end(JSON.stringify({ ...base, object: "chat.completion", choices }));
    return;
  }
  const chunk = (delta: object, finish: string | null) =>
    `data: ${JSON.stringify({ ...base, object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write(chunk(message, null));
  response.write(chunk({}, reason));
  response.end("data: [DONE]\n\n");
}

function messageOf({ say, call }: Step) {
  if (call === undefined) return { role: "assistant", content: `${say}\n(${offlineNotice})` };
  const { name, args } = call;
  return {
    role: "assistant",
    content: say,
    tool_calls: [
      {
        index: 0,
        id: `call_${crypto.randomUUID()}`,
        type: "function",
        function: { name, arguments: JSON.stringify(args) },
      },
    ],
  };
}

function callsIn(messages: readonly ChatMessage[]): PastCall[] {
  const results = new Map(messages.map(({ tool_call_id: id, content }) => [id, content ?? ""]));
  return messages
    .flatMap(({ tool_calls: calls = [] }) => calls)
    .map(({ id, function: { name, arguments: args } }) => ({
      name,
      args: JSON.parse(args) as Record<string, unknown>,
      text: results.get(id) ?? "",
      isError: false,
    }));
}
