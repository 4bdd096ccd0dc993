import { Validator } from "@cfworker/json-schema";
import { describe, expect, test } from "vitest";
import { operationsFromOpenApi } from "../../src/openapi/operations.js";
import { directus, gitbook } from "./public-documents.js";
import { sampleOf } from "./samples.js";
import { referencesIn } from "./small-documents.js";

const ofGitbook = operationsFromOpenApi(gitbook());
const ofDirectus = operationsFromOpenApi(directus());

describe.each([
  ["GitBook, OpenAPI 3.1", ofGitbook, 377],
  ["Directus, OpenAPI 3.0", ofDirectus, 136],
])("%s", (_, operations, count) => {
  const tools = operations.map(({ descriptor }) => ({
    ...descriptor,
    validator: new Validator(structuredClone(descriptor.inputSchema)),
  }));

  test("gives a tool for each operation, each with a name of its own that every provider takes", () => {
    expect(tools).toHaveLength(count);
    expect(new Set(tools.map(({ name }) => name)).size).toBe(count);
    for (const { name } of tools) expect(name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
  });

  test("has no reference left, and no schema that is out of all proportion", () => {
    for (const { inputSchema } of tools) {
      expect(referencesIn(inputSchema)).toEqual([]);
      expect(JSON.stringify(inputSchema).length).toBeLessThan(50_000);
    }
  });

  test("is all writes until somebody says otherwise", () => {
    expect(new Set(tools.map(({ kind }) => kind))).toEqual(new Set(["write"]));
  });

  test("takes arguments that fit, tool by tool", () => {
    const refused = tools.filter(
      ({ inputSchema, validator }) => !validator.validate(sampleOf(inputSchema)).valid,
    );
    expect(refused.map(({ name }) => name)).toEqual([]);
  });

  test("refuses an argument that is missing, unknown or of another type, tool by tool", () => {
    let tried = 0;
    for (const { name, inputSchema, validator } of tools) {
      const sample = sampleOf(inputSchema) as Record<string, unknown>;
      const isTaken = (args: unknown) => {
        tried++;
        return validator.validate(args).valid;
      };
      expect([name, isTaken({ ...sample, no_such_argument: 1 })]).toEqual([name, false]);
      for (const required of inputSchema.required ?? []) {
        const rest = Object.entries(sample).filter(([argument]) => argument !== required);
        expect([name, required, isTaken(Object.fromEntries(rest))]).toEqual([name, required, false]);
      }
      for (const [argument, { type }] of Object.entries(inputSchema.properties)) {
        if (typeof type !== "string") continue;
        const wrong = type === "string" ? 1 : "neither a number nor anything else";
        expect([name, argument, isTaken({ ...sample, [argument]: wrong })]).toEqual([name, argument, false]);
      }
    }
    expect(tried).toBeGreaterThan(3 * count);
  });

  test("keeps arguments and places apart: every argument has one, every place its argument", () => {
    for (const { descriptor, parameters, body } of operations) {
      const ofBody = body === null ? [] : body.mode === "argument" ? [body] : body.properties;
      expect([...parameters, ...ofBody].map(({ argument }) => argument).sort()).toEqual(
        Object.keys(descriptor.inputSchema.properties).sort(),
      );
    }
  });
});

test("Directus: an argument of the path and one of the body that share a name both reach their place", () => {
  const update = ofDirectus.find(({ operationId }) => operationId === "updateUser");
  expect(update?.parameters).toContainEqual({ name: "id", in: "path", argument: "id", bound: false });
  expect(update?.body).toMatchObject({
    properties: expect.arrayContaining([{ name: "id", argument: "body_id" }]) as unknown,
  });
});

test("GitBook: a summary of a deprecated operation says so", () => {
  const deprecated = ofGitbook.filter(({ descriptor }) => descriptor.description.startsWith("Deprecated. "));
  expect(deprecated.length).toBeGreaterThan(0);
});
