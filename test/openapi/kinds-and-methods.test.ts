import { describe, expect, test } from "vitest";
import type { ToolDescriptor } from "../../src/descriptor.js";
import { descriptorsFromOpenApi } from "../../src/openapi/descriptors.js";
import type { OpenApiToolsOptions } from "../../src/openapi/operation.js";
import { documentOf, onlyOperation } from "./small-documents.js";

function descriptorOf(
  httpMethod: string,
  path: string,
  operation: object = {},
  others: object = {},
): ToolDescriptor {
  const parameters = Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => ({
    name,
    in: "path",
    schema: {},
  }));
  const document = documentOf({ [path]: { [httpMethod]: { parameters, ...operation } }, ...others });
  return descriptorsFromOpenApi(document)[0]!;
}

describe("the verb of an operation that names none", () => {
  test.each([
    ["get", "/users", "list"],
    ["get", "/users/", "list"],
    ["get", "/orgs/{org}/users", "list"],
    ["get", "/users/{id}", "get"],
    ["head", "/users/{id}", "get"],
    ["post", "/users", "create"],
    ["post", "/orgs/{org}/users", "create"],
    ["put", "/users/{id}", "update"],
    ["patch", "/users/{id}", "update"],
    ["post", "/users/{id}", "update"],
    ["delete", "/users/{id}", "delete"],
    ["post", "/users/{id}:suspend", "suspend"],
    ["post", "/users:batchGet", "batchGet"],
    ["post", "/users/{id}/suspend", "suspend"],
    ["post", "/users/{id}/tfa/disable", "disable"],
    ["options", "/users", "options"],
  ])("%s %s is %s", (httpMethod, path, verb) => {
    expect(descriptorOf(httpMethod, path).method).toBe(verb);
  });

  test("is create for words after an id that the document shows to be a collection", () => {
    const id = { name: "id", in: "path", schema: {} };
    const item = { name: "item", in: "path", schema: {} };
    const path = "/users/{id}/staff";
    expect(descriptorOf("post", path).method).toBe("staff");
    expect(
      descriptorOf("post", path, {}, { [`${path}/{item}`]: { get: { parameters: [id, item] } } }).method,
    ).toBe("create");
    const [read, create] = descriptorsFromOpenApi(
      documentOf({ [path]: { parameters: [id], get: {}, post: {} } }),
    );
    expect([read!.method, create!.method]).toEqual(["list", "create"]);
  });
});

describe("the kind of an operation", () => {
  test.each(["get", "head", "post", "put", "patch", "delete", "options"])(
    "is write for a %s that nobody vouches for",
    (httpMethod) => {
      expect(descriptorOf(httpMethod, "/users").kind).toBe("write");
    },
  );

  test("is read where the document says so", () => {
    expect(descriptorOf("post", "/search", { "x-langchain-tool": { kind: "read" } }).kind).toBe("read");
  });

  const document = documentOf({
    "/a": { get: { operationId: "a" }, post: { operationId: "b", "x-langchain-tool": { kind: "read" } } },
  });
  const kindsOf = (kind: OpenApiToolsOptions["kind"]) =>
    descriptorsFromOpenApi(document, kind === undefined ? {} : { kind }).map((one) => one.kind);

  test("kind: the caller decides by id or by a function, and leaves what it does not know", () => {
    expect(kindsOf(undefined)).toEqual(["write", "read"]);
    expect(kindsOf({ a: "read" })).toEqual(["read", "read"]);
    expect(kindsOf({ b: "write" })).toEqual(["write", "write"]);
    expect(kindsOf(({ httpMethod }) => (httpMethod === "get" ? "read" : "write"))).toEqual(["read", "write"]);
    expect(kindsOf(() => undefined)).toEqual(["write", "read"]);
  });

  test.each([
    [{ c: "read" }, '"kind" names the operation "c", which the document does not have. It has: a, b.'],
    [{ a: "raed" }, '"kind" gives "raed" for "a" (GET /a). Give "read" or "write".'],
    [() => true, '"kind" gives a boolean for "a" (GET /a)'],
  ])("kind: a mistake in it is refused: %j", (kind, message) => {
    expect(() => kindsOf(kind as OpenApiToolsOptions["kind"])).toThrow(message);
  });

  test("kind: an id that two operations have says nothing about either", () => {
    const twice = documentOf({ "/a": { get: { operationId: "a" } }, "/b": { delete: { operationId: "a" } } });
    expect(() => descriptorsFromOpenApi(twice, { kind: { a: "read" } })).toThrow(
      "the document has 2 of that id",
    );
  });
});

describe("hints and tags", () => {
  test.each([
    ["get", {}, { readOnlyHint: false, destructiveHint: true, idempotentHint: true }],
    ["put", {}, { readOnlyHint: false, destructiveHint: true, idempotentHint: true }],
    ["delete", {}, { readOnlyHint: false, destructiveHint: true, idempotentHint: true }],
    ["post", {}, { readOnlyHint: false, destructiveHint: true, idempotentHint: false }],
    ["patch", {}, { readOnlyHint: false, destructiveHint: true, idempotentHint: false }],
    ["post", { kind: "read" }, { readOnlyHint: true, destructiveHint: false, idempotentHint: true }],
    [
      "post",
      { annotations: { destructiveHint: false, idempotentHint: true } },
      { readOnlyHint: false, destructiveHint: false, idempotentHint: true },
    ],
    [
      "get",
      { kind: "read", annotations: { destructiveHint: true } },
      { readOnlyHint: true, destructiveHint: false, idempotentHint: true },
    ],
  ])("of a %s that says %j", (httpMethod, extension, hints) => {
    const { annotations } = descriptorOf(httpMethod, "/users", { "x-langchain-tool": extension });
    expect(annotations).toEqual({ ...hints, openWorldHint: true });
  });

  test("tags are the tool's own, else the operation's, each once", () => {
    expect(descriptorOf("get", "/users", { tags: ["a", "b", "a"] }).tags).toEqual(["a", "b"]);
    expect(
      descriptorOf("get", "/users", { tags: ["a"], "x-langchain-tool": { tags: ["directory"] } }).tags,
    ).toEqual(["directory"]);
  });

  test("functions that choose see the operation as the document has it", () => {
    const seen: unknown[] = [];
    descriptorsFromOpenApi(documentOf({ "/users": { get: { operationId: "ListUsers", tags: ["a"] } } }), {
      kind: (operation) => {
        seen.push(operation);
        return undefined;
      },
    });
    expect(seen).toEqual([{ operationId: "ListUsers", httpMethod: "get", path: "/users", tags: ["a"] }]);
  });

  test("an operation without an id has none", () => {
    expect(onlyOperation(documentOf({ "/users": { get: {} } })).operationId).toBeNull();
  });
});
