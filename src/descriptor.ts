import type { ToolTarget } from "./target.js";

/** A JSON Schema (2020-12 as OpenAPI 3.1 uses it), as plain data. */
export type JsonSchema = Record<string, unknown>;

/** The JSON Schema of a tool's arguments: always an object's. No `$ref` is left in it. */
export interface ToolInputSchema extends JsonSchema {
  type: "object";
  properties: Record<string, JsonSchema>;
  required?: string[];
}

/** Whether a tool only looks, or may change something. Whatever is not known to be a read is a write. */
export type ToolKind = "read" | "write";

/**
 * MCP's hints about a tool.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/schema#toolannotations
 */
export interface ToolAnnotations {
  readOnlyHint: boolean;
  destructiveHint: boolean;
  idempotentHint: boolean;
  openWorldHint: boolean;
}

/** Everything that is known of a tool before it is called. */
export interface ToolDescriptor {
  /** What the model calls it by. */
  readonly name: string;
  /** When to use it, what must be done first and what it does not do, written for a model. */
  readonly description: string;
  readonly inputSchema: ToolInputSchema;
  /** The verb: `list`, `get`, `create`, `update`, `delete`, or one of the API's own, such as `suspend`. */
  readonly method: string;
  readonly kind: ToolKind;
  /** What its calls are about, such as `users`, where the source says it. */
  readonly resource?: string;
  /** Free words to select tools by, such as `directory`. */
  readonly tags: readonly string[];
  readonly annotations: ToolAnnotations;
  /**
   * Whom a call concerns, for the guards: the argument that names users, or `"none"` for a tool that changes no user
   * of the directory. Default: the required text `id` of what suspends or reactivates, `"none"` for a read, and
   * `"unknown"` for every other write: guards that have to judge users refuse it.
   */
  readonly target?: ToolTarget;
}
