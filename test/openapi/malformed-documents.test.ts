import { expect, test } from "vitest";
import { isToolsetError } from "../../src/errors/toolset-error.js";
import { descriptorsFromOpenApi } from "../../src/openapi/descriptors.js";
import type { OpenApiDocument } from "../../src/openapi/document.js";
import { documentOf } from "./small-documents.js";

const text = { type: "string" };

function problemWith(document: unknown): string {
  try {
    descriptorsFromOpenApi(document as OpenApiDocument);
  } catch (error) {
    if (!isToolsetError(error)) throw error;
    expect(error.code).toBe("invalid_argument");
    expect(error.retryable).toBe(false);
    return error.text;
  }
  throw new Error("The document was read.");
}

const withOperation = (operation: unknown, components?: unknown) =>
  documentOf({ "/things": { post: operation } }, components);
const withParameter = (parameter: unknown) => withOperation({ parameters: [parameter] });
const withSchema = (schema: unknown, schemas?: unknown) =>
  withOperation({ parameters: [{ name: "a", in: "query", schema }] }, { schemas });

const operation = "#/paths/~1things/post";
const parameter = `${operation}/parameters/0`;

test.each([
  ["nothing", undefined, '"#" is missing'],
  ["text", '{"openapi":"3.1.0"}', '"#" is not an object. It has to be the parsed document.'],
  ["a list", [], '"#" is not an object'],
  ["no version", {}, '"#" has no "openapi" version'],
  ["Swagger 2.0", { swagger: "2.0", paths: {} }, '"#" is a Swagger 2.0 document. Give an OpenAPI 3.0 or 3.1'],
  ["another version", { openapi: "3.2.0", paths: {} }, '"#" says "openapi": "3.2.0"'],
  ["a number for a version", { openapi: 3.1, paths: {} }, '"#" has no "openapi" version'],
  ["no paths", { openapi: "3.1.0" }, '"#/paths" is missing'],
  ["webhooks in a list", { openapi: "3.1.0", webhooks: [] }, '"#/webhooks" is not an object'],
  ["paths in a list", { openapi: "3.1.0", paths: [] }, '"#/paths" is not an object'],
  ["a path without a slash", documentOf({ things: {} }), '"#/paths/things" does not begin with "/"'],
  ["a path that is nothing", documentOf({ "/things": null }), '"#/paths/~1things" is missing'],
  ["an operation that is text", withOperation("GET"), `"${operation}" is not an object`],
  [
    "an operation id that is a number",
    withOperation({ operationId: 1 }),
    `"${operation}/operationId" is not a string`,
  ],
  ["tags that are text", withOperation({ tags: "a" }), `"${operation}/tags" is not an array`],
  ["parameters by name", withOperation({ parameters: {} }), `"${operation}/parameters" is not an array`],
  [
    "a parameter without a name",
    withParameter({ in: "query", schema: text }),
    `"${parameter}" has no "name"`,
  ],
  [
    "a parameter nowhere",
    withParameter({ name: "a", in: "body" }),
    `"${parameter}/in" is not a place of parameters`,
  ],
  [
    "a parameter of nothing",
    withParameter({ name: "a", in: "query" }),
    `"${parameter}" has neither "schema" nor "content"`,
  ],
  [
    "a parameter twice",
    withOperation({ parameters: ["a", "a"].map((name) => ({ name, in: "query", schema: text })) }),
    `"${operation}/parameters" has the query parameter "a" twice`,
  ],
  [
    "a required cookie",
    withParameter({ name: "session", in: "cookie", required: true, schema: text }),
    `"${parameter}" makes "POST /things" require the cookie "session", and tools send no cookies`,
  ],
  [
    "a path without its parameter",
    documentOf({ "/things/{id}": { get: {} } }),
    '"#/paths/~1things~1{id}/get" has no path parameter "id"',
  ],
  [
    "a parameter without its path",
    withParameter({ name: "id", in: "path", schema: text }),
    `"${operation}" has a path parameter "id" that is not in its path. Write it in the path in braces`,
  ],
  [
    "a body without content",
    withOperation({ requestBody: {} }),
    `"${operation}/requestBody/content" is missing`,
  ],
  [
    "a body of no type",
    withOperation({ requestBody: { content: {} } }),
    'requestBody/content" has no content type',
  ],
  [
    "a schema that is text",
    withSchema("string"),
    `"${parameter}/schema" is not an object. It has to be a schema`,
  ],
  ["a type that nobody knows", withSchema({ type: "file" }), `"${parameter}/schema/type" is not a type`],
  [
    "a required that is a flag",
    withSchema({ required: true }),
    `"${parameter}/schema/required" is not a list of names`,
  ],
  [
    "a length that is text",
    withSchema({ maxLength: "3" }),
    `"${parameter}/schema/maxLength" is not a whole number`,
  ],
  ["a choice of nothing", withSchema({ oneOf: [] }), `"${parameter}/schema/oneOf" is empty`],
  [
    "an enum of nothing",
    withSchema({ enum: [] }),
    `"${parameter}/schema/enum" is not a list of at least one value`,
  ],
  [
    "a limit that is text",
    withSchema({ exclusiveMinimum: "1" }),
    `"${parameter}/schema/exclusiveMinimum" is neither a number nor a boolean`,
  ],
  [
    "a reference to nothing",
    withSchema({ $ref: "#/components/schemas/A~B" }),
    `"${parameter}/schema/$ref" refers to "#/components/schemas/A~B", and nothing is there`,
  ],
  ["a reference to what all objects have", withSchema({ $ref: "#/constructor" }), "and nothing is there"],
  [
    "a reference out of the document",
    withSchema({ $ref: "./other.json#/A" }),
    'refers to "./other.json#/A", which is outside of the document. Bundle',
  ],
  ["a reference to an anchor", withSchema({ $ref: "#thing" }), 'is "#thing", which is not a JSON pointer'],
  ["a reference badly encoded", withSchema({ $ref: "#/%E0%A4%A" }), "which is not a JSON pointer"],
  ["a reference that is a number", withSchema({ $ref: 1 }), `"${parameter}/schema/$ref" is not a string`],
  [
    "references in a circle",
    withSchema(
      { $ref: "#/components/schemas/A" },
      { A: { $ref: "#/components/schemas/B" }, B: { $ref: "#/components/schemas/A" } },
    ),
    `"${parameter}/schema" refers to itself`,
  ],
  [
    "a parameter that refers to itself",
    withParameter({ $ref: parameter }),
    `"${parameter}" refers to itself`,
  ],
  [
    "an unknown word about tools",
    withOperation({ "x-langchain-tool": { kinds: "read" } }),
    `"${operation}/x-langchain-tool/kinds" is not known. Known are: name, method, kind`,
  ],
  [
    "a kind that is a typo",
    withOperation({ "x-langchain-tool": { kind: "raed" } }),
    `"${operation}/x-langchain-tool/kind" is neither "read" nor "write"`,
  ],
  [
    "a hint that follows from the kind",
    withOperation({ "x-langchain-tool": { annotations: { readOnlyHint: true } } }),
    'annotations/readOnlyHint" is not known',
  ],
])("a document with %s is refused, with the place and what to do", (_, document, problem) => {
  const told = problemWith(document);
  expect(told).toMatch(/^OpenAPI document: /);
  expect(told).toContain(problem);
  expect(told).toMatch(/\. [A-Z].*\.$/);
});

test("a place with a name of a megabyte is not repeated in full", () => {
  expect(problemWith(documentOf({ [`/${"a".repeat(1_000_000)}{id}`]: { get: {} } })).length).toBeLessThan(
    600,
  );
});

test("what is left empty in YAML is as if it were not there", () => {
  const document = documentOf({
    "/things": {
      parameters: null,
      get: null,
      post: {
        summary: null,
        tags: null,
        deprecated: null,
        requestBody: { content: { "application/json": { schema: null } } },
        parameters: [{ name: "a", in: "query", description: null, schema: { type: null, items: null } }],
        "x-langchain-tool": null,
      },
    },
  });
  const [descriptor, ...others] = descriptorsFromOpenApi(document);
  expect(others).toEqual([]);
  expect(descriptor!.inputSchema.properties).toEqual({
    a: {},
    body: { description: "The body of the request." },
  });
});
