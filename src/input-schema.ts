import type { ZodType as ZodSchema3 } from "zod/v3";
import { toJSONSchema, type $ZodType } from "zod/v4/core";
import { zodToJsonSchema } from "zod-to-json-schema";
import type { JsonSchema, ToolInputSchema } from "./descriptor.js";
import type { JsonSchemaValue } from "./json-schema-value.js";
import { ToolsetError } from "./errors/toolset-error.js";
import { readSchemas } from "./openapi/input-schema.js";
import { shownPattern } from "./patterns/screened-pattern.js";

/** A schema of arguments as a user may have it: Zod 3, Zod 4 or JSON Schema. */
export type SchemaOption = ZodSchema3 | $ZodType | JsonSchema;

/**
 * The arguments that a schema describes: what Zod makes of them, or what a JSON Schema says in a literal type. A JSON
 * Schema whose type is no literal describes arguments of which nothing is known.
 */
export type ArgumentsOf<Schema> = Schema extends { readonly _zod: { readonly output: infer Output } }
  ? Output
  : Schema extends { readonly _output: infer Output }
    ? Output
    : unknown extends JsonSchemaValue<Schema>
      ? Readonly<Record<string, unknown>>
      : JsonSchemaValue<Schema>;

/** Parses arguments by the user's own schema: transforms, refinements and defaults included. */
export type ParseArguments = (args: unknown) => Promise<unknown>;

/**
 * Reads a schema of arguments.
 *
 * @param tool - whose arguments these are, for the error
 * @throws {@link ToolsetError} `invalid_argument` for what is no schema of an object, and for a pattern in it that is
 * not known to be checked in time proportional to the text
 */
export function readSchema(
  tool: string,
  schema: SchemaOption,
): { inputSchema: ToolInputSchema; parse: ParseArguments } {
  if (isZod4(schema)) {
    // By input, or a field with a default would have to be given.
    const json = toJSONSchema(schema, {
      io: "input",
      unrepresentable: "any",
      override: ({ jsonSchema }) => leaveToZod(jsonSchema),
    }) as JsonSchema;
    return { inputSchema: objectSchema(tool, json), parse: zodParser(tool, schema as unknown as ZodLike) };
  }
  if (isZod3(schema)) {
    const json = zodToJsonSchema(schema, { $refStrategy: "none", target: "jsonSchema7" }) as JsonSchema;
    return { inputSchema: objectSchema(tool, json), parse: zodParser(tool, schema) };
  }
  return { inputSchema: objectSchema(tool, schema), parse: (args) => Promise.resolve(args) };
}

interface ZodLike {
  safeParseAsync(
    value: unknown,
  ): Promise<
    | { success: true; data: unknown }
    | { success: false; error: { issues: readonly { path: readonly PropertyKey[]; message: string }[] } }
  >;
}

function zodParser(tool: string, schema: ZodLike): ParseArguments {
  return async (args) => {
    const parsed = await schema.safeParseAsync(args);
    if (parsed.success) return parsed.data;
    const problems = parsed.error.issues.map(({ path, message }) => `"${path.join(".")}": ${message}`);
    throw new ToolsetError(
      "invalid_argument",
      `The arguments of ${tool} do not fit: ${problems.join("; ")}. Nothing was sent. Next: call it again with arguments that fit.`,
    );
  };
}

function objectSchema(tool: string, schema: unknown): ToolInputSchema {
  const root = { value: schema, pointer: "#" };
  const isSchema = typeof schema === "object" && schema !== null;
  const refuse = (pattern: string, pointer: string) => {
    throw new ToolsetError(
      "invalid_argument",
      `"schema" of "${tool}" holds the pattern ${shownPattern(pattern)} at "${pointer}", and some texts could make it ` +
        `run for very long. Write it so that each part of a text fits one part of the pattern only, and begin it with ` +
        `"^"; or leave it out, and check the text in the tool itself.`,
    );
  };
  const { $schema: _dialect, ...inlined } = isSchema ? readSchemas(root, (read) => read(root), refuse) : {};
  const { type, properties } = inlined as { type?: unknown; properties?: unknown };
  if (type !== "object" && (type !== undefined || properties === undefined)) {
    throw new ToolsetError(
      "invalid_argument",
      `"schema" of "${tool}" describes no object, and a tool's arguments are one. Give a Zod object or a JSON ` +
        `Schema with "type": "object".`,
    );
  }
  return {
    additionalProperties: false,
    ...inlined,
    type: "object",
    properties: (properties ?? {}) as ToolInputSchema["properties"],
  };
}

/** Zod's own formats that are too intricate to be known as linear; Zod checks them itself, and is fast at it. */
const leftToZod: readonly unknown[] = ["cidrv6", "duration"];

function leaveToZod(schema: { format?: unknown; pattern?: unknown }): void {
  if (leftToZod.includes(schema.format)) Reflect.deleteProperty(schema, "pattern");
}

function isZod4(schema: object): schema is $ZodType {
  return "_zod" in schema;
}

function isZod3(schema: object): schema is ZodSchema3 {
  return "_def" in schema && "parse" in schema;
}
