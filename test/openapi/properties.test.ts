import { Validator, type Schema } from "@cfworker/json-schema";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isToolsetError } from "../../src/errors/toolset-error.js";
import type { ToolDescriptor } from "../../src/descriptor.js";
import { descriptorsFromOpenApi } from "../../src/openapi/descriptors.js";
import type { OpenApiDocument } from "../../src/openapi/document.js";
import usersApi from "../../src/sources/users-api/openapi.json" with { type: "json" };
import { isValid, readSchema, referencesIn } from "./small-documents.js";

const names = fc.constantFrom("a", "b", "c");
const components = ["A", "B", "C"];

/** Schemas that refer to each other, but only from inside of a value: others have no meaning of their own. */
const { schema: anySchema } = fc.letrec<{ schema: object; inner: object }>((tie) => {
  const schemas = fc.array(tie("schema"), { minLength: 1, maxLength: 3 });
  const leaf = fc.oneof(
    fc.record({ type: fc.constantFrom("string", "integer", "number", "boolean", "null", "object", "array") }),
    fc.record({
      type: fc.uniqueArray(fc.constantFrom("string", "integer", "null", "object"), { minLength: 1 }),
    }),
    fc.record({ enum: fc.uniqueArray(fc.constantFrom<unknown>("a", 1, null, true), { minLength: 1 }) }),
    fc.record({ minimum: fc.integer({ min: 0, max: 2 }), exclusiveMaximum: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ minLength: fc.integer({ min: 0, max: 2 }), pattern: fc.constantFrom("^a", "b$", "(?i)x") }),
    fc.record({ required: fc.uniqueArray(names) }),
    fc.record({ minProperties: fc.integer({ min: 0, max: 2 }), minItems: fc.integer({ min: 0, max: 2 }) }),
  );
  const nested = fc.record(
    {
      type: fc.constantFrom("object", "array"),
      description: fc.constant("A value."),
      properties: fc.dictionary(names, tie("inner"), { maxKeys: 3 }),
      required: fc.uniqueArray(names, { maxLength: 2 }),
      additionalProperties: fc.oneof(fc.boolean(), tie("inner")),
      patternProperties: fc.dictionary(fc.constantFrom("^a", "b$"), tie("inner"), { maxKeys: 1 }),
      items: tie("inner"),
      contains: tie("inner"),
      allOf: schemas,
      anyOf: schemas,
      oneOf: schemas,
      not: tie("schema"),
      if: tie("schema"),
      then: tie("schema"),
      else: tie("schema"),
    },
    { requiredKeys: [] },
  );
  return {
    schema: fc.oneof({ maxDepth: 4, depthSize: "small" }, leaf, nested),
    inner: fc.oneof(
      { maxDepth: 4, depthSize: "small" },
      tie("schema"),
      fc.record({ $ref: fc.constantFrom(...components.map((name) => `#/components/schemas/${name}`)) }),
    ),
  };
});

const anyValue = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    fc.constantFrom<unknown>("a", "ab", "", 0, 1, 2, 1.5, true, null),
    fc.dictionary(names, tie("value"), { maxKeys: 3 }),
    fc.array(tie("value"), { maxLength: 2 }),
  ),
})).value;

describe("a schema as it was read", () => {
  const cases = fc.record({
    schema: anySchema,
    schemas: fc.record(Object.fromEntries(components.map((name) => [name, anySchema]))),
    values: fc.array(anyValue, { minLength: 5, maxLength: 20 }),
  });

  test("takes every value that the document takes, and where nothing was cut no other", () => {
    let exact = 0;
    let taken = 0;
    fc.assert(
      fc.property(cases, ({ schema, schemas, values }) => {
        const read = readSchema(schema, schemas);
        expect(referencesIn(read)).toEqual([]);
        const original = new Validator(withoutUnreadable({ ...schema, components: { schemas } }) as Schema);
        const isExact = !JSON.stringify([read, schema, schemas]).match(/not described here|\(\?i\)/);
        for (const value of values) {
          const isAllowed = original.validate(value).valid;
          if (isAllowed) expect(isValid(read, value)).toBe(true);
          else if (isExact) expect(isValid(read, value)).toBe(false);
          taken += Number(isAllowed);
        }
        exact += Number(isExact);
      }),
      { numRuns: 1000 },
    );
    expect(exact).toBeGreaterThan(200);
    expect(taken).toBeGreaterThan(1000);
  });
});

describe("any document", () => {
  const anyJson = fc.jsonValue({ maxDepth: 3 });
  const parameter = fc.record(
    {
      name: fc.oneof(names, fc.string()),
      in: fc.constantFrom("path", "query", "header", "cookie", "body"),
      required: fc.boolean(),
      schema: fc.oneof(anySchema, anyJson),
      "x-langchain-tool": fc.oneof(fc.record({ argument: names }), fc.record({ bound: fc.boolean() })),
    },
    { requiredKeys: ["name", "in", "schema"] },
  );
  const operation = fc.record(
    {
      operationId: fc.oneof(names, fc.string()),
      summary: fc.string({ unit: "binary" }),
      tags: fc.array(fc.string(), { maxLength: 2 }),
      deprecated: fc.boolean(),
      parameters: fc.array(parameter, { maxLength: 4 }),
      requestBody: fc.record({
        required: fc.boolean(),
        content: fc.dictionary(
          fc.constantFrom("application/json", "text/plain", "multipart/form-data", "image/png"),
          fc.record({ schema: fc.oneof(anySchema, anyJson) }),
        ),
      }),
    },
    { requiredKeys: [] },
  );
  const documents = fc.record({
    openapi: fc.constantFrom("3.0.0", "3.0.4", "3.1.0", "3.1.1"),
    paths: fc.dictionary(
      fc.constantFrom("/a", "/a/{a}", "/a/{a}:b", "/{a}/{b}", "a", "/"),
      fc.dictionary(fc.constantFrom("get", "post", "put", "delete"), operation, { maxKeys: 3 }),
      { maxKeys: 3 },
    ),
    components: fc.record({
      schemas: fc.record(Object.fromEntries(components.map((name) => [name, anySchema]))),
    }),
  });

  test("becomes tools that can be bound, or an error that says where it is wrong", () => {
    let read = 0;
    fc.assert(
      fc.property(documents, (document) => {
        read += Number(readOrRefused(document));
      }),
      { numRuns: 500 },
    );
    expect(read).toBeGreaterThan(50);
  });

  test("that is not even close to one is refused with an error of this library", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.anything(), fc.record({ openapi: fc.constant("3.1.0"), paths: anyJson })),
        (value) => {
          readOrRefused(value);
        },
      ),
      { numRuns: 500 },
    );
  });

  test("made of the Users API by changing one thing anywhere becomes tools, or such an error", () => {
    const places = placesIn(usersApi);
    const change = fc.record({
      place: fc.constantFrom(...places),
      value: fc.oneof(
        anyJson,
        fc.constant(undefined),
        fc.constantFrom(...places).map((place) => ({ $ref: `#/${place.join("/")}` })),
        anySchema,
      ),
    });
    let read = 0;
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 2 }), (changes) => {
        const document = structuredClone(usersApi);
        for (const { place, value } of changes) put(document, place, value);
        read += Number(readOrRefused(document));
      }),
      { numRuns: 1000 },
    );
    expect(read).toBeGreaterThan(200);
  });
});

/** Reads a document; anything but usable tools and errors of this library fails the test. */
function readOrRefused(document: unknown): boolean {
  let descriptors: ToolDescriptor[];
  try {
    descriptors = descriptorsFromOpenApi(document as OpenApiDocument);
  } catch (error) {
    if (!isToolsetError(error)) throw error;
    expect(error.code).toBe("invalid_argument");
    expect(error.message.length).toBeLessThan(2000);
    return false;
  }
  expect(new Set(descriptors.map(({ name }) => name)).size).toBe(descriptors.length);
  for (const { name, inputSchema, description } of descriptors) {
    expect(name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
    expect(description.length).toBeLessThanOrEqual(1024);
    expect(referencesIn(inputSchema)).toEqual([]);
    for (const argument of Object.keys(inputSchema.properties))
      expect(argument).toMatch(/^[a-zA-Z0-9_.-]{1,64}$/);
    for (const args of [{}, { id: "IR7VJHJ36JHINBFAD7V2T5MP3E" }, { a: 1, b: { c: [null] }, body: {} }]) {
      expect(typeof isValid(inputSchema, args)).toBe("boolean");
    }
  }
  return descriptors.length > 0;
}

/** The validator would throw at a pattern that JavaScript cannot read. */
function withoutUnreadable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUnreadable);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([key, inner]) => key !== "pattern" || inner !== "(?i)x");
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutUnreadable(inner)]));
}

function placesIn(value: unknown, place: string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    [...place, key],
    ...placesIn(inner, [...place, key]),
  ]);
}

function put(document: object, place: readonly string[], value: unknown): void {
  let holder = document as Record<string, unknown>;
  for (const key of place.slice(0, -1)) {
    const next = holder[key];
    if (typeof next !== "object" || next === null) return;
    holder = next as Record<string, unknown>;
  }
  const last = place.at(-1)!;
  if (value === undefined) Reflect.deleteProperty(holder, last);
  else holder[last] = value;
}
