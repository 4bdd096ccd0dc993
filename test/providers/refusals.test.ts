import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startAnthropicServer } from "../support/wire/anthropic.js";
import { startGoogleServer } from "../support/wire/google.js";
import type { JsonObject, WireServer } from "../support/wire/loopback.js";
import { startOllamaServer } from "../support/wire/ollama.js";
import { startOpenAIServer } from "../support/wire/openai.js";

/** What one of the real APIs refuses, and words of its refusal. A `body` is laid over one that is taken. */
interface Case {
  readonly rule: string;
  readonly body: JsonObject;
  readonly says: string;
}

const object = (properties: JsonObject, more: JsonObject = {}) => ({ type: "object", properties, ...more });
const id = object({ id: { type: "string" } }, { required: ["id"] });

const chatTool = (definition: JsonObject) => ({
  tools: [{ type: "function", function: { name: "get", description: "", parameters: id, ...definition } }],
});
const chatCall = (args: unknown) => ({
  role: "assistant",
  content: null,
  tool_calls: [{ id: "call_1", type: "function", function: { name: "get", arguments: args } }],
});
const user = { role: "user", content: "Please help." };

const chat: Case[] = [
  {
    rule: "a name with a dot",
    body: chatTool({ name: "users.get" }),
    says: "Invalid 'tools[0].function.name': string does not match pattern",
  },
  {
    rule: "a name of 65 characters",
    body: chatTool({ name: "n".repeat(65) }),
    says: "maximum length 64, but got a string with length 65",
  },
  {
    rule: "a description of 1,025 characters",
    body: chatTool({ description: "d".repeat(1025) }),
    says: "Invalid 'tools[0].function.description': string too long. Expected a string with maximum length 1024",
  },
  {
    rule: "a field that a function does not have",
    body: chatTool({ extras: {} }),
    says: "Unknown parameter: 'tools[0].function.extras'.",
  },
  {
    rule: "parameters that are no object",
    body: chatTool({ parameters: { type: "string" } }),
    says: `Invalid schema for function 'get': schema must be a JSON Schema of 'type: "object"'`,
  },
  {
    rule: "composition at the top of the parameters",
    body: chatTool({ parameters: { ...id, anyOf: [] } }),
    says: "not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level",
  },
  {
    rule: "an array that does not say of what",
    body: chatTool({ parameters: object({ emails: { anyOf: [{ type: "null" }, { type: "array" }] } }) }),
    says: "In context=('properties', 'emails', '1'), array schema missing items.",
  },
  {
    rule: "129 tools",
    body: { tools: Array.from({ length: 129 }, () => chatTool({}).tools[0]) },
    says: "maximum length 128, but got an array with length 129",
  },
  {
    rule: "a result of a call that nobody made",
    body: { messages: [user, { role: "tool", tool_call_id: "call_1", content: "" }] },
    says: "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'",
  },
  {
    rule: "a second result of one call",
    body: {
      messages: [
        user,
        chatCall("{}"),
        { role: "tool", tool_call_id: "call_1", content: "" },
        { role: "tool", tool_call_id: "call_1", content: "" },
      ],
    },
    says: "messages with role 'tool' must be a response",
  },
  {
    rule: "a call without a result",
    body: { messages: [user, chatCall("{}")] },
    says: "The following tool_call_ids did not have response messages: call_1",
  },
  {
    rule: "a question between a call and its result",
    body: { messages: [user, chatCall("{}"), user, { role: "tool", tool_call_id: "call_1", content: "" }] },
    says: "The following tool_call_ids did not have response messages: call_1",
  },
  {
    rule: "arguments that are not text",
    body: { messages: [user, chatCall({ id: "1" })] },
    says: "Invalid value for 'messages[1].tool_calls[0].function.arguments'",
  },
  {
    rule: "arguments that are not JSON",
    body: { messages: [user, chatCall("{id")] },
    says: "must be the text of a JSON object",
  },
  { rule: "no message", body: { messages: [] }, says: "Invalid value for 'messages'" },
];

const call = { type: "function_call", id: "fc_1", call_id: "call_1", name: "get", arguments: "{}" };
const output = { type: "function_call_output", call_id: "call_1", output: "" };

const responses: Case[] = [
  {
    rule: "a function as chat completions has it",
    body: chatTool({}),
    says: "Invalid value for 'tools[0].name'",
  },
  {
    rule: "a description of 1,025 characters",
    body: { tools: [{ type: "function", name: "get", description: "d".repeat(1025), parameters: id }] },
    says: "Invalid 'tools[0].description': string too long",
  },
  {
    rule: "an output of a call that nobody made",
    body: { input: [user, output] },
    says: "No tool call found for function call output with call_id call_1.",
  },
  {
    rule: "a call without an output",
    body: { input: [user, call] },
    says: "No tool output found for function call call_1.",
  },
  {
    rule: "the id of a call where the id of an item belongs",
    body: { input: [user, { ...call, id: "call_1" }, output] },
    says: "Expected an ID that begins with 'fc'",
  },
];

const claudeTool = (definition: JsonObject) => ({
  tools: [{ name: "get", input_schema: id, ...definition }],
});
const use = (more: JsonObject = {}) => ({
  role: "assistant",
  content: [{ type: "tool_use", id: "toolu_1", name: "get", input: {}, ...more }],
});
const result = { type: "tool_result", tool_use_id: "toolu_1", content: "" };

const anthropic: Case[] = [
  {
    rule: "a name of 129 characters",
    body: claudeTool({ name: "n".repeat(129) }),
    says: "tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'",
  },
  {
    rule: "two tools of one name",
    body: { tools: [...claudeTool({}).tools, ...claudeTool({}).tools] },
    says: "tools: Tool names must be unique.",
  },
  {
    rule: "a field that a tool does not have",
    body: claudeTool({ parameters: {} }),
    says: "tools.0.custom.parameters: Extra inputs are not permitted",
  },
  {
    rule: "composition at the top of the schema",
    body: claudeTool({ input_schema: { ...id, oneOf: [] } }),
    says: "input_schema does not support oneOf, allOf, or anyOf at the top level",
  },
  {
    rule: "a property's name with brackets",
    body: claudeTool({ input_schema: object({ "filter[email]": { type: "string" } }) }),
    says: "tools.0.custom.input_schema.properties: Property keys should match pattern",
  },
  {
    rule: "a schema of something else than an object",
    body: claudeTool({ input_schema: { type: "array" } }),
    says: "tools.0.custom.input_schema.type: Input should be 'object'",
  },
  {
    rule: "a use without a result",
    body: { messages: [user, use()] },
    says: "`tool_use` ids were found without `tool_result` blocks immediately after: toolu_1",
  },
  {
    rule: "words before the result of a use",
    body: {
      messages: [user, use(), { role: "user", content: [{ type: "text", text: "Well." }, result] }],
    },
    says: "`tool_use` ids were found without `tool_result` blocks immediately after: toolu_1",
  },
  {
    rule: "a result of a use that nobody made",
    body: { messages: [{ role: "user", content: [result] }] },
    says: "unexpected `tool_use_id` found in `tool_result` blocks: toolu_1",
  },
  {
    rule: "input that is text",
    body: { messages: [user, use({ input: "{}" })] },
    says: "messages.1.content.0.input",
  },
  {
    rule: "an empty text",
    body: { messages: [{ role: "user", content: [{ type: "text", text: "" }] }] },
    says: "text content blocks must be non-empty",
  },
  { rule: "no max_tokens", body: { max_tokens: undefined }, says: "max_tokens: " },
];

const geminiTool = (declaration: JsonObject) => ({
  tools: [{ functionDeclarations: [{ name: "get", description: "", ...declaration }] }],
});
const parameters = (property: JsonObject) => geminiTool({ parameters: object({ emails: property }) });
const asked = { role: "user", parts: [{ text: "Please help." }] };
const called = { role: "model", parts: [{ functionCall: { name: "get", args: {} } }] };
const answered = { role: "user", parts: [{ functionResponse: { name: "get", response: { result: "" } } }] };
const unknown = (keyword: string, place: string) =>
  `Unknown name "${keyword}" at 'tools[0].function_declarations[0].parameters${place}': Cannot find field.`;

const google: Case[] = [
  {
    rule: "a name that begins with a digit",
    body: geminiTool({ name: "1_password_users_suspend" }),
    says: "tools[0].function_declarations[0].name: [FIELD_INVALID] Invalid function name. Must start with a letter",
  },
  {
    rule: "a name of 65 characters",
    body: geminiTool({ name: "n".repeat(65) }),
    says: "with a maximum length of 64",
  },
  {
    rule: "additionalProperties",
    body: geminiTool({ parameters: { ...id, additionalProperties: false } }),
    says: unknown("additionalProperties", ""),
  },
  {
    rule: "$schema",
    body: geminiTool({ parameters: { ...id, $schema: "https://json-schema.org/draft/2020-12/schema" } }),
    says: unknown("$schema", ""),
  },
  ...["exclusiveMinimum", "const", "oneOf", "allOf", "uniqueItems", "examples", "$ref"].map((keyword) => ({
    rule: `${keyword} in a property`,
    body: parameters({ type: "string", [keyword]: 1 }),
    says: unknown(keyword, ".properties[0].value"),
  })),
  {
    rule: "an unknown keyword within an array within a choice",
    body: parameters({ anyOf: [{ type: "array", items: { type: "string", contentEncoding: "base64" } }] }),
    says: unknown("contentEncoding", ".properties[0].value.any_of[0].items"),
  },
  {
    rule: "a list of types",
    body: parameters({ type: ["string", "null"] }),
    says: "Proto field is not repeating, cannot start list.",
  },
  { rule: "an unknown type", body: parameters({ type: "email" }), says: `v1beta.Type), "email"` },
  {
    rule: "an enumeration of numbers",
    body: parameters({ type: "string", enum: [1] }),
    says: "Invalid value at 'tools[0].function_declarations[0].parameters.properties[0].value.enum[0]' (TYPE_STRING), 1",
  },
  {
    rule: "an enumeration of something else than text",
    body: parameters({ type: "integer", enum: ["1"] }),
    says: "properties[emails].enum: only allowed for STRING type",
  },
  {
    rule: "a format of text other than enum and date-time",
    body: parameters({ type: "string", format: "email" }),
    says: "properties[emails].format: only 'enum' and 'date-time' are supported for STRING type",
  },
  {
    rule: "an array that does not say of what",
    body: parameters({ type: "array" }),
    says: "properties[emails].items: missing field.",
  },
  {
    rule: "an object without properties",
    body: parameters({ type: "object" }),
    says: "properties[emails].properties: should be non-empty for OBJECT type",
  },
  {
    rule: "properties of something else than an object",
    body: parameters({ type: "string", properties: {} }),
    says: "properties[emails].properties: only allowed for OBJECT type",
  },
  {
    rule: "a required property that is not defined",
    body: geminiTool({ parameters: { ...id, required: ["email"] } }),
    says: "parameters.required[0]: property is not defined",
  },
  {
    rule: "a field that a function does not have",
    body: geminiTool({ strict: true }),
    says: `Unknown name "strict" at 'tools[0].functionDeclarations[0]'`,
  },
  {
    rule: "fewer results than calls",
    body: { contents: [asked, { ...called, parts: [...called.parts, ...called.parts] }, answered, answered] },
    says: "number of function response parts is equal to the number of function call parts",
  },
  {
    rule: "a result of a call that nobody made",
    body: { contents: [answered] },
    says: "function response turn comes immediately after a function call turn",
  },
  {
    rule: "a call that follows nothing",
    body: { contents: [called, answered] },
    says: "function call turn comes immediately after a user turn or after a function response turn",
  },
  {
    rule: "a call without a result",
    body: { contents: [asked, called] },
    says: "function call turn is followed by a function response turn",
  },
  { rule: "no content", body: { contents: [] }, says: "contents is not specified" },
];

const ollama: Case[] = [
  {
    rule: "arguments that are text",
    body: {
      messages: [{ role: "assistant", tool_calls: [{ function: { name: "get", arguments: "{}" } }] }],
    },
    says: "json: cannot unmarshal into Go struct field ChatRequest.messages[0].tool_calls[0].function.arguments",
  },
  {
    rule: "content in parts",
    body: { messages: [{ role: "user", content: [{ type: "text", text: "" }] }] },
    says: "ChatRequest.messages[0].content",
  },
  {
    rule: "properties that are a list",
    body: {
      tools: [
        { type: "function", function: { name: "get", parameters: { type: "object", properties: [] } } },
      ],
    },
    says: "ChatRequest.tools[0].function.parameters.properties",
  },
  {
    rule: "a result of a call that nobody made",
    body: { messages: [{ role: "tool", content: "" }] },
    says: "messages.0: a message of a tool, but no call is open",
  },
];

let timesAsked = 0;
const reply = () => {
  timesAsked += 1;
  return { text: "Hello." };
};

describe.each([
  {
    api: "OpenAI chat completions",
    start: startOpenAIServer,
    path: "/chat/completions",
    headers: { authorization: "Bearer k" },
    taken: { model: "gpt-4.1", messages: [user] },
    message: (body: JsonObject) => (body.error as JsonObject).message,
    cases: chat,
  },
  {
    api: "OpenAI responses",
    start: startOpenAIServer,
    path: "/responses",
    headers: { authorization: "Bearer k" },
    taken: { model: "gpt-4.1", input: [user] },
    message: (body: JsonObject) => (body.error as JsonObject).message,
    cases: responses,
  },
  {
    api: "Anthropic messages",
    start: startAnthropicServer,
    path: "/v1/messages",
    headers: { "x-api-key": "k", "anthropic-version": "2023-06-01" },
    taken: { model: "claude-sonnet-4-5", max_tokens: 100, messages: [user] },
    message: (body: JsonObject) => (body.error as JsonObject).message,
    cases: anthropic,
  },
  {
    api: "Gemini generateContent",
    start: startGoogleServer,
    path: "/v1beta/models/gemini-2.5-flash:generateContent",
    headers: { "x-goog-api-key": "k" },
    taken: { contents: [asked] },
    message: (body: JsonObject) => (body.error as JsonObject).message,
    cases: google,
  },
  {
    api: "Ollama chat",
    start: startOllamaServer,
    path: "/api/chat",
    headers: {},
    taken: { model: "qwen3", messages: [user], stream: false },
    message: (body: JsonObject) => body.error,
    cases: ollama,
  },
])("$api", ({ start, path, headers, taken, message, cases }) => {
  let server: WireServer;
  beforeAll(async () => {
    server = await start({ reply });
  });
  afterAll(() => server.close());

  const post = (body: unknown, toPath = path, withHeaders: Record<string, string> = headers) =>
    fetch(`${server.baseUrl}${toPath}`, { method: "POST", body: JSON.stringify(body), headers: withHeaders });

  test("a plain question is answered", async () => {
    const response = await post(taken);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain("Hello.");
  });

  test.each(cases)("$rule is refused, and the planner is not asked", async ({ body, says }) => {
    const before = timesAsked;
    const response = await post({ ...taken, ...body });
    expect(response.status).toBe(400);
    expect(timesAsked).toBe(before);
    expect(message((await response.json()) as JsonObject)).toContain(says);
    expect(server.requests.at(-1)).toMatchObject({
      path: expect.stringContaining(path) as string,
      status: 400,
    });
  });

  test.each(Object.keys(headers))("a request without the header %s is refused", async (header) => {
    const others = Object.fromEntries(Object.entries(headers).filter(([name]) => name !== header));
    const response = await post(taken, path, others);
    expect([400, 401, 403]).toContain(response.status);
  });

  test("a path that the provider does not have is refused", async () => {
    expect((await post(taken, "/v2/nothing")).status).toBe(404);
  });

  test("a body that is not a JSON object is refused", async () => {
    expect((await post([])).status).toBe(400);
  });

  test("the server listens on 127.0.0.1 and on no other address", async () => {
    const elsewhere = server.baseUrl.replace("127.0.0.1", "127.0.0.2");
    await expect(fetch(`${elsewhere}${path}`, { signal: AbortSignal.timeout(2_000) })).rejects.toThrow();
    expect((await post(taken)).status).toBe(200);
  });
});
