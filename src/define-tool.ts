import type { AnswerMeta, CallResult, Context } from "./call.js";
import type { ToolAnnotations, ToolDescriptor, ToolKind } from "./descriptor.js";
import { ToolsetError } from "./errors/toolset-error.js";
import { readSchema, type SchemaOption } from "./input-schema.js";

/** A tool that no source lists: its descriptor, and what a call of it does. */
export interface ToolDefinition {
  readonly descriptor: ToolDescriptor;
  readonly call: (args: Readonly<Record<string, unknown>>, context: Context) => Promise<CallResult>;
}

/** What {@link defineTool} takes. */
export interface DefineToolOptions {
  /** What the model calls it by: 1 to 64 letters, digits, `_` and `-`. */
  name: string;
  /** When to use it, written for a model. */
  description: string;
  /** Its arguments, an object: a Zod 3 schema, a Zod 4 schema or JSON Schema. */
  schema: SchemaOption;
  /** Whether it only looks. What may change anything is a write. */
  kind: ToolKind;
  /** The verb that filters know it by. @default the tool's name */
  method?: string | undefined;
  /** Words that filters know it by. @default [] */
  tags?: readonly string[] | undefined;
  /** MCP's hints, where they differ from those that follow from `kind`. */
  annotations?: Partial<ToolAnnotations> | undefined;
  /** Does the work. What it returns is shown to the model as JSON, without what a model must not read raw. */
  call: (args: never, context: Context) => unknown;
}

const noAnswer: AnswerMeta = {
  status: null,
  headers: {},
  rateLimit: null,
  requestId: null,
  nextCursor: null,
};

/**
 * An operation of your own as a tool that goes through the same layers as every other.
 *
 * @throws {@link ToolsetError} `invalid_argument` for a name that providers refuse, or a schema that is none
 * @example
 * ```ts
 * const ticket = defineTool({
 *   name: "get_ticket",
 *   description: "Reads a ticket of the service desk.",
 *   schema: z.object({ number: z.number().int() }),
 *   kind: "read",
 *   call: ({ number }: { number: number }) => serviceDesk.read(number),
 * });
 * const manager = new ToolManager({ source, tools: [ticket] });
 * ```
 */
export function defineTool(options: DefineToolOptions): ToolDefinition {
  const { name, description, kind, method = name, tags = [], annotations } = options;
  if (!/^[\w-]{1,64}$/.test(name)) {
    throw new ToolsetError(
      "invalid_argument",
      `"name" is ${JSON.stringify(name)}, and providers take 1 to 64 letters, digits, "_" and "-". Give such a name.`,
    );
  }
  if ((kind as string) !== "read" && (kind as string) !== "write") {
    throw new ToolsetError(
      "invalid_argument",
      `"kind" of "${name}" is ${JSON.stringify(kind)}. It is "read" or "write".`,
    );
  }
  const { inputSchema, parse } = readSchema(name, options.schema);
  return {
    descriptor: { name, description, inputSchema, method, kind, tags, annotations: hints(kind, annotations) },
    call: async (args, context) => {
      const data = await options.call((await parse(args)) as never, context);
      return { kind: "answer", data, meta: noAnswer };
    },
  };
}

function hints(kind: ToolKind, annotations: Partial<ToolAnnotations> = {}): ToolAnnotations {
  const isRead = kind === "read";
  return {
    readOnlyHint: isRead,
    destructiveHint: !isRead,
    idempotentHint: isRead,
    openWorldHint: true,
    ...annotations,
  };
}
