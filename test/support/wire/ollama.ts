import * as z from "zod";
import { Conversation } from "./conversation.js";
import { pieces, startLoopback, type JsonObject, type WireAnswer, type WireServer } from "./loopback.js";
import { parseBody } from "./parse-body.js";
import { Refusal } from "./refusal.js";
import type { Planner, Turn } from "./turn.js";

const anyObject = z.record(z.string(), z.unknown());

const chatBody = z.looseObject({
  model: z.string().min(1, "model is required"),
  messages: z.array(
    z.object({
      role: z.enum(["system", "user", "assistant", "tool"]),
      content: z.string().optional(),
      tool_calls: z
        .array(z.object({ function: z.object({ name: z.string(), arguments: anyObject }) }))
        .optional(),
    }),
  ),
  tools: z
    .array(
      z.object({
        type: z.literal("function"),
        function: z.object({
          name: z.string(),
          description: z.string().optional(),
          parameters: z
            .looseObject({
              type: z.string(),
              required: z.array(z.string()).optional(),
              properties: z.record(
                z.string(),
                z.looseObject({
                  type: z.union([z.string(), z.array(z.string())]).optional(),
                  description: z.string().optional(),
                  enum: z.array(z.unknown()).optional(),
                }),
              ),
            })
            .optional(),
        }),
      }),
    )
    .optional(),
  stream: z.boolean().optional(),
});

type ChatBody = z.infer<typeof chatBody>;

/**
 * A server of Ollama's wire format on loopback: `/api/chat`, as lines of JSON or in one piece. `reply` is
 * the model.
 *
 * Calls have no id here: a result answers the first call that is still open.
 *
 * @example
 * ```ts
 * const server = await startOllamaServer({ reply: () => ({ text: "Hello." }) });
 * const model = new ChatOllama({ model: "qwen3", baseUrl: server.baseUrl });
 * ```
 * @see https://docs.ollama.com/api/chat
 */
export function startOllamaServer({ reply }: { reply: Planner }): Promise<WireServer> {
  return startLoopback({
    basePath: "",
    async answer({ path, body }) {
      if (path !== "/api/chat") throw new Refusal(404, "404 page not found");
      return answerChat(reply, body);
    },
    describe: ({ message }) => ({ error: message }),
  });
}

async function answerChat(reply: Planner, received: JsonObject): Promise<WireAnswer> {
  const body = parseBody(
    chatBody,
    received,
    ({ path, message }) =>
      new Refusal(400, `json: cannot unmarshal into Go struct field ChatRequest.${path}: ${message}`),
  );
  const planned = await reply(readTurn(body));
  const base = { model: body.model, created_at: new Date().toISOString() };
  const calls = ("toolCalls" in planned ? planned.toolCalls : []).map(({ name, args }) => ({
    function: { name, arguments: args },
  }));
  const text = "text" in planned ? planned.text : "";
  const end = {
    ...base,
    done: true,
    done_reason: "stop",
    total_duration: 5_000_000,
    prompt_eval_count: 10,
    eval_count: 5,
  };
  // Ollama streams unless told not to.
  const lines =
    body.stream === false
      ? [
          {
            ...end,
            message: { role: "assistant", content: text, ...(calls.length > 0 && { tool_calls: calls }) },
          },
        ]
      : [
          ...pieces(text).map((content) => ({
            ...base,
            message: { role: "assistant", content },
            done: false,
          })),
          ...calls.map((call) => ({
            ...base,
            message: { role: "assistant", content: "", tool_calls: [call] },
            done: false,
          })),
          { ...end, message: { role: "assistant", content: "" } },
        ];
  return {
    contentType: body.stream === false ? "application/json" : "application/x-ndjson",
    chunks: lines.map((line) => `${JSON.stringify(line)}\n`),
  };
}

function readTurn(body: ChatBody): Turn {
  const conversation = new Conversation();
  body.messages.forEach(({ role, content = "", tool_calls: calls = [] }, index) => {
    if (role === "assistant")
      conversation.answer(
        content,
        calls.map(({ function: { name, arguments: args } }, position) => ({
          id: `${index}.${position}`,
          name,
          args,
        })),
      );
    else if (role !== "tool") conversation.say(role, content);
    else if (!conversation.result(conversation.openCalls[0] ?? "", content))
      throw new Refusal(400, `messages.${index}: a message of a tool, but no call is open`);
  });
  return {
    messages: conversation.messages,
    tools: (body.tools ?? []).map(({ function: { name, description = "", parameters = {} } }) => ({
      name,
      description,
      schema: parameters,
    })),
  };
}
