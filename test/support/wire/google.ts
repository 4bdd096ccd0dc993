import { randomUUID } from "node:crypto";
import * as z from "zod";
import { Conversation } from "./conversation.js";
import { senselessParts, unreadableParts } from "./google-schema.js";
import {
  json,
  pieces,
  startLoopback,
  type JsonObject,
  type WireAnswer,
  type WireServer,
} from "./loopback.js";
import { parseBody, type BodyFault } from "./parse-body.js";
import { Refusal } from "./refusal.js";
import type { NormalisedTool, Planner, Turn } from "./turn.js";

const anyObject = z.record(z.string(), z.unknown());

const part = z.strictObject({
  text: z.string().optional(),
  functionCall: z.strictObject({ id: z.string().optional(), name: z.string(), args: anyObject }).optional(),
  functionResponse: z
    .strictObject({ id: z.string().optional(), name: z.string(), response: anyObject })
    .optional(),
  thoughtSignature: z.string().optional(),
});

const generateBody = z.strictObject({
  contents: z
    .array(
      z.strictObject({
        role: z.enum(["user", "model"], "Please use a valid role: user, model."),
        parts: z.array(part).min(1, "contents.parts must not be empty."),
      }),
    )
    .min(1, "contents is not specified"),
  systemInstruction: z.strictObject({ role: z.string().optional(), parts: z.array(part) }).optional(),
  tools: z
    .array(
      z.strictObject({
        functionDeclarations: z.array(
          z.strictObject({
            name: z.string(),
            description: z.string().optional(),
            parameters: anyObject.optional(),
          }),
        ),
      }),
    )
    .optional(),
  toolConfig: anyObject.optional(),
  generationConfig: anyObject.optional(),
  safetySettings: z.array(anyObject).optional(),
  cachedContent: z.string().optional(),
});

type GenerateBody = z.infer<typeof generateBody>;

/**
 * A server of Gemini's wire format on loopback: `generateContent` and `streamGenerateContent`. `reply` is
 * the model.
 *
 * As the real one, it refuses a whole request for one tool whose name begins with a digit, for one keyword
 * outside its dialect of JSON Schema, and for results of calls that do not come all in one content.
 *
 * @example
 * ```ts
 * const server = await startGoogleServer({ reply: () => ({ text: "Hello." }) });
 * const model = new ChatGoogleGenerativeAI({ model: "gemini-2.5-flash", apiKey: "k", baseUrl: server.baseUrl });
 * ```
 * @see https://ai.google.dev/api/generate-content
 */
export function startGoogleServer({ reply }: { reply: Planner }): Promise<WireServer> {
  return startLoopback({
    basePath: "",
    async answer({ path, headers, body }) {
      const route =
        /^\/v1(?:beta)?\/models\/([\w.-]+):(generateContent|streamGenerateContent\?alt=sse)$/.exec(path);
      if (route === null) throw new Refusal(404, `Not found: ${path}`, { status: "NOT_FOUND" });
      if (headers["x-goog-api-key"] === undefined)
        throw new Refusal(403, "Method doesn't allow unregistered callers.", { status: "PERMISSION_DENIED" });
      return answerGenerate(reply, body, { model: route[1]!, stream: route[2] !== "generateContent" });
    },
    describe: ({ status, message, detail }) => ({
      error: { code: status, message, status: "INVALID_ARGUMENT", ...detail },
    }),
  });
}

async function answerGenerate(
  reply: Planner,
  received: JsonObject,
  { model, stream }: { model: string; stream: boolean },
): Promise<WireAnswer> {
  const body = parseBody(generateBody, received, invalidArgument);
  const planned = await reply(readTurn(body));
  const parts =
    "text" in planned
      ? (stream ? pieces(planned.text) : [planned.text]).map((text) => ({ text }))
      : planned.toolCalls.map(({ name, args }) => ({ functionCall: { name, args } }));
  const responseId = randomUUID();
  const response = (contentParts: readonly object[], finished: boolean) => ({
    candidates: [
      {
        content: { parts: contentParts, role: "model" },
        ...(finished && { finishReason: "STOP" }),
        index: 0,
      },
    ],
    usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 },
    modelVersion: model,
    responseId,
  });
  if (!stream) return json(response(parts, true));
  return {
    contentType: "text/event-stream",
    chunks: parts.map(
      (each, index) => `data: ${JSON.stringify(response([each], index === parts.length - 1))}\r\n\r\n`,
    ),
  };
}

function readTurn(body: GenerateBody): Turn {
  const conversation = new Conversation();
  const tools = readTools(body);
  if (body.systemInstruction !== undefined) conversation.say("system", plain(body.systemInstruction.parts));
  let previous: "user" | "model" | "results" | undefined;
  body.contents.forEach(({ role, parts }, index) => {
    const calls = parts.flatMap(({ functionCall }) => functionCall ?? []);
    const results = parts.flatMap(({ functionResponse }) => functionResponse ?? []);
    const { openCalls } = conversation;
    if (openCalls.length > 0 && results.length !== openCalls.length)
      throw new Refusal(
        400,
        "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.",
      );
    if (openCalls.length === 0 && results.length > 0)
      throw new Refusal(
        400,
        "Please ensure that function response turn comes immediately after a function call turn.",
      );
    if (calls.length > 0 && previous !== "user" && previous !== "results")
      throw new Refusal(
        400,
        "Please ensure that function call turn comes immediately after a user turn or after a function response turn.",
      );
    // Gemini's calls have no id: results are told apart by their order.
    results.forEach(({ response }, position) =>
      conversation.result(openCalls[position]!, resultText(response)),
    );
    if (role === "model")
      conversation.answer(
        plain(parts),
        calls.map(({ name, args }, position) => ({ id: `${index}.${position}`, name, args })),
      );
    else if (results.length === 0) conversation.say("user", plain(parts));
    previous = results.length > 0 ? "results" : role;
  });
  if (conversation.openCalls.length > 0)
    throw new Refusal(400, "Please ensure that function call turn is followed by a function response turn.");
  return { messages: conversation.messages, tools };
}

function readTools(body: GenerateBody): NormalisedTool[] {
  const declared = (body.tools ?? []).flatMap(({ functionDeclarations }, outer) =>
    functionDeclarations.map((declaration, inner) => ({
      ...declaration,
      place: `tools[${outer}].function_declarations[${inner}]`,
    })),
  );
  const unreadable = declared.flatMap(({ parameters, place }) =>
    parameters === undefined ? [] : unreadableParts(parameters, `${place}.parameters`),
  );
  if (unreadable.length > 0) throw new Refusal(400, unreadable.join("\n"));
  const senseless = declared.flatMap(({ name, parameters, place }) => [
    ...(/^[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}$/.test(name)
      ? []
      : [
          `${place}.name: [FIELD_INVALID] Invalid function name. Must start with a letter or an underscore. Must be a-z, A-Z, 0-9, ` +
            "or contain underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 64.",
        ]),
    ...(parameters === undefined ? [] : senselessParts(parameters, `${place}.parameters`)),
  ]);
  if (senseless.length > 0)
    throw new Refusal(
      400,
      `The GenerateContentRequest proto is invalid:\n${senseless.map((fault) => `  * ${fault}`).join("\n")}`,
    );
  return declared.map(({ name, description = "", parameters = {} }) => ({
    name,
    description,
    schema: parameters,
  }));
}

// LangChain's client wraps what a tool returned in one of these two ways; Gemini takes any object.
function resultText(response: JsonObject): string {
  const { result, error } = response as { result?: unknown; error?: { details?: unknown } };
  const text = result ?? error?.details;
  return typeof text === "string" ? text : JSON.stringify(response);
}

function plain(parts: readonly z.infer<typeof part>[]): string {
  return parts.map(({ text = "" }) => text).join("");
}

function invalidArgument({ path, message, unknownKeys: [unknownKey] }: BodyFault): Refusal {
  if (unknownKey === undefined) return new Refusal(400, `Invalid value at '${path}': ${message}`);
  return new Refusal(
    400,
    `Invalid JSON payload received. Unknown name "${unknownKey}" at '${path}': Cannot find field.`,
  );
}
