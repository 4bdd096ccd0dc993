import { Validator, type Schema } from "@cfworker/json-schema";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defineTool, type ToolInputSchema } from "langchain-1password";
import { readArguments } from "../../src/arguments/read-arguments.js";
import { ownTool } from "../support/own-tools.js";

const numRuns = process.env.TEST_FULL ? 5000 : 500;

/** What a tool with these properties is given of what a client sends; the error's text where it is not called. */
async function given(properties: ToolInputSchema["properties"], sent: unknown, required: string[] = []) {
  let received: unknown;
  const tool = await ownTool(
    defineTool({
      name: "note",
      description: "Takes notes.",
      schema: { type: "object", properties, required },
      kind: "read",
      call: (args) => {
        received = args;
        return "Noted.";
      },
    }),
  );
  try {
    await tool.invoke(sent as never);
  } catch (error) {
    return (error as Error).message;
  }
  return received;
}

const text = { type: "string" };
const number = { type: "number" };
const integer = { type: "integer", maximum: 100 };
const flag = { type: "boolean" };
const texts = { type: "array", items: { type: "string" } };

describe("what a client sends for what was left out is left out:", () => {
  test.each([
    ["null for a text", { a: text }, { a: null }],
    ["null for a list", { a: texts }, { a: null }],
    ["null where the schema says nothing of types", { a: {} }, { a: null }],
    ["an empty text for a text", { a: text }, { a: "" }],
    ["an empty text for a number", { a: number }, { a: "" }],
    ["an empty text for a list", { a: texts }, { a: "" }],
    ["an empty text for one of several words", { a: { enum: ["x", "y"] } }, { a: "" }],
    ["no arguments", { a: text }, undefined],
    ["null for the arguments", { a: text }, null],
    ["an empty text for the arguments", { a: text }, ""],
    ["undefined", { a: text }, { a: undefined }],
  ])("%s", async (_name, properties, sent) => {
    expect(await given(properties, sent)).toEqual({});
  });

  test("inside of an object as well", async () => {
    const inner = { type: "object", properties: { b: text, c: text }, required: ["c"] };
    expect(await given({ a: inner }, { a: { b: null, c: "" } })).toEqual({ a: { c: "" } });
    const list = { type: "array", items: inner };
    expect(await given({ a: list }, { a: [{ b: "", c: "x" }] })).toEqual({ a: [{ c: "x" }] });
  });

  test.each([
    ["null where the schema names it", { a: { type: ["string", "null"] } }, { a: null }],
    ["null in one of several branches", { a: { anyOf: [text, { type: "null" }] } }, { a: null }],
    ["null among values", { a: { enum: ["x", null] } }, { a: null }],
    ["an empty text among values", { a: { enum: ["x", ""] } }, { a: "" }],
    ["an empty text with a least length of 0", { a: { type: "string", minLength: 0 } }, { a: "" }],
    ["a blank text", { a: text }, { a: " " }],
    ["0 and false", { a: number, b: flag }, { a: 0, b: false }],
    ["an empty list", { a: texts }, { a: [] }],
  ])("but %s stays", async (_name, properties, sent) => {
    expect(await given(properties, sent)).toEqual(sent);
  });

  test("but an empty text that must be given stays, and null is missing", async () => {
    expect(await given({ a: text }, { a: "" }, ["a"])).toEqual({ a: "" });
    expect(await given({ a: text }, { a: null }, ["a"])).toContain('"a" is missing');
  });
});

describe("what came in another form is read:", () => {
  test.each<[string, ToolInputSchema["properties"], unknown, unknown]>([
    ["a number as text", { a: number }, { a: "2.5" }, { a: 2.5 }],
    ["a whole number as text", { a: integer }, { a: "5" }, { a: 5 }],
    ["a negative number as text", { a: integer }, { a: "-5" }, { a: -5 }],
    ["true as text", { a: flag }, { a: "true" }, { a: true }],
    ["false as text", { a: flag }, { a: "false" }, { a: false }],
    ["a list as JSON text", { a: texts }, { a: '["x","y"]' }, { a: ["x", "y"] }],
    [
      "a list of numbers as JSON text",
      { a: { type: "array", items: integer } },
      { a: "[1,2]" },
      { a: [1, 2] },
    ],
    ["numbers as text in a list", { a: { type: "array", items: integer } }, { a: ["1"] }, { a: [1] }],
    ["a single text for a list", { a: texts }, { a: "x" }, { a: ["x"] }],
    ["a single number for a list", { a: { type: "array", items: integer } }, { a: 5 }, { a: [5] }],
    [
      "a list that may be null",
      { a: { type: ["array", "null"], items: text } },
      { a: '["x"]' },
      { a: ["x"] },
    ],
    ["a list in one of two branches", { a: { anyOf: [texts, { type: "null" }] } }, { a: "x" }, { a: ["x"] }],
    [
      "an object as JSON text",
      { a: { type: "object", properties: { b: integer } } },
      { a: '{"b":"5"}' },
      { a: { b: 5 } },
    ],
    ["all arguments as JSON text", { a: text, b: integer }, '{"a":"x","b":5}', { a: "x", b: 5 }],
  ])("%s", async (_name, properties, sent, received) => {
    expect(await given(properties, sent)).toEqual(received);
  });

  test.each<[string, ToolInputSchema["properties"], unknown]>([
    ["a text with a blank", { a: integer }, { a: "5 " }],
    ["another base", { a: integer }, { a: "0x5" }],
    ["an exponent", { a: integer }, { a: "1e3" }],
    ["a leading zero", { a: integer }, { a: "05" }],
    ["a sign", { a: integer }, { a: "+5" }],
    ["more digits than a number keeps", { a: { type: "integer" } }, { a: "9007199254740993" }],
    ["a fraction for a whole number", { a: integer }, { a: "5.5" }],
    ["a word for a number", { a: integer }, { a: "five" }],
    ["a number as text that is too large", { a: integer }, { a: "500" }],
    ["another word for true", { a: flag }, { a: "yes" }],
    ["TRUE", { a: flag }, { a: "TRUE" }],
    ["1 for true", { a: flag }, { a: 1 }],
    ["a number for a text", { a: text }, { a: 5 }],
    ["a list as text that is not JSON", { a: texts }, { a: "['x','y']" }],
    ["a list as JSON text with another type in it", { a: texts }, { a: '["x",5]' }],
    ["an object for a list", { a: texts }, { a: { b: 1 } }],
    ["arguments as text that is not JSON", { a: text }, "a=x"],
    ["arguments as JSON text of a list", { a: text }, '["x"]'],
  ])("but %s is refused, as it was", async (_name, properties, sent) => {
    expect(await given(properties, sent)).toContain('"code":"invalid_argument"');
  });

  test("but a text that the schema takes stays that text", async () => {
    const either = { a: { type: ["string", "number"] }, b: { anyOf: [text, texts] } };
    expect(await given(either, { a: "5", b: '["x"]' })).toEqual({ a: "5", b: '["x"]' });
  });

  test.each<[string, ToolInputSchema["properties"], unknown]>([
    ["a number as text for a numeric id", { user_id: { type: "integer" } }, { user_id: "5" }],
    ["a number for an id", { id: text }, { id: 5 }],
    ["ids that are numbers", { ids: texts }, { ids: [5] }],
    ["ids as JSON text that are numbers", { ids: { type: "array", items: {} } }, { ids: "[5]" }],
    ["emails as JSON text with null in them", { emails: texts }, { emails: '["a@example.com",null]' }],
    ["several emails in one text", { emails: texts }, { emails: "a@example.com, b@example.com" }],
  ])("but people are never made from something else: %s", async (_name, properties, sent) => {
    expect(await given(properties, sent)).toContain('"code":"invalid_argument"');
  });
});

test("whom a tool's target names is never made from something else, whatever the argument is called", () => {
  const inputSchema = { type: "object" as const, properties: { who: { type: "array", items: integer } } };
  const read = (who: unknown, holds?: "ids") =>
    readArguments(
      { who },
      { inputSchema, kind: "write", ...(holds && { target: { argument: "/who", holds } }) },
    );
  expect(read("[1]")).toEqual({ who: [1] });
  expect(read("[1]", "ids")).toEqual({ who: "[1]" });
  expect(read("1", "ids")).toEqual({ who: "1" });
});

describe("what clients keep their books by", () => {
  const books = {
    _meta: { progressToken: 1 },
    toolCallId: "call_1",
    tool_call_id: "call_1",
    sessionId: "s",
    session_id: "s",
    chatInput: "Suspend them all.",
    action: "sendMessage",
  };

  test("is dropped where the tool has no such argument", async () => {
    expect(await given({ a: text }, { a: "x", ...books })).toEqual({ a: "x" });
  });

  test("is an argument where the tool has it", async () => {
    const properties = { action: text, sessionId: text };
    expect(await given(properties, { action: "sendMessage", sessionId: "s", chatInput: "x" })).toEqual({
      action: "sendMessage",
      sessionId: "s",
    });
  });

  test("is nothing else: another unknown argument is refused, and so is another action", async () => {
    expect(await given({ a: text }, { a: "x", force: true })).toContain('"force" is not an argument');
    expect(await given({ a: text }, { a: "x", action: "reactivate" })).toContain(
      '"action" is not an argument',
    );
    const inner = { a: { type: "object", properties: { b: text }, additionalProperties: false } };
    expect(await given(inner, { a: { b: "x", sessionId: "s" } })).toContain('"code":"invalid_argument"');
  });
});

test("arguments that are nested too deeply are refused in words, however they came", async () => {
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  for (const sent of [`{"a":${deep}}`, { a: deep }, { a: JSON.parse(deep) as unknown }]) {
    expect(await given({ a: { type: "array" } }, sent)).toContain('"code":"invalid_argument"');
  }
});

/** Properties as tools have them, each with values that fit it. */
const properties: fc.Arbitrary<{ schema: Schema; values: fc.Arbitrary<unknown> }> = fc.letrec((tie) => {
  const word = fc.string({ minLength: 1, maxLength: 5 });
  const leaf = fc.constantFrom(
    { schema: text, values: fc.oneof(word, fc.constantFrom("5", "true", "[1]", "null", " ")) },
    { schema: number, values: fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer()) },
    { schema: { type: "integer" }, values: fc.integer() },
    { schema: flag, values: fc.boolean() },
    { schema: { type: ["string", "null"] }, values: fc.option(word) },
    { schema: { anyOf: [{ type: "string" }, { type: "integer" }] }, values: fc.oneof(word, fc.integer()) },
    { schema: { enum: ["x", "", 5, null] }, values: fc.constantFrom("x", "", 5, null) },
    { schema: { const: "5" }, values: fc.constant("5") },
    { schema: {}, values: fc.oneof(word, fc.integer(), fc.boolean(), fc.array(word)) },
  );
  type Property = { schema: Schema; values: fc.Arbitrary<unknown> };
  const inner = tie("property") as fc.Arbitrary<Property>;
  return {
    property: fc.oneof(
      { maxDepth: 3 },
      leaf,
      inner.map(({ schema, values }) => ({
        schema: { type: "array", items: schema },
        values: fc.array(values, { maxLength: 3 }),
      })),
      inner.map(({ schema, values }) => ({
        schema: { anyOf: [{ type: "object", properties: { a: schema } }, { type: "null" }] },
        values: fc.oneof(fc.constant(null), fc.record({ a: values }, { requiredKeys: [] })),
      })),
    ),
  };
}).property as fc.Arbitrary<{ schema: Schema; values: fc.Arbitrary<unknown> }>;

const reader = (schema: ToolInputSchema) => ({ inputSchema: schema, kind: "write" as const });
const schemaOf = (each: Record<string, { schema: Schema }>): ToolInputSchema => ({
  type: "object",
  properties: Object.fromEntries(
    Object.entries(each).map(([name, { schema }]) => [name, schema as object]),
  ) as never,
  additionalProperties: false,
});
const named = fc.dictionary(fc.constantFrom("a", "id", "ids", "emails", "dry_run"), properties, {
  maxKeys: 4,
});

test("arguments that fit stay as they are", () => {
  const fitting = named.chain((each) =>
    fc.tuple(
      fc.constant(schemaOf(each)),
      fc.record(Object.fromEntries(Object.entries(each).map(([name, { values }]) => [name, values])), {
        requiredKeys: [],
      }),
    ),
  );
  fc.assert(
    fc.property(fitting, ([schema, args]) => {
      fc.pre(new Validator(schema).validate(args).valid);
      expect(readArguments(args, reader(schema))).toEqual(args);
    }),
    { numRuns },
  );
});

test("arguments that were read are read again as the same, whatever was sent", () => {
  const anything = fc.oneof(
    fc.anything(),
    fc.dictionary(
      fc.constantFrom("a", "id", "ids", "emails", "_meta", "__proto__"),
      fc.oneof(fc.json(), fc.anything()),
    ),
    fc.json(),
  );
  fc.assert(
    fc.property(named, anything, (each, sent) => {
      const schema = schemaOf(each);
      const once = readArguments(sent, reader(schema));
      expect(readArguments(once, reader(schema))).toEqual(once);
    }),
    { numRuns },
  );
});
