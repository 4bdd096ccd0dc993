import { Validator, type Schema } from "@cfworker/json-schema";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isToolsetError } from "../../src/errors/toolset-error.js";
import type { ToolDescriptor } from "../../src/descriptor.js";
import { descriptorsFromOpenApi } from "../../src/openapi/descriptors.js";
import type { OpenApiDocument } from "../../src/openapi/document.js";
import usersApi from "../../src/sources/users-api/openapi.json" with { type: "json" };
import { isValid, readSchema, referencesIn } from "./small-documents.js";

const numRuns = process.env.TEST_FULL ? 3000 : 300;
const names = fc.constantFrom("a", "b", "c");
const components = ["A", "B", "C"];

/** Schemas that refer to each other, but only from inside of a value: others have no meaning of their own. */
const { schema: anySchema } = fc.letrec<{ schema: object; inner: object }>((tie) => {
  const [schema, inner] = [tie("schema"), tie("inner")];
  const schemas = fc.array(schema, { minLength: 1, maxLength: 3 });
  const keyword = (values: Record<string, fc.Arbitrary<unknown>>) =>
    fc.record(values) as fc.Arbitrary<object>;
  const types = fc.constantFrom("string", "integer", "number", "boolean", "null", "object", "array");
  const limit = fc.integer({ min: 0, max: 2 });
  const leaf = fc.oneof(
    keyword({ type: types }),
    keyword({ type: fc.uniqueArray(types, { minLength: 1, maxLength: 3 }) }),
    keyword({ enum: fc.uniqueArray(fc.constantFrom<unknown>("a", 1, null, true), { minLength: 1 }) }),
    keyword({ minimum: limit, exclusiveMaximum: fc.integer({ min: 1, max: 3 }) }),
    keyword({ minLength: limit, pattern: fc.constantFrom("^a", "b$", "(?i)x") }),
    keyword({ required: fc.uniqueArray(names) }),
    keyword({ minProperties: limit, minItems: limit }),
    keyword({ description: fc.constant("A value.") }),
  );
  const nested = fc.oneof(
    keyword({ properties: fc.dictionary(names, inner, { maxKeys: 3 }) }),
    keyword({ properties: fc.dictionary(names, inner, { maxKeys: 2 }), required: fc.uniqueArray(names) }),
    keyword({ properties: fc.dictionary(names, inner, { maxKeys: 2 }), additionalProperties: fc.boolean() }),
    keyword({ additionalProperties: inner }),
    keyword({
      patternProperties: fc.dictionary(fc.constantFrom("^a", "b$", "(?i)x"), inner, { maxKeys: 2 }),
    }),
    keyword({ items: inner }),
    keyword({ contains: inner, maxContains: limit }),
    keyword({ allOf: schemas }),
    keyword({ anyOf: schemas }),
    keyword({ oneOf: schemas }),
    keyword({ not: schema }),
    keyword({ if: schema, then: schema, else: schema }),
  );
  const combined = fc.array(fc.oneof(leaf, nested), { minLength: 1, maxLength: 3 });
  return {
    schema: fc.oneof(
      { maxDepth: 3 },
      leaf,
      combined.map((parts) => Object.assign({}, ...parts) as object),
    ),
    inner: fc.oneof(
      { maxDepth: 3 },
      keyword({ $ref: fc.constantFrom(...components.map((name) => `#/components/schemas/${name}`)) }),
      schema,
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
        const isExact = !mayBeLoose(JSON.stringify({ schema, schemas }), JSON.stringify(read));
        for (const value of values) {
          const isAllowed = original.validate(value).valid;
          if (isAllowed) expect(isValid(read, value)).toBe(true);
          else if (isExact) expect(isValid(read, value)).toBe(false);
          taken += Number(isAllowed);
        }
        exact += Number(isExact);
      }),
      { numRuns },
    );
    expect(exact).toBeGreaterThan(numRuns / 4);
    expect(taken).toBeGreaterThan(numRuns);
  });
});

describe("any document", () => {
  const anyJson = fc.jsonValue({ maxDepth: 3 });
  const parameter = fc.record(
    {
      name: fc.string({ minLength: 1 }),
      in: fc.oneof(
        { weight: 9, arbitrary: fc.constantFrom("query", "header") },
        fc.constantFrom("path", "cookie", "body"),
      ),
      required: fc.boolean(),
      schema: fc.oneof({ weight: 9, arbitrary: anySchema }, anyJson),
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
      parameters: fc.array(parameter, { maxLength: 3 }),
      requestBody: fc.record({
        required: fc.boolean(),
        content: fc.dictionary(
          fc.constantFrom("application/json", "text/plain", "multipart/form-data", "image/png"),
          fc.record({ schema: fc.oneof({ weight: 9, arbitrary: anySchema }, anyJson) }),
          { minKeys: 1 },
        ),
      }),
    },
    { requiredKeys: [] },
  );
  const documents = fc.record({
    openapi: fc.constantFrom("3.0.0", "3.0.4", "3.1.0", "3.1.1"),
    paths: fc.dictionary(
      fc.oneof({ weight: 9, arbitrary: fc.constantFrom("/a", "/a:b", "/") }, fc.constantFrom("/{a}", "a")),
      fc.dictionary(fc.constantFrom("get", "post", "put", "delete"), operation, { maxKeys: 3 }),
      { minKeys: 1, maxKeys: 2 },
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
      { numRuns },
    );
    expect(read).toBeGreaterThan(numRuns / 10);
  });

  test("that is not even close to one is refused with an error of this library", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.anything(), fc.record({ openapi: fc.constant("3.1.0"), paths: anyJson })),
        (value) => {
          readOrRefused(value);
        },
      ),
      { numRuns },
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
      { numRuns },
    );
    expect(read).toBeGreaterThan(numRuns / 10);
  });
});

/** Whether something was left out: a pattern, or what was cut, with the `not` or `if` that it stood in. */
function mayBeLoose(document: string, read: string): boolean {
  const mayHaveGone = document.includes("$ref") && /"(not|if|contains)":/.test(document);
  return document.includes("(?i)") || read.includes("not described here") || mayHaveGone;
}

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
  const entries = Object.entries(value).filter(([key, inner]) => key !== "(?i)x" && inner !== "(?i)x");
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
