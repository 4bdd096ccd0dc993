import { Validator } from "@cfworker/json-schema";
import type { JsonSchema, ToolDescriptor } from "../../src/descriptor.js";
import type { OpenApiDocument } from "../../src/openapi/document.js";
import type { OpenApiOperation } from "../../src/openapi/operation.js";
import { operationsFromOpenApi } from "../../src/openapi/operations.js";

/** A document of nothing but these paths and components. */
export function documentOf(
  paths: unknown,
  components: unknown = {},
  openapi: "3.0.3" | "3.1.0" = "3.1.0",
): OpenApiDocument {
  return { openapi, info: { title: "A test", version: "1" }, paths, components };
}

/** The only operation of a document. */
export function onlyOperation(document: OpenApiDocument): OpenApiOperation {
  const [operation, ...others] = operationsFromOpenApi(document);
  if (operation === undefined || others.length > 0) throw new Error("There has to be one operation.");
  return operation;
}

/** An operation `POST /things` whose JSON body has this schema. */
export function operationWithBody(
  schema: unknown,
  components: unknown = {},
  openapi: "3.0.3" | "3.1.0" = "3.1.0",
): OpenApiOperation {
  const requestBody = { required: true, content: { "application/json": { schema } } };
  return onlyOperation(documentOf({ "/things": { post: { requestBody } } }, components, openapi));
}

/** What a schema becomes as the schema of an argument. */
export function readSchema(
  schema: unknown,
  schemas: unknown = {},
  openapi: "3.0.3" | "3.1.0" = "3.1.0",
): JsonSchema {
  const parameters = [{ name: "value", in: "query", schema }];
  const { descriptor } = onlyOperation(
    documentOf({ "/things": { get: { parameters } } }, { schemas }, openapi),
  );
  return descriptor.inputSchema.properties.value!;
}

/** Whether LangChain's own validator takes arguments for a tool. */
export function accepts({ inputSchema }: Pick<ToolDescriptor, "inputSchema">, args: unknown): boolean {
  return isValid(inputSchema, args);
}

/** Whether LangChain's own validator takes a value for a schema. */
export function isValid(schema: JsonSchema, value: unknown): boolean {
  return new Validator(schema).validate(value).valid;
}

/** Every `$ref` in a schema, but for those in its data, such as a default. */
export function referencesIn(schema: unknown): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  return Object.entries(schema).flatMap(([key, inner]) => {
    if (key === "$ref" && typeof inner === "string") return [inner];
    return ["default", "const", "enum"].includes(key) ? [] : referencesIn(inner);
  });
}
