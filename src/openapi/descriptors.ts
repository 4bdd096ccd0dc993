import type { ToolDescriptor } from "../descriptor.js";
import type { OpenApiDocument } from "./document.js";
import type { OpenApiToolsOptions } from "./operation.js";
import { operationsFromOpenApi } from "./operations.js";

/**
 * Reads the operations of any OpenAPI 3.0 or 3.1 document as tools: name, description for a model, JSON Schema
 * of the arguments, verb, kind, tags and hints. {@link operationsFromOpenApi}, which this is the short form
 * of, says how each part is read, and what a source needs to call them.
 *
 * Whatever is not known to be a read is a write, every operation of an unknown document included, even a GET.
 * Where GETs are known to change nothing, say so: `kind: ({ httpMethod }) => (httpMethod === "get" ? "read" :
 * "write")`.
 *
 * @throws {@link ToolsetError} `invalid_argument` naming the place in the document as a JSON pointer, or the
 * option that does not fit
 * @example
 * ```ts
 * const descriptors = descriptorsFromOpenApi(JSON.parse(await readFile("openapi.json", "utf8")), {
 *   names: "portable",
 *   kind: { listPets: "read", getPet: "read" },
 * });
 * ```
 * @see https://spec.openapis.org/oas/v3.1.1.html
 */
export function descriptorsFromOpenApi(
  document: OpenApiDocument,
  options: OpenApiToolsOptions = {},
): ToolDescriptor[] {
  return operationsFromOpenApi(document, options).map(({ descriptor }) => descriptor);
}
