import { Validator } from "@cfworker/json-schema";
import { describe, expect, test } from "vitest";
import { operationsFromOpenApi } from "../../src/openapi/operations.js";
import truto from "../../src/sources/truto/openapi.json" with { type: "json" };
import usersApi from "../../src/sources/users-api/openapi.json" with { type: "json" };

describe.each([
  ["the Users API", usersApi, 4, 12],
  ["Truto", truto, 7, 12],
])("the document of %s", (_, document, operationCount, exampleCount) => {
  test("can be read", () => {
    expect(operationsFromOpenApi(document)).toHaveLength(operationCount);
  });

  test("has examples that fit their schemas", () => {
    const examples = examplesIn(document);
    expect(examples.length).toBeGreaterThanOrEqual(exampleCount);
    const components = { schemas: document.components.schemas };
    for (const { schema, example } of examples) {
      const { errors } = new Validator({ ...schema, components }).validate(example);
      expect(errors).toEqual([]);
    }
  });

  test("says of every operation what a rate limit looks like", () => {
    const answers = Object.values(document.paths).flatMap((path: object) =>
      Object.values(path).flatMap((operation: { responses?: object }) => operation.responses ?? []),
    );
    expect(answers).toHaveLength(operationCount);
    for (const answer of answers) {
      expect(answer).toHaveProperty("429", { $ref: "#/components/responses/RateLimited" });
    }
    expect(Object.keys(document.components.responses.RateLimited.headers)).toEqual([
      "ratelimit-limit",
      "ratelimit-remaining",
      "ratelimit-reset",
      "retry-after",
    ]);
  });
});

test("Truto's document makes no tools of its own: its tools come from its list", () => {
  expect(JSON.stringify(truto)).not.toContain("x-langchain-tool");
});

test("Truto's endpoints are the ones that its pages show", () => {
  expect(
    operationsFromOpenApi(truto).map(({ httpMethod, path, operationId }) => [operationId, httpMethod, path]),
  ).toEqual([
    ["ListTools", "get", "/integrated-account/{id}/tools"],
    ["ListRecords", "get", "/proxy/{resource}"],
    ["CreateRecord", "post", "/proxy/{resource}"],
    ["GetRecord", "get", "/proxy/{resource}/{id_or_method}"],
    ["CallMethod", "post", "/proxy/{resource}/{id_or_method}"],
    ["DeleteRecord", "delete", "/proxy/{resource}/{id_or_method}"],
    ["UpdateRecord", "patch", "/proxy/{resource}/{id_or_method}"],
  ]);
});

function examplesIn(value: unknown): { schema: object; example: unknown }[] {
  if (typeof value !== "object" || value === null) return [];
  const found = Object.values(value).flatMap(examplesIn);
  return "example" in value && "schema" in value
    ? [{ schema: value.schema as object, example: value.example }, ...found]
    : found;
}
