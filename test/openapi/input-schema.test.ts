import { describe, expect, test } from "vitest";
import type { JsonSchema } from "../../src/descriptor.js";
import { accepts, isValid, operationWithBody, readSchema, referencesIn } from "./small-documents.js";

const text = { type: "string" };

describe("what OpenAPI 3.0 says in its own way", () => {
  test.each([
    ["nullable", { type: "string", nullable: true }, { type: ["string", "null"] }],
    [
      "nullable enum",
      { ...text, nullable: true, enum: ["a"] },
      { type: ["string", "null"], enum: ["a", null] },
    ],
    ["nullable without a type", { nullable: true, enum: [1] }, { enum: [1, null] }],
    [
      "nullable choice",
      { nullable: true, description: "A.", oneOf: [text, { type: "integer" }] },
      { description: "A.", anyOf: [{ oneOf: [text, { type: "integer" }] }, { type: "null" }] },
    ],
    ["not nullable", { type: "string", nullable: false }, { type: "string" }],
    ["exclusive minimum", { minimum: 1, exclusiveMinimum: true }, { exclusiveMinimum: 1 }],
    ["exclusive maximum", { maximum: 9, exclusiveMaximum: true }, { exclusiveMaximum: 9 }],
    ["inclusive minimum", { minimum: 1, exclusiveMinimum: false }, { minimum: 1 }],
    [
      "file",
      { type: "string", format: "binary" },
      { ...text, contentEncoding: "base64", description: "Base64." },
    ],
  ])("%s becomes JSON Schema", (_, schema, expected) => {
    expect(readSchema(schema, {}, "3.0.3")).toEqual(expected);
  });

  test("nothing beside a reference counts but its description", () => {
    const schema = { $ref: "#/components/schemas/Name", description: "Yours.", maxLength: 3 };
    expect(readSchema(schema, { Name: { ...text, description: "A name." } }, "3.0.3")).toEqual({
      ...text,
      description: "Yours.",
    });
  });
});

describe("what OpenAPI 3.1 says", () => {
  test("stays as it is", () => {
    const schema = {
      type: ["object", "null"],
      description: "A thing.",
      properties: {
        kind: { const: "a", default: "a", deprecated: true },
        list: {
          type: "array",
          prefixItems: [text],
          items: { type: "number", exclusiveMinimum: 0 },
          minItems: 1,
        },
        rest: { not: { type: "boolean" } },
        secret: { ...text, writeOnly: true },
      },
      patternProperties: { "^x-": true },
      additionalProperties: false,
      dependentRequired: { list: ["kind"] },
      if: { required: ["list"] },
      then: { minProperties: 2 },
    };
    expect(readSchema(schema)).toEqual({ ...schema, patternProperties: { "^x-": {} } });
  });

  test("beside a reference counts as well", () => {
    const schema = { $ref: "#/components/schemas/Name", description: "Yours.", maxLength: 3 };
    const schemas = { Name: { ...text, description: "A name.", maxLength: 5, minLength: 1 } };
    expect(readSchema(schema, schemas)).toEqual({
      ...text,
      description: "Yours.",
      minLength: 1,
      maxLength: 3,
    });
  });

  test("about documentation and naming is left out", () => {
    const schema = {
      ...text,
      $id: "https://example.com/name",
      $anchor: "name",
      $comment: "For us.",
      $defs: { other: text },
      example: "Ann",
      examples: ["Ann"],
      xml: { name: "name" },
      externalDocs: { url: "https://example.com" },
      discriminator: { propertyName: "kind" },
      "x-internal": true,
    };
    expect(readSchema(schema)).toEqual(text);
  });

  test("with true and false for a schema is told apart", () => {
    const schema = readSchema({ properties: { a: true, b: false } });
    expect(isValid(schema, { a: 1 })).toBe(true);
    expect(isValid(schema, { b: 1 })).toBe(false);
  });

  test("of a property that is called like a keyword, or like what all objects have, is kept", () => {
    const properties = Object.fromEntries(
      ["$ref", "example", "readOnly", "required", "constructor", "__proto__"].map((name) => [name, text]),
    );
    expect(readSchema({ type: "object", properties })).toEqual({ type: "object", properties });
  });

  test("about data that looks like a reference is data", () => {
    const schema = { default: { $ref: "#/nowhere" }, enum: [{ $ref: "#/nowhere" }] };
    expect(readSchema(schema)).toEqual(schema);
  });

  test("with a pattern that JavaScript cannot read does not count on it to tell alternatives apart", () => {
    const read = readSchema({
      oneOf: [
        { ...text, pattern: "^(?i)a" },
        { ...text, pattern: "^b" },
      ],
    });
    expect(isValid(read, "b")).toBe(true);
  });

  test("with a pattern that JavaScript cannot read goes without it", () => {
    expect(readSchema({ ...text, pattern: "^(?i)a" })).toEqual(text);
    expect(readSchema({ ...text, pattern: "^a$" })).toEqual({ ...text, pattern: "^a$" });
    const schema = { patternProperties: { "(?i)a": text, b: text }, additionalProperties: false };
    expect(readSchema(schema)).toEqual({ patternProperties: { b: text } });
  });
});

describe("readOnly properties", () => {
  test("are neither arguments nor required", () => {
    const { descriptor } = operationWithBody({
      type: "object",
      required: ["id", "name"],
      properties: {
        id: { ...text, readOnly: true },
        name: text,
        owner: {
          type: "object",
          required: ["at"],
          properties: { at: { ...text, readOnly: true }, by: text },
        },
      },
    });
    expect(descriptor.inputSchema).toEqual({
      type: "object",
      properties: { name: text, owner: { type: "object", properties: { by: text } } },
      required: ["name"],
      additionalProperties: false,
    });
  });

  test("are found where they are too deep to be described", () => {
    const id = { type: "object", readOnly: true, properties: { of: text } };
    const read = readSchema(nested(7, { type: "object", properties: { id }, required: ["id"] }));
    expect(isValid(read, nestedValue(7, {}))).toBe(true);
  });

  test("are found where their own schemas cannot become one", () => {
    const id = { allOf: [{ readOnly: true, pattern: "^a" }, { pattern: "b$" }] };
    expect(readSchema({ properties: { id }, required: ["id"] })).toEqual({ properties: {} });
  });

  test("are found behind references, in allOf, and where another member requires them", () => {
    const schema = {
      allOf: [
        { $ref: "#/components/schemas/Identified" },
        { required: ["id", "name"], properties: { name: text } },
        { not: { required: ["x"] } },
        { not: { required: ["y"] } },
      ],
    };
    const schemas = {
      Identified: { properties: { id: { $ref: "#/components/schemas/Id" } } },
      Id: { ...text, readOnly: true },
    };
    const read = readSchema(schema, schemas);
    expect(JSON.stringify(read)).not.toContain('"id"');
    expect(isValid(read, { name: "a" })).toBe(true);
    expect(isValid(read, {})).toBe(false);
  });

  test("do not make two alternatives fit that they told apart", () => {
    const read = readSchema({
      oneOf: [
        { properties: { id: { ...text, readOnly: true } }, required: ["id"] },
        { properties: { name: text } },
      ],
    });
    expect(isValid(read, { name: "a" })).toBe(true);
  });
});

describe("allOf", () => {
  test("becomes one object where that says the same", () => {
    const schemas = {
      Base: {
        type: "object",
        description: "Base.",
        properties: { id: { type: ["integer", "string"] }, size: { type: "number", minimum: 1 } },
        required: ["id"],
      },
    };
    const schema = {
      description: "Own.",
      allOf: [
        { $ref: "#/components/schemas/Base" },
        {
          properties: { id: { type: "number" }, size: { minimum: 3, maximum: 5 }, name: text },
          required: ["name"],
        },
      ],
    };
    expect(readSchema(schema, schemas)).toEqual({
      description: "Own.",
      type: "object",
      properties: { id: { type: "integer" }, size: { type: "number", minimum: 3, maximum: 5 }, name: text },
      required: ["id", "name"],
    });
  });

  test.each([
    [[{ properties: { a: text }, additionalProperties: false }, { additionalProperties: true }], { a: 1 }],
    [[{ properties: { a: text }, additionalProperties: false }, { additionalProperties: true }], { b: "b" }],
    [
      [{ uniqueItems: true }, { uniqueItems: false }],
      ["a", "a"],
    ],
    [[{ type: "integer" }, { type: "number", maximum: 3 }], 2.5],
    [[{ minLength: 1 }, { minLength: 3 }], "ab"],
  ])("%j refuses %j as one schema too", (allOf, value) => {
    const read = readSchema({ allOf });
    expect(read).not.toHaveProperty("allOf");
    expect(isValid(read, value)).toBe(false);
  });

  test("that stays keeps what stands beside a reference with an allOf of its own", () => {
    const schema = { $ref: "#/components/schemas/A", pattern: "x", allOf: [{ pattern: "b$" }] };
    const read = readSchema(schema, { A: { pattern: "^a" } });
    expect(["axb", "xb", "ab", "ax"].map((value) => isValid(read, value))).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  test.each([
    ["two patterns", { pattern: "^a" }, { pattern: "b$" }],
    ["types that exclude each other", { type: "string" }, { type: "integer" }],
    ["choices", { anyOf: [text] }, { anyOf: [{ maxLength: 1 }] }],
    [
      "a closed object and others' properties",
      { properties: { a: text }, additionalProperties: false },
      { properties: { b: text } },
    ],
    [
      "a closed object and others' patterns",
      { properties: { a: text }, additionalProperties: false },
      { patternProperties: { "^a": text } },
    ],
    ["conditions", { if: text, then: { maxLength: 1 } }, { if: text, then: { minLength: 1 } }],
    ["items after different first ones", { prefixItems: [text], items: text }, { items: text }],
    [
      "what no member evaluated",
      { properties: { a: text }, unevaluatedProperties: false },
      { properties: { b: text } },
    ],
  ])("stays where one object cannot say %s", (_, one, two) => {
    expect(readSchema({ allOf: [one, two] })).toEqual({ allOf: [one, two] });
  });

  test("gives the arguments of a body, one for each property", () => {
    const { body } = operationWithBody({
      allOf: [{ type: "object", properties: { a: text } }, { properties: { b: text } }],
    });
    expect(body).toMatchObject({ mode: "properties", properties: [{ name: "a" }, { name: "b" }] });
  });
});

describe("schemas without an end", () => {
  const tree = {
    Node: {
      type: "object",
      description: "A node.",
      required: ["name"],
      properties: { name: text, children: { type: "array", items: { $ref: "#/components/schemas/Node" } } },
      additionalProperties: false,
    },
  };
  const leaf = { name: "leaf" };

  test("are spelled out twice and then accept anything of their type", () => {
    const read = readSchema({ $ref: "#/components/schemas/Node" }, tree);
    expect(referencesIn(read)).toEqual([]);
    expect(isValid(read, { name: "a", children: [{ name: "b", children: [leaf] }] })).toBe(true);
    expect(isValid(read, { name: "a", children: [{ name: "b", children: [{ anything: 1 }] }] })).toBe(true);
    expect(isValid(read, { name: "a", children: [{ name: "b", children: ["no node"] }] })).toBe(false);
    expect(isValid(read, { name: "a", children: [{ nome: "b" }] })).toBe(false);
    expect(JSON.stringify(read)).toContain("A node. (What is inside is not described here.)");
  });

  test("still take a value that fits only one alternative when the cut makes it fit two", () => {
    const schemas = {
      Filter: {
        oneOf: [
          { type: "object", properties: { and: { $ref: "#/components/schemas/Filter" } }, required: ["and"] },
          {
            type: "object",
            properties: { and: { not: { $ref: "#/components/schemas/Filter" } } },
            required: ["and"],
          },
        ],
      },
    };
    const read = readSchema({ $ref: "#/components/schemas/Filter" }, schemas);
    for (const value of [{ and: 1 }, { and: { and: 1 } }, { and: { and: { and: { and: 1 } } } }]) {
      expect(isValid(read, value)).toBe(true);
    }
  });

  test.each([
    ["not", { not: nested(9, { const: 1 }) }],
    ["if", { if: nested(9, { const: 1 }), then: false }],
    ["oneOf", { oneOf: [nested(9, { const: 1 }), nested(9, { const: 2 })] }],
    [
      "unevaluatedProperties",
      nested(7, { anyOf: [{ properties: { a: nested(1, {}) } }], unevaluatedProperties: false }),
    ],
    ["maxContains", { contains: nested(9, { const: 1 }), minContains: 0, maxContains: 0 }],
  ])("refuse no more than before where something is cut inside of or beside %s", (_, schema) => {
    const value = nestedValue(9, 2);
    for (const allowed of [value, [value]].filter((one) => isValid(schema, one))) {
      expect(isValid(readSchema(schema), allowed)).toBe(true);
    }
    expect([value, [value]].some((one) => isValid(schema, one))).toBe(true);
  });

  test("keep what has nothing inside, however deep it is", () => {
    const read = readSchema(nested(8, { enum: [1] }));
    expect(isValid(read, nestedValue(8, 1))).toBe(true);
    expect(isValid(read, nestedValue(8, 2))).toBe(false);
    expect(isValid(readSchema(nested(9, { enum: [1] })), nestedValue(9, 2))).toBe(true);
  });

  test("end in documents that were dereferenced in memory, too", () => {
    const node: Record<string, unknown> = { type: "object", properties: { name: text } };
    Object.assign(node.properties as object, { next: node });
    const read = readSchema(node);
    expect(isValid(read, { name: "a", next: { name: "b", next: { name: "c" } } })).toBe(true);
    expect(isValid(read, { name: "a", next: { name: 1 } })).toBe(false);
  });
});

describe("schemas that are too large", () => {
  const levels = Array.from({ length: 40 }, (_, level) => level);
  const names = Array.from({ length: 30 }, (_, index) => `p${index}`);
  const growing = (join: (next: object) => object) =>
    Object.fromEntries(
      levels.map((level) => [
        `L${level}`,
        join({ $ref: `#/components/schemas/L${Math.min(level + 1, 39)}` }),
      ]),
    );
  const growths: [string, Record<string, object>][] = [
    [
      "in properties",
      growing((next) => ({
        type: "object",
        properties: Object.fromEntries(names.map((name) => [name, next])),
      })),
    ],
    ["in allOf", { ...growing((next) => ({ allOf: names.map(() => next) })), L39: { type: "object" } }],
    ["in oneOf", { ...growing((next) => ({ oneOf: names.map(() => next) })), L39: { type: "object" } }],
  ];

  test.each(growths)("by growing thirtyfold at every level %s are cut", (_, schemas) => {
    const read = readSchema({ $ref: "#/components/schemas/L0" }, schemas);
    expect(referencesIn(read)).toEqual([]);
    expect(JSON.stringify(read).length).toBeLessThan(100_000);
    expect(isValid(read, {})).toBe(true);
  });

  test("by depth alone are cut, however deep they are", () => {
    let schema: object = text;
    for (let depth = 0; depth < 20_000; depth++) schema = { type: "array", items: schema };
    expect(isValid(readSchema(schema), [[[[]]]])).toBe(true);
    expect(isValid(readSchema(schema), [[["no list"]]])).toBe(false);
  });

  test("by width alone are one argument that accepts any object", () => {
    const properties = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`p${index}`, text]));
    const { descriptor, body } = operationWithBody({ type: "object", properties });
    expect(body).toMatchObject({ mode: "argument", argument: "body" });
    expect(accepts(descriptor, { body: { p1: "a" } })).toBe(true);
    expect(accepts(descriptor, { body: "p1" })).toBe(false);
  });
});

/** An object in an object in an object, so many levels down to what is inside. */
function nested(levels: number, inside: JsonSchema): JsonSchema {
  if (levels === 0) return inside;
  return { type: "object", properties: { a: nested(levels - 1, inside) }, required: ["a"] };
}

function nestedValue(levels: number, inside: unknown): unknown {
  return levels === 0 ? inside : { a: nestedValue(levels - 1, inside) };
}
