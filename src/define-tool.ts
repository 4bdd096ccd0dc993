import { withinDepth } from "./content/bounded-depth.js";
import { isBubbleUp } from "./bubble-up.js";
import { noMeta, type CallResult, type Context } from "./call.js";
import type { ToolAnnotations, ToolDescriptor, ToolKind } from "./descriptor.js";
import { isToolsetError, ToolsetError } from "./errors/toolset-error.js";
import { checkTarget } from "./check-target.js";
import type { ToolTarget } from "./target.js";
import { readSchema, type ArgumentsOf, type SchemaOption } from "./input-schema.js";
import { refuseOption, refuseUnknownOptions, shownOption } from "./option-error.js";

/** A tool that no source lists: its descriptor, and what a call of it does. */
export interface ToolDefinition {
  readonly descriptor: ToolDescriptor;
  readonly call: (args: Readonly<Record<string, unknown>>, context: Context) => Promise<CallResult>;
}

/** What {@link defineTool} takes. */
export interface DefineToolOptions<Schema extends SchemaOption = SchemaOption> {
  /** What the model calls it by: 1 to 64 letters, digits, `_` and `-`. */
  name: string;
  /** When to use it, written for a model. */
  description: string;
  /** Its arguments, an object: a Zod 3 schema, a Zod 4 schema or JSON Schema. */
  schema: Schema;
  /** Whether it only looks. What may change anything is a write. */
  kind: ToolKind;
  /** The verb that filters know it by. @default the tool's name */
  method?: string | undefined;
  /** Words that filters know it by. @default [] */
  tags?: readonly string[] | undefined;
  /**
   * Whom a call concerns, for the guards: the argument that holds the id, the ids, the email or the emails of users,
   * or `"none"` for a tool that changes no user of the directory. Default: the required text `id` of what suspends or
   * reactivates; every other write is unknown, and guards that have to judge users refuse it.
   */
  target?: ToolTarget | undefined;
  /** MCP's hints, where they differ from those that follow from `kind`. */
  annotations?: Partial<ToolAnnotations> | undefined;
  /**
   * Does the work. What it returns is shown to the model as JSON, without what a model must not read raw. What it throws
   * is for the model as well, as with LangChain's own `tool()`: the first 500 characters of the message. Catch what may
   * hold a secret.
   */
  call: (args: SchemaOption extends Schema ? never : ArgumentsOf<Schema>, context: Context) => unknown;
}

const optionNames: readonly (keyof DefineToolOptions)[] = [
  "name",
  "description",
  "schema",
  "kind",
  "method",
  "tags",
  "target",
  "annotations",
  "call",
];

const annotationNames: readonly (keyof ToolAnnotations)[] = [
  "readOnlyHint",
  "destructiveHint",
  "idempotentHint",
  "openWorldHint",
];

/** Marks what {@link defineTool} has made and checked, in the ESM and in the CommonJS build. */
const brand = Symbol.for("langchain-1password.tool");

/** Whether a value was made by {@link defineTool}. */
export function isToolDefinition(value: unknown): value is ToolDefinition {
  return typeof value === "object" && value !== null && brand in value;
}

/**
 * An operation of your own as a tool that goes through the same layers as every other.
 *
 * The arguments of `call` have the types that the schema says. A JSON Schema says them where it is written in place or
 * `as const`; else they are `unknown`, and `call` has to look.
 *
 * @throws {@link ToolsetError} `invalid_argument` for a name that providers refuse, a schema that is none, or an option
 * that is unknown or does not fit
 * @example
 * ```ts
 * const ticket = defineTool({
 *   name: "get_ticket",
 *   description: "Reads a ticket of the service desk.",
 *   schema: z.object({ number: z.number().int() }),
 *   kind: "read",
 *   call: ({ number }) => serviceDesk.read(number),
 * });
 * const manager = new ToolManager({ source, tools: [ticket] });
 * ```
 */
export function defineTool<const Schema extends SchemaOption>(
  options: DefineToolOptions<Schema>,
): ToolDefinition {
  refuseUnknownOptions(options, optionNames, "defineTool");
  const { name, description, kind, method = name, tags = [], annotations, target } = options;
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
  checkRest(options as DefineToolOptions);
  const { inputSchema, parse } = readSchema(name, options.schema);
  checkTarget(name, target, inputSchema);
  const definition: ToolDefinition = {
    descriptor: {
      name,
      description,
      inputSchema,
      method,
      kind,
      tags,
      annotations: hints(kind, annotations),
      ...(target === undefined ? {} : { target }),
    },
    call: async (args, context) => {
      const parsed = (await parse(args)) as never;
      try {
        return { kind: "answer", data: withinDepth(await options.call(parsed, context)), meta: noMeta };
      } catch (error) {
        // LangGraph's signals and aborts are no failures of the tool.
        if (isToolsetError(error) || context.signal.aborted || isBubbleUp(error)) throw error;
        const { foreignError } = await import("./errors/foreign-error.js");
        throw foreignError(name, error);
      }
    },
  };
  return Object.defineProperty(definition, brand, { value: true });
}

function checkRest({ name, description, schema, method, tags, annotations, call }: DefineToolOptions): void {
  const check = (option: string, value: unknown, fits: boolean, fix: string) => {
    if (!fits) throw refuseOption(option, `of "${name}" is ${shownOption(value)}`, fix);
  };
  const isText = (value: unknown) => typeof value === "string" && value.trim() !== "";
  check("description", description, isText(description), "Give a text for a model.");
  check("schema", schema, typeof schema === "object", "Give a Zod object or a JSON Schema.");
  check("method", method, method === undefined || isText(method), "Give a verb, or leave it out.");
  check(
    "tags",
    tags,
    tags === undefined || (Array.isArray(tags) && tags.every(isText)),
    "Give a list of words.",
  );
  check("call", call, typeof call === "function", "Give a function.");
  if (annotations !== undefined) refuseUnknownOptions(annotations, annotationNames, "annotations");
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
