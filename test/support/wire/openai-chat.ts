import { randomUUID } from "node:crypto";
import * as z from "zod";
import { Conversation } from "./conversation.js";
import { json, pieces, type JsonObject, type WireAnswer } from "./loopback.js";
import { checkFunctions, functionFields, invalidRequest } from "./openai-tools.js";
import { parseBody } from "./parse-body.js";
import { Refusal } from "./refusal.js";
import type { Planner, Turn } from "./turn.js";

const content = z.union([
  z.string(),
  z.array(z.object({ type: z.literal("text"), text: z.string() })).min(1),
]);

const chatBody = z.looseObject({
  model: z.string(),
  messages: z
    .array(
      z.discriminatedUnion("role", [
        z.object({ role: z.enum(["system", "developer", "user"]), content }),
        z.object({
          role: z.literal("assistant"),
          content: content.nullish(),
          tool_calls: z
            .array(
              z.object({
                id: z.string(),
                type: z.literal("function"),
                function: z.object({ name: z.string(), arguments: z.string() }),
              }),
            )
            .optional(),
        }),
        z.object({ role: z.literal("tool"), content, tool_call_id: z.string() }),
      ]),
    )
    .min(1),
  tools: z
    .array(z.strictObject({ type: z.literal("function"), function: z.strictObject(functionFields) }))
    .optional(),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().optional() }).nullish(),
});

type ChatBody = z.infer<typeof chatBody>;

/** `POST /v1/chat/completions`, streaming and not. */
export async function answerChat(reply: Planner, received: JsonObject): Promise<WireAnswer> {
  const body = parseBody(chatBody, received, invalidRequest);
  const planned = await reply(readTurn(body));
  const text = "text" in planned ? planned.text : null;
  const toolCalls = "toolCalls" in planned ? planned.toolCalls : [];
  const calls = toolCalls.map(({ name, args }) => ({
    id: newCallId(),
    type: "function",
    function: { name, arguments: JSON.stringify(args) },
  }));
  const base = {
    id: `chatcmpl-${randomUUID()}`,
    created: Math.floor(Date.now() / 1000),
    model: body.model,
    system_fingerprint: null,
  };
  const finishReason = calls.length > 0 ? "tool_calls" : "stop";
  const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };

  if (body.stream !== true) {
    const message = {
      role: "assistant",
      content: text,
      refusal: null,
      ...(calls.length > 0 && { tool_calls: calls }),
    };
    const choices = [{ index: 0, message, logprobs: null, finish_reason: finishReason }];
    return json({ ...base, object: "chat.completion", choices, usage });
  }

  const frame = (delta: object, finish: string | null = null) => ({
    ...base,
    object: "chat.completion.chunk",
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
  });
  const frames = [
    frame({ role: "assistant", content: text === null ? null : "", refusal: null }),
    ...pieces(text ?? "").map((piece) => frame({ content: piece })),
    ...calls.flatMap((call, index) => [
      frame({ tool_calls: [{ index, ...call, function: { name: call.function.name, arguments: "" } }] }),
      ...pieces(call.function.arguments).map((piece) =>
        frame({ tool_calls: [{ index, function: { arguments: piece } }] }),
      ),
    ]),
    frame({}, finishReason),
    ...(body.stream_options?.include_usage === true
      ? [{ ...base, object: "chat.completion.chunk", choices: [], usage }]
      : []),
  ];
  return {
    contentType: "text/event-stream",
    chunks: [...frames.map((each) => `data: ${JSON.stringify(each)}\n\n`), "data: [DONE]\n\n"],
  };
}

/** A new id for a call of both of OpenAI's APIs. */
export function newCallId(): string {
  return `call_${randomUUID().replaceAll("-", "").slice(0, 24)}`;
}

/** A call's arguments, which OpenAI sends and takes back as JSON text. */
export function parseArguments(text: string, param: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
  } catch {
    // Refused below, together with JSON that is not an object.
  }
  throw new Refusal(
    400,
    `Invalid '${param}': the arguments must be the text of a JSON object, got ${JSON.stringify(text)}.`,
    { param },
  );
}

function readTurn(body: ChatBody): Turn {
  const conversation = new Conversation();
  body.messages.forEach((message, index) => {
    if (message.role === "tool") {
      if (!conversation.result(message.tool_call_id, plain(message.content)))
        throw new Refusal(
          400,
          "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
          { param: `messages.[${index}].role` },
        );
      return;
    }
    refuseOpenCalls(conversation, index);
    if (message.role !== "assistant") {
      conversation.say(message.role === "user" ? "user" : "system", plain(message.content));
      return;
    }
    const calls = message.tool_calls ?? [];
    if (calls.length === 0 && (message.content ?? null) === null)
      throw new Refusal(400, `Invalid value for 'messages[${index}].content': expected a string, got null.`);
    conversation.answer(
      plain(message.content ?? ""),
      calls.map((call, position) => ({
        id: call.id,
        name: call.function.name,
        args: parseArguments(
          call.function.arguments,
          `messages[${index}].tool_calls[${position}].function.arguments`,
        ),
      })),
    );
  });
  refuseOpenCalls(conversation, body.messages.length);
  const tools = checkFunctions(
    (body.tools ?? []).map(({ function: { name, description, parameters } }, index) => ({
      place: `tools[${index}].function`,
      name,
      description,
      parameters,
    })),
  );
  return { messages: conversation.messages, tools };
}

function refuseOpenCalls(conversation: Conversation, index: number): void {
  if (conversation.openCalls.length > 0)
    throw new Refusal(
      400,
      "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. " +
        `The following tool_call_ids did not have response messages: ${conversation.openCalls.join(", ")}`,
      { param: `messages.[${index}].role` },
    );
}

function plain(value: z.infer<typeof content>): string {
  return typeof value === "string" ? value : value.map((part) => part.text).join("");
}
