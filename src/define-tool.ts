import type { AnswerMeta, CallResult, Context } from "./call.js";
import type { ToolAnnotations, ToolDescriptor, ToolKind } from "./descriptor.js";
import { plainText } from "./content/plain-text.js";
import { codeOfStatus, HttpError } from "./errors/http-error.js";
import { RateLimitError } from "./errors/rate-limit-error.js";
import { isToolsetError, ToolsetError } from "./errors/toolset-error.js";
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
      const parsed = (await parse(args)) as never;
      try {
        return { kind: "answer", data: await options.call(parsed, context), meta: noAnswer };
      } catch (error) {
        // LangGraph's signals and aborts are no failures of the tool.
        if (isToolsetError(error) || context.signal.aborted || isBubbleUp(error)) throw error;
        throw ownFailure(name, error);
      }
    },
  };
}

/** LangGraph's way of saying that what was thrown is for the graph, such as an interrupt. */
function isBubbleUp(error: unknown): boolean {
  return (error as { is_bubble_up?: unknown } | null)?.is_bubble_up === true;
}

/** What a tool of one's own threw, as every host lets it through: with its status and headers, and as the cause. */
function ownFailure(name: string, thrown: unknown): ToolsetError {
  const { status, headers, message } = (thrown ?? {}) as Record<"status" | "headers" | "message", unknown>;
  const told = typeof message === "string" ? message : String(thrown);
  const text = `"${name}" failed: ${plainText(told, 500)}`;
  if (typeof status !== "number")
    return new ToolsetError("server_error", text, { cause: thrown, retryable: false });
  const common = { headers: recordOf(headers), cause: thrown };
  if (status === 429) return new RateLimitError(text, common);
  return new HttpError(codeOfStatus(status), text, { ...common, status, retryable: false });
}

function recordOf(headers: unknown): Record<string, string> {
  if (typeof headers !== "object" || headers === null) return {};
  const entries = headers instanceof Headers ? [...headers] : Object.entries(headers);
  return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), String(value)]));
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
