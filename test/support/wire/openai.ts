import { startLoopback, type WireServer } from "./loopback.js";
import { answerChat } from "./openai-chat.js";
import { answerResponses } from "./openai-responses.js";
import { Refusal } from "./refusal.js";
import type { Planner } from "./turn.js";

/**
 * A server of OpenAI's wire format on loopback: chat completions and responses, both streaming and not.
 * `reply` is the model.
 *
 * @example
 * ```ts
 * const server = await startOpenAIServer({ reply: () => ({ text: "Hello." }) });
 * const model = new ChatOpenAI({ model: "gpt-5", apiKey: "k", configuration: { baseURL: server.baseUrl } });
 * ```
 * @see https://platform.openai.com/docs/api-reference/chat/create
 * @see https://platform.openai.com/docs/api-reference/responses/create
 */
export function startOpenAIServer({ reply }: { reply: Planner }): Promise<WireServer> {
  return startLoopback({
    basePath: "/v1",
    async answer({ path, headers, body }) {
      if (!/^Bearer .+/.test(headers.authorization ?? ""))
        throw new Refusal(401, "You didn't provide an API key.", { code: "invalid_api_key" });
      if (path === "/chat/completions") return answerChat(reply, body);
      if (path === "/responses") return answerResponses(reply, body);
      throw new Refusal(404, `Invalid URL (POST ${path})`);
    },
    describe: ({ message, detail }) => ({
      error: { message, type: "invalid_request_error", param: null, code: null, ...detail },
    }),
  });
}
