import { ToolsetError } from "../errors/toolset-error.js";
import type { OpenApiBody, OpenApiOperation } from "./operation.js";

/** Arguments, sorted to where a request carries them; the shape that `openapi-fetch` takes. */
export interface RequestParts {
  params: { path: Record<string, unknown>; query: Record<string, unknown> };
  headers: Record<string, string>;
  body?: unknown;
}

/**
 * Sorts a tool's arguments to the places that an operation documents for them.
 *
 * @param bound - parameters that the caller fills in and no model sees, by their name in the document
 * @throws {@link ToolsetError} `invalid_argument` for a path parameter that is missing or would change the path
 */
export function requestParts(
  operation: OpenApiOperation,
  args: Readonly<Record<string, unknown>>,
  bound: Readonly<Record<string, unknown>> = {},
): RequestParts {
  const parts: RequestParts = { params: { path: {}, query: {} }, headers: {} };
  for (const parameter of operation.parameters) {
    const value = parameter.bound ? bound[parameter.name] : args[parameter.argument];
    if (parameter.in === "path") checkPathValue(operation, parameter.argument, value);
    if (value === undefined) continue;
    if (parameter.in === "header")
      parts.headers[parameter.name] = typeof value === "string" ? value : JSON.stringify(value);
    else parts.params[parameter.in][parameter.name] = value;
  }
  const body = operation.body === null ? undefined : bodyOf(operation.body, args);
  if (body === undefined) return parts;
  return { ...parts, body, headers: { ...parts.headers, "content-type": operation.body?.contentType ?? "" } };
}

function bodyOf(body: OpenApiBody, args: Readonly<Record<string, unknown>>): unknown {
  if (body.mode === "argument") return args[body.argument];
  const given = body.properties.filter(({ argument }) => args[argument] !== undefined);
  if (given.length === 0 && !body.required) return undefined;
  return Object.fromEntries(given.map(({ name, argument }) => [name, args[argument]]));
}

function checkPathValue(operation: OpenApiOperation, argument: string, value: unknown): void {
  // `.` and `..` are path segments of their own even when they are encoded, and "" is none.
  if (typeof value === "string" && !/^(\.{1,2})?$/.test(value)) return;
  if (typeof value === "number") return;
  throw new ToolsetError(
    "invalid_argument",
    `"${argument}" of "${operation.descriptor.name}" is missing, empty or not a plain value, and it is part of ` +
      `the path. Nothing was sent.`,
  );
}
