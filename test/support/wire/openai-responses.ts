import { randomUUID } from "node:crypto";
import * as z from "zod";
import { Conversation } from "./conversation.js";
import { json, pieces, type JsonObject, type StreamEvent, type WireAnswer } from "./loopback.js";
import { newCallId, parseArguments } from "./openai-chat.js";
import { checkFunctions, functionFields, invalidRequest } from "./openai-tools.js";
import { parseBody } from "./parse-body.js";
import { Refusal } from "./refusal.js";
import type { NormalisedToolCall, Planner, Turn } from "./turn.js";

const inputPart = z.object({ type: z.literal("input_text"), text: z.string() });
const outputPart = z.object({ type: z.literal("output_text"), text: z.string() });

const inputItem = z.union([
  z.object({
    type: z.literal("message").optional(),
    role: z.enum(["system", "developer", "user"]),
    content: z.union([z.string(), z.array(inputPart).min(1)]),
  }),
  z.object({
    type: z.literal("message").optional(),
    role: z.literal("assistant"),
    id: z.string().startsWith("msg", "Expected an ID that begins with 'msg'").optional(),
    content: z.union([z.string(), z.array(outputPart)]),
  }),
  z.object({
    type: z.literal("function_call"),
    id: z.string().startsWith("fc", "Expected an ID that begins with 'fc'").optional(),
    call_id: z.string(),
    name: z.string(),
    arguments: z.string(),
  }),
  z.object({
    type: z.literal("function_call_output"),
    call_id: z.string(),
    output: z.union([z.string(), z.array(inputPart)]),
  }),
]);

const responsesBody = z.looseObject({
  model: z.string(),
  input: z.union([z.string(), z.array(inputItem).min(1)]),
  tools: z.array(z.strictObject({ type: z.literal("function"), ...functionFields })).optional(),
  stream: z.boolean().nullish(),
});

type ResponsesBody = z.infer<typeof responsesBody>;

/** `POST /v1/responses`, streaming and not. */
export async function answerResponses(reply: Planner, received: JsonObject): Promise<WireAnswer> {
  const body = parseBody(responsesBody, received, invalidRequest);
  const planned = await reply(readTurn(body));
  const output: OutputItem[] =
    "text" in planned
      ? [
          {
            type: "message",
            id: `msg_${randomUUID().replaceAll("-", "")}`,
            status: "completed",
            role: "assistant",
            content: [{ type: "output_text", text: planned.text, annotations: [], logprobs: [] }],
          },
        ]
      : planned.toolCalls.map(({ name, args }) => ({
          type: "function_call",
          id: `fc_${randomUUID().replaceAll("-", "")}`,
          status: "completed",
          call_id: newCallId(),
          name,
          arguments: JSON.stringify(args),
        }));
  const response = {
    id: `resp_${randomUUID().replaceAll("-", "")}`,
    object: "response",
    created_at: Math.floor(Date.now() / 1000),
    error: null,
    incomplete_details: null,
    instructions: null,
    metadata: {},
    model: body.model,
    parallel_tool_calls: true,
    tool_choice: "auto",
    tools: body.tools ?? [],
  };
  const completed = {
    ...response,
    status: "completed",
    output,
    usage: {
      input_tokens: 10,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 5,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 15,
    },
  };
  if (body.stream !== true) return json(completed);

  const started = { ...response, status: "in_progress", output: [], usage: null };
  const events = [
    { type: "response.created", response: started },
    { type: "response.in_progress", response: started },
    ...output.flatMap(itemEvents),
    { type: "response.completed", response: completed },
  ];
  return {
    contentType: "text/event-stream",
    chunks: events.map(
      (event, index) =>
        `event: ${event.type}\ndata: ${JSON.stringify({ ...event, sequence_number: index })}\n\n`,
    ),
  };
}

type OutputItem =
  | {
      type: "message";
      id: string;
      status: string;
      role: "assistant";
      content: [{ type: "output_text"; text: string; annotations: []; logprobs: [] }];
    }
  | { type: "function_call"; id: string; status: string; call_id: string; name: string; arguments: string };

function itemEvents(item: OutputItem, index: number): StreamEvent[] {
  const place = { item_id: item.id, output_index: index };
  const added = { type: "response.output_item.added", output_index: index };
  const done = { type: "response.output_item.done", output_index: index, item };
  if (item.type === "function_call")
    return [
      { ...added, item: { ...item, status: "in_progress", arguments: "" } },
      ...pieces(item.arguments).map((delta) => ({
        type: "response.function_call_arguments.delta",
        ...place,
        delta,
      })),
      {
        type: "response.function_call_arguments.done",
        ...place,
        name: item.name,
        arguments: item.arguments,
      },
      done,
    ];
  const [part] = item.content;
  const inPart = { ...place, content_index: 0 };
  return [
    { ...added, item: { ...item, status: "in_progress", content: [] } },
    { type: "response.content_part.added", ...inPart, part: { ...part, text: "" } },
    ...pieces(part.text).map((delta) => ({
      type: "response.output_text.delta",
      ...inPart,
      delta,
      logprobs: [],
    })),
    { type: "response.output_text.done", ...inPart, text: part.text, logprobs: [] },
    { type: "response.content_part.done", ...inPart, part },
    done,
  ];
}

function readTurn(body: ResponsesBody): Turn {
  const conversation = new Conversation();
  const items =
    typeof body.input === "string" ? [{ role: "user" as const, content: body.input }] : body.input;
  // The calls of one turn are items of their own here; elsewhere they are parts of one message.
  let calls: NormalisedToolCall[] = [];
  const closeCalls = () => {
    if (calls.length > 0) conversation.answer("", calls);
    calls = [];
  };
  items.forEach((item, index) => {
    if ("arguments" in item) {
      calls.push({
        id: item.call_id,
        name: item.name,
        args: parseArguments(item.arguments, `input[${index}].arguments`),
      });
      return;
    }
    closeCalls();
    if ("output" in item) {
      if (!conversation.result(item.call_id, plain(item.output)))
        throw new Refusal(400, `No tool call found for function call output with call_id ${item.call_id}.`, {
          param: "input",
        });
      return;
    }
    if (item.role === "assistant") conversation.answer(plain(item.content), []);
    else conversation.say(item.role === "user" ? "user" : "system", plain(item.content));
  });
  closeCalls();
  const [open] = conversation.openCalls;
  if (open !== undefined)
    throw new Refusal(400, `No tool output found for function call ${open}.`, { param: "input" });
  const tools = checkFunctions(
    (body.tools ?? []).map(({ name, description, parameters }, index) => ({
      place: `tools[${index}]`,
      name,
      description,
      parameters,
    })),
  );
  return { messages: conversation.messages, tools };
}

function plain(value: string | readonly { text: string }[]): string {
  return typeof value === "string" ? value : value.map((part) => part.text).join("");
}
