import type { ToolMessage } from "@langchain/core/messages";
import { describe, expect, test } from "vitest";
import { z as z3 } from "zod/v3";
import { z } from "zod";
import { defineTool, ToolManager, usersApi, type ToolDefinition } from "langchain-1password";
import { someCredentials } from "./support/credentials.js";
import { thrownBy, toolsetErrorOf } from "./support/errors.js";

const jsonSchema = {
  type: "object",
  properties: {
    number: { type: "integer", minimum: 1 },
    state: { type: "string", enum: ["open", "closed"] },
    note: { $ref: "#/$defs/note" },
  },
  required: ["number"],
  additionalProperties: false,
  $defs: { note: { type: "string", maxLength: 10 } },
};

const schemas = {
  "a Zod 3 schema": z3.object({
    number: z3.number().int().min(1),
    state: z3.enum(["open", "closed"]).default("open"),
    note: z3.string().max(10).optional(),
  }),
  "a Zod 4 schema": z.object({
    number: z.int().min(1),
    state: z.enum(["open", "closed"]).default("open"),
    note: z.string().max(10).optional(),
  }),
  "JSON Schema": jsonSchema,
};

async function call(
  definition: ToolDefinition,
  args: Record<string, unknown>,
  layers = [],
): Promise<ToolMessage> {
  const manager = new ToolManager({ source: usersApi({ ...someCredentials }), tools: [definition], layers });
  const tool = await manager.getTool(definition.descriptor.name);
  return (await tool.invoke({ type: "tool_call", id: "c1", name: tool.name, args })) as ToolMessage;
}

describe.each(Object.entries(schemas))("with %s", (kind, schema) => {
  const seen: unknown[] = [];
  const definition = defineTool({
    name: "get_ticket",
    description: "Reads a ticket.",
    schema: schema as (typeof schemas)["a Zod 4 schema"],
    kind: "read",
    tags: ["desk"],
    call: (args: { number: number }) => {
      seen.push(args);
      return { number: args.number, title: "Laptop\u200b stolen" };
    },
  });

  test("the model is told the same arguments, with no reference left in them", () => {
    const { inputSchema } = definition.descriptor;
    expect(inputSchema.required).toEqual(["number"]);
    expect(inputSchema.properties.number).toMatchObject({ type: "integer", minimum: 1 });
    expect(inputSchema.properties.state).toMatchObject({ enum: ["open", "closed"] });
    expect(inputSchema.properties.note).toMatchObject({ type: "string", maxLength: 10 });
    expect(inputSchema.additionalProperties).toBe(false);
    expect(JSON.stringify(inputSchema)).not.toContain("$ref");
  });

  test("a call gets the parsed arguments, and its answer is shown as data", async () => {
    const message = await call(definition, { number: 7 });
    expect(message.text).toBe('{"number":7,"title":"Laptop stolen"}');
    expect(seen.at(-1)).toEqual(kind === "JSON Schema" ? { number: 7 } : { number: 7, state: "open" });
    expect(message.artifact).toMatchObject({ data: { number: 7 }, status: null });
  });

  test("arguments that do not fit never reach the call", async () => {
    const before = seen.length;
    const message = await call(definition, { number: 0, state: "lost", urgent: true });
    expect(message.status).toBe("error");
    expect(message.text).toMatch(/"number" is 0; it must be an integer of at least 1\./);
    expect(message.text).toMatch(/"state" is "lost"; it must be one of "open", "closed"\./);
    expect(message.text).toMatch(
      /"urgent" is not an argument of get_ticket: its arguments are number, state, note\./,
    );
    expect(seen).toHaveLength(before);
  });

  test("it goes through the layers, and filters know it", async () => {
    const refuse = () => async () => ({ kind: "refused", code: "protected", text: "Not today." });
    const message = await call(definition, { number: 7 }, [refuse] as never);
    expect(message.text).toMatch(/^Not today\./);
    const manager = new ToolManager({ source: usersApi({ ...someCredentials }), tools: [definition] });
    expect((await manager.getTools({ tags: ["desk"] })).map(({ name }) => name)).toEqual(["get_ticket"]);
    expect((await manager.getTools({ methods: ["get_ticket"] })).map(({ name }) => name)).toEqual([
      "get_ticket",
    ]);
  });
});

test("what only Zod can check is checked before the call, and told", async () => {
  const definition = defineTool({
    name: "pick",
    description: "d",
    schema: z
      .object({ low: z.number(), high: z.number() })
      .refine(({ low, high }) => low < high, "low must be below high"),
    kind: "write",
    call: () => "picked",
  });
  expect((await call(definition, { low: 2, high: 1 })).text).toMatch(
    /low must be below high.*"code":"invalid_argument"/s,
  );
  expect((await call(definition, { low: 1, high: 2 })).text).toBe('"picked"');
});

test.each([
  ["a name that providers refuse", { name: "get ticket" }, /"name" is "get ticket"/],
  ["a kind that is none", { kind: "maybe" }, /"kind" of "get_ticket" is "maybe"/],
  ["a schema of no object", { schema: z.string() }, /describes no object/],
  ["a schema that is none", { schema: {} }, /describes no object/],
])("%s is refused", (_what, options, text) => {
  const all = {
    name: "get_ticket",
    description: "d",
    schema: jsonSchema,
    kind: "read",
    call: () => 1,
    ...options,
  };
  expect(thrownBy(() => defineTool(all as never)).text).toMatch(text);
});

test.each([
  [
    "status 429 and headers",
    { status: 429, headers: { "Retry-After": "3" } },
    { code: "rate_limited", status: 429 },
  ],
  ["status 500", { status: 500 }, { code: "server_error", status: 500 }],
  ["no status", {}, { code: "server_error" }],
])(
  "what it throws with %s comes out as every other error, with the cause",
  async (_what, fields, expected) => {
    const thrown = Object.assign(new Error("the desk is closed"), fields);
    const definition = defineTool({
      name: "get_ticket",
      description: "d",
      schema: jsonSchema,
      kind: "read",
      call: () => Promise.reject(thrown),
    });
    const manager = new ToolManager({ source: usersApi({ ...someCredentials }), tools: [definition] });
    const tool = await manager.getTool("get_ticket");
    const error = await toolsetErrorOf(tool.invoke({ number: 1 }));
    expect(error).toMatchObject({ ...expected, cause: thrown });
    expect(error.message).toMatch(/"get_ticket" failed: the desk is closed/);
  },
);

test("a schema that contains itself is cut, not followed for ever", () => {
  interface Tree {
    children: Tree[];
  }
  const tree: z.ZodType<Tree> = z.lazy(() => z.object({ children: z.array(tree) }));
  const { descriptor } = defineTool({
    name: "plant",
    description: "d",
    schema: z.object({ tree }),
    kind: "write",
    call: () => 1,
  });
  expect(JSON.stringify(descriptor.inputSchema)).not.toContain("$ref");
});
