import { randomUUID } from "node:crypto";
import * as z from "zod";
import { Conversation } from "./conversation.js";
import {
  json,
  pieces,
  startLoopback,
  type JsonObject,
  type StreamEvent,
  type WireAnswer,
  type WireServer,
} from "./loopback.js";
import { parseBody, type BodyFault } from "./parse-body.js";
import { Refusal } from "./refusal.js";
import type { NormalisedTool, Planner, Turn } from "./turn.js";

const textBlock = z.object({
  type: z.literal("text"),
  text: z.string().min(1, "text content blocks must be non-empty"),
});
const toolUseBlock = z.object({
  type: z.literal("tool_use"),
  id: z.string().regex(/^[a-zA-Z0-9_-]+$/, "String should match pattern '^[a-zA-Z0-9_-]+$'"),
  name: z.string(),
  input: z.record(z.string(), z.unknown()),
});
const toolResultBlock = z.object({
  type: z.literal("tool_result"),
  tool_use_id: z.string(),
  content: z.union([z.string(), z.array(textBlock)]).optional(),
  is_error: z.boolean().optional(),
});

const messagesBody = z.looseObject({
  model: z.string(),
  max_tokens: z.int().min(1),
  system: z.union([z.string(), z.array(textBlock)]).optional(),
  messages: z
    .array(
      z.discriminatedUnion("role", [
        z.strictObject({
          role: z.literal("user"),
          content: z.union([
            z.string(),
            z.array(z.discriminatedUnion("type", [textBlock, toolResultBlock])).min(1),
          ]),
        }),
        z.strictObject({
          role: z.literal("assistant"),
          content: z.union([z.string(), z.array(z.discriminatedUnion("type", [textBlock, toolUseBlock]))]),
        }),
      ]),
    )
    .min(1, "at least one message is required"),
  tools: z
    .array(
      z.strictObject({
        name: z
          .string()
          .regex(/^[a-zA-Z0-9_-]{1,128}$/, "String should match pattern '^[a-zA-Z0-9_-]{1,128}$'"),
        description: z.string().optional(),
        input_schema: z.record(z.string(), z.unknown()),
      }),
    )
    .optional(),
  stream: z.boolean().optional(),
});

type MessagesBody = z.infer<typeof messagesBody>;

/**
 * A server of Anthropic's wire format on loopback: messages, streaming and not. `reply` is the model.
 *
 * @example
 * ```ts
 * const server = await startAnthropicServer({ reply: () => ({ text: "Hello." }) });
 * const model = new ChatAnthropic({ model: "claude-sonnet-4-5", apiKey: "k", anthropicApiUrl: server.baseUrl });
 * ```
 * @see https://docs.claude.com/en/api/messages
 */
export function startAnthropicServer({ reply }: { reply: Planner }): Promise<WireServer> {
  return startLoopback({
    basePath: "",
    async answer({ path, headers, body }) {
      if (path !== "/v1/messages") throw new Refusal(404, "Not Found", { type: "not_found_error" });
      if (headers["x-api-key"] === undefined)
        throw new Refusal(401, "x-api-key header is required", { type: "authentication_error" });
      if (headers["anthropic-version"] === undefined)
        throw new Refusal(400, "anthropic-version: header is required");
      return answerMessages(reply, body);
    },
    describe: ({ message, detail }) => ({
      type: "error",
      error: { type: "invalid_request_error", ...detail, message },
    }),
  });
}

async function answerMessages(reply: Planner, received: JsonObject): Promise<WireAnswer> {
  const body = parseBody(messagesBody, received, invalidRequest);
  const planned = await reply(readTurn(body));
  const blocks =
    "text" in planned
      ? [{ type: "text" as const, text: planned.text }]
      : planned.toolCalls.map(({ name, args }) => ({
          type: "tool_use" as const,
          id: `toolu_${randomUUID().replaceAll("-", "").slice(0, 24)}`,
          name,
          input: args,
        }));
  const stopReason = "text" in planned ? "end_turn" : "tool_use";
  const message = {
    id: `msg_${randomUUID().replaceAll("-", "").slice(0, 24)}`,
    type: "message",
    role: "assistant",
    model: body.model,
    content: blocks,
    stop_reason: stopReason,
    stop_sequence: null,
    usage: { input_tokens: 10, output_tokens: 5 },
  };
  if (body.stream !== true) return json(message);

  const events: StreamEvent[] = [
    {
      type: "message_start",
      message: { ...message, content: [], stop_reason: null, usage: { input_tokens: 10, output_tokens: 1 } },
    },
    { type: "ping" },
    ...blocks.flatMap((block, index) => blockEvents(block, index)),
    {
      type: "message_delta",
      delta: { stop_reason: stopReason, stop_sequence: null },
      usage: { output_tokens: 5 },
    },
    { type: "message_stop" },
  ];
  return {
    contentType: "text/event-stream",
    chunks: events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`),
  };
}

function blockEvents(
  block: { type: "text"; text: string } | { type: "tool_use"; id: string; name: string; input: object },
  index: number,
): StreamEvent[] {
  const [empty, deltas] =
    block.type === "text"
      ? [{ ...block, text: "" }, pieces(block.text).map((text) => ({ type: "text_delta", text }))]
      : [
          { ...block, input: {} },
          pieces(JSON.stringify(block.input)).map((part) => ({
            type: "input_json_delta",
            partial_json: part,
          })),
        ];
  return [
    { type: "content_block_start", index, content_block: empty },
    ...deltas.map((delta) => ({ type: "content_block_delta", index, delta })),
    { type: "content_block_stop", index },
  ];
}

function readTurn(body: MessagesBody): Turn {
  const conversation = new Conversation();
  if (body.system !== undefined) conversation.say("system", plain(body.system));
  body.messages.forEach(({ role, content }, index) => {
    const blocks = typeof content === "string" ? [{ type: "text" as const, text: content }] : content;
    const texts: string[] = [];
    blocks.forEach((block, position) => {
      if (block.type === "tool_result") {
        if (!conversation.result(block.tool_use_id, plain(block.content ?? "")))
          throw new Refusal(
            400,
            `messages.${index}.content.${position}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ` +
              `${block.tool_use_id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
          );
        return;
      }
      // Results come before anything else in the message that follows the calls.
      refuseOpenCalls(conversation, index);
      if (block.type === "text") texts.push(block.text);
    });
    refuseOpenCalls(conversation, index);
    if (role === "assistant")
      conversation.answer(
        texts.join(""),
        blocks.flatMap((block) =>
          block.type === "tool_use" ? [{ id: block.id, name: block.name, args: block.input }] : [],
        ),
      );
    else if (texts.length > 0) conversation.say("user", texts.join(""));
  });
  refuseOpenCalls(conversation, body.messages.length);
  return { messages: conversation.messages, tools: readTools(body) };
}

function refuseOpenCalls(conversation: Conversation, index: number): void {
  if (conversation.openCalls.length > 0)
    throw new Refusal(
      400,
      `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ` +
        `${conversation.openCalls.join(", ")}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
    );
}

function readTools(body: MessagesBody): NormalisedTool[] {
  const names = new Set<string>();
  return (body.tools ?? []).map(({ name, description = "", input_schema: schema }, index) => {
    const place = `tools.${index}.custom.input_schema`;
    if (names.has(name)) throw new Refusal(400, "tools: Tool names must be unique.");
    names.add(name);
    if (schema.type !== "object") throw new Refusal(400, `${place}.type: Input should be 'object'`);
    if (["oneOf", "allOf", "anyOf"].some((keyword) => keyword in schema))
      throw new Refusal(
        400,
        `${place}: input_schema does not support oneOf, allOf, or anyOf at the top level`,
      );
    if (Object.keys(schema.properties ?? {}).some((key) => !/^[a-zA-Z0-9_.-]{1,64}$/.test(key)))
      throw new Refusal(
        400,
        `${place}.properties: Property keys should match pattern '^[a-zA-Z0-9_.-]{1,64}$'`,
      );
    return { name, description, schema };
  });
}

function plain(value: string | readonly { text: string }[]): string {
  return typeof value === "string" ? value : value.map((block) => block.text).join("");
}

function invalidRequest({ path, message, unknownKeys: [unknownKey] }: BodyFault): Refusal {
  // Anthropic writes `tools.0.custom.name` where others write `tools[0].name`.
  const place = path.replace(/\[(\d+)\]/g, ".$1").replace(/^(tools\.\d+)/, "$1.custom");
  if (unknownKey === undefined) return new Refusal(400, `${place}: ${message}`);
  return new Refusal(400, `${place === "" ? "" : `${place}.`}${unknownKey}: Extra inputs are not permitted`);
}
