import { describe, expect, test } from "vitest";
import { operationsFromOpenApi } from "../../src/openapi/operations.js";
import { accepts, documentOf, onlyOperation, operationWithBody } from "./small-documents.js";

const text = { type: "string" };

function withBody(content: unknown, requestBody: object = {}, httpMethod = "post") {
  return onlyOperation(
    documentOf({ "/things": { [httpMethod]: { requestBody: { content, ...requestBody } } } }),
  );
}

test.each([
  { webhooks: { userSuspended: { post: { operationId: "userSuspended" } } } },
  { webhooks: {}, paths: null },
  { components: { schemas: { user: text } } },
])("a document that has no paths, but something else, is one without tools: %j", (parts) => {
  expect(
    operationsFromOpenApi({ openapi: "3.1.0", info: { title: "Events", version: "1" }, ...parts }),
  ).toEqual([]);
});

describe("parameters", () => {
  test("in path, query and header are arguments; those in the path are always required", () => {
    const { descriptor, parameters } = onlyOperation(
      documentOf({
        "/things/{id}": {
          get: {
            parameters: [
              { name: "X-Trace", in: "header", schema: text },
              { name: "limit", in: "query", required: true, schema: { type: "integer" } },
              { name: "id", in: "path", schema: text },
            ],
          },
        },
      }),
    );
    expect(parameters).toEqual([
      { name: "id", in: "path", argument: "id", bound: false },
      { name: "limit", in: "query", argument: "limit", bound: false },
      { name: "X-Trace", in: "header", argument: "X-Trace", bound: false },
    ]);
    expect(descriptor.inputSchema).toEqual({
      type: "object",
      properties: { id: text, limit: { type: "integer" }, "X-Trace": text },
      required: ["id", "limit"],
      additionalProperties: false,
    });
  });

  test("of the path hold for every operation, unless one describes its own", () => {
    const [read, change] = operationsFromOpenApi(
      documentOf({
        "/things/{id}": {
          parameters: [
            { name: "id", in: "path", required: true, schema: text },
            { name: "dry", in: "query", schema: text },
          ],
          get: {},
          put: { parameters: [{ name: "dry", in: "query", required: true, schema: { type: "boolean" } }] },
        },
      }),
    );
    expect(read!.descriptor.inputSchema).toMatchObject({
      properties: { id: text, dry: text },
      required: ["id"],
    });
    expect(change!.descriptor.inputSchema).toMatchObject({
      properties: { id: text, dry: { type: "boolean" } },
      required: ["id", "dry"],
    });
  });

  test("are found through references, escaped and percent-encoded ones too", () => {
    const { parameters } = onlyOperation(
      documentOf(
        { "/things": { $ref: "#/components/pathItems/a~1b~0c%20d" } },
        {
          pathItems: { "a/b~c d": { get: { parameters: [{ $ref: "#/components/parameters/Limit" }] } } },
          parameters: {
            Limit: { $ref: "#/components/parameters/RealLimit" },
            RealLimit: { name: "limit", in: "query", schema: { $ref: "#/components/schemas/Size" } },
          },
          schemas: { Size: { type: "integer" } },
        },
      ),
    );
    expect(parameters.map(({ name }) => name)).toEqual(["limit"]);
  });

  test("are described by themselves, then by their schema", () => {
    const { descriptor } = onlyOperation(
      documentOf({
        "/things": {
          get: {
            parameters: [
              { name: "a", in: "query", description: "Of a.", schema: { ...text, description: "Of text." } },
              { name: "b", in: "query", schema: { ...text, description: "Of text." } },
              { name: "c", in: "query", deprecated: true, description: "Of c.", schema: text },
            ],
          },
        },
      }),
    );
    expect(descriptor.inputSchema.properties).toEqual({
      a: { type: "string", description: "Of a." },
      b: { type: "string", description: "Of text." },
      c: { type: "string", description: "Deprecated. Of c.", deprecated: true },
    });
  });

  test("that are described by content have its schema", () => {
    const parameters = [
      { name: "where", in: "query", content: { "application/json": { schema: { type: "object" } } } },
    ];
    const { descriptor } = onlyOperation(documentOf({ "/things": { get: { parameters } } }));
    expect(descriptor.inputSchema.properties).toEqual({ where: { type: "object" } });
  });

  test("that the client sets itself, and cookies, are left out", () => {
    const { descriptor, parameters } = onlyOperation(
      documentOf({
        "/things": {
          get: {
            parameters: [
              { name: "Accept", in: "header", schema: text },
              { name: "content-type", in: "header", schema: text },
              { name: "Authorization", in: "header", required: true, schema: text },
              { name: "session", in: "cookie", schema: text },
            ],
          },
        },
      }),
    );
    expect(parameters).toEqual([]);
    expect(descriptor.inputSchema).toEqual({ type: "object", properties: {}, additionalProperties: false });
  });

  test("may be renamed for the model, or bound by the source", () => {
    const { descriptor, parameters } = onlyOperation(
      documentOf({
        "/{tenant}/things/{thing}": {
          delete: {
            parameters: [
              { name: "tenant", in: "path", schema: text, "x-langchain-tool": { bound: true } },
              { name: "thing", in: "path", schema: text, "x-langchain-tool": { argument: "id" } },
            ],
          },
        },
      }),
    );
    expect(parameters).toEqual([
      { name: "tenant", in: "path", argument: "tenant", bound: true },
      { name: "thing", in: "path", argument: "id", bound: false },
    ]);
    expect(descriptor.inputSchema).toMatchObject({ properties: { id: text }, required: ["id"] });
    expect(accepts(descriptor, { id: "1", tenant: "x" })).toBe(false);
  });
});

describe("bodies", () => {
  test("that are plain objects give an argument for each property", () => {
    const { descriptor, body } = operationWithBody({
      type: "object",
      properties: { name: text, size: { type: "integer" } },
      required: ["name"],
    });
    expect(body).toEqual({
      mode: "properties",
      contentType: "application/json",
      properties: [
        { name: "name", argument: "name" },
        { name: "size", argument: "size" },
      ],
      required: true,
    });
    expect(descriptor.inputSchema).toEqual({
      type: "object",
      properties: { name: text, size: { type: "integer" } },
      required: ["name"],
      additionalProperties: false,
    });
  });

  test.each([
    ["an array", { type: "array", items: text }],
    ["a free map", { type: "object", additionalProperties: text }],
    ["an object with more than its properties", { properties: { a: text }, additionalProperties: true }],
    ["a choice", { oneOf: [{ type: "object", properties: { a: text } }, text] }],
    ["an object or nothing", { type: ["object", "null"], properties: { a: text } }],
    ["anything", {}],
  ])("that are %s are one argument", (_, schema) => {
    const { descriptor, body } = operationWithBody(schema);
    expect(body).toEqual({
      mode: "argument",
      contentType: "application/json",
      argument: "body",
      required: true,
    });
    expect(Object.keys(descriptor.inputSchema.properties)).toEqual(["body"]);
    expect(descriptor.inputSchema.required).toEqual(["body"]);
  });

  test("that are optional require none of their properties", () => {
    const schema = { type: "object", properties: { name: text }, required: ["name"] };
    const { descriptor, body } = withBody({ "application/json": { schema } });
    expect(body?.required).toBe(false);
    expect(accepts(descriptor, {})).toBe(true);
  });

  test.each([
    [["application/xml", "application/json", "text/plain"], "application/json"],
    [["text/plain", "application/vnd.api+json; charset=utf-8"], "application/vnd.api+json; charset=utf-8"],
    [["multipart/form-data", "application/x-www-form-urlencoded"], "application/x-www-form-urlencoded"],
    [["image/png", "text/csv"], "text/csv"],
    [["*/*"], "application/json"],
    [["text/*"], "text/plain"],
    [["image/*"], "application/octet-stream"],
    [["APPLICATION/JSON"], "APPLICATION/JSON"],
  ])("of several content types %j are sent as %s", (types, sent) => {
    const content = Object.fromEntries(types.map((type) => [type, { schema: { type: "object" } }]));
    expect(withBody(content).body?.contentType).toBe(sent);
  });

  test("of a content type in other letters are read all the same", () => {
    const schema = { type: "object", properties: { a: text } };
    expect(withBody({ "Application/JSON": { schema } }).body).toMatchObject({ mode: "properties" });
  });

  test("of forms give an argument for each field, a file in base64", () => {
    const { descriptor, body } = withBody({
      "multipart/form-data": {
        schema: {
          type: "object",
          properties: { title: text, file: { ...text, format: "binary", description: "The file." } },
        },
      },
    });
    expect(body).toMatchObject({ mode: "properties", contentType: "multipart/form-data" });
    expect(descriptor.inputSchema.properties).toEqual({
      title: text,
      file: { type: "string", contentEncoding: "base64", description: "The file. Base64." },
    });
  });

  test("of text are one string, of bytes one in base64", () => {
    expect(withBody({ "text/plain": {} }).descriptor.inputSchema.properties.body).toMatchObject({
      type: "string",
      description: "The body of the request.",
    });
    expect(
      withBody({ "image/png": {} }, { description: "A picture." }).descriptor.inputSchema.properties.body,
    ).toEqual({ type: "string", contentEncoding: "base64", description: "A picture. Base64." });
  });

  test.each(["get", "head"])("of %s are left out, because fetch cannot send them", (httpMethod) => {
    const content = { "application/json": { schema: { type: "object", properties: { a: text } } } };
    const { descriptor, body } = withBody(content, { required: true }, httpMethod);
    expect(body).toBeNull();
    expect(descriptor.inputSchema.properties).toEqual({});
  });

  test("of DELETE are kept: APIs that want a list of ids to delete exist", () => {
    const content = { "application/json": { schema: { type: "array", items: text } } };
    expect(withBody(content, {}, "delete").body).toMatchObject({ mode: "argument", argument: "body" });
  });
});

describe("arguments of one name", () => {
  const clash = documentOf({
    "/things/{id}": {
      patch: {
        parameters: [
          { name: "id", in: "header", schema: { type: "integer" } },
          { name: "id", in: "query", schema: { type: "boolean" } },
          { name: "id", in: "path", schema: text },
        ],
        requestBody: {
          required: true,
          content: {
            "application/json": {
              schema: {
                type: "object",
                properties: { id: { type: "null" }, body_id: text },
                required: ["id"],
              },
            },
          },
        },
      },
    },
  });

  test("keep apart: path, query, header, body, and nobody loses a name of its own", () => {
    const { parameters, body, descriptor } = onlyOperation(clash);
    expect(parameters.map(({ in: place, argument }) => [place, argument])).toEqual([
      ["path", "id"],
      ["query", "query_id"],
      ["header", "header_id"],
    ]);
    expect(body).toMatchObject({
      properties: [
        { name: "id", argument: "body_body_id" },
        { name: "body_id", argument: "body_id" },
      ],
    });
    expect(descriptor.inputSchema.required).toEqual(["id", "body_body_id"]);
  });

  test("are named the same every time", () => {
    expect(onlyOperation(structuredClone(clash))).toEqual(onlyOperation(clash));
  });

  test("never take the name of a bound parameter", () => {
    const { parameters, body } = onlyOperation(
      documentOf({
        "/{account}/things": {
          post: {
            parameters: [{ name: "account", in: "path", schema: text, "x-langchain-tool": { bound: true } }],
            requestBody: {
              content: { "application/json": { schema: { type: "object", properties: { account: text } } } },
            },
          },
        },
      }),
    );
    expect(parameters[0]!.argument).toBe("account");
    expect(body).toMatchObject({ properties: [{ name: "account", argument: "body_account" }] });
  });

  test("that providers would refuse are made legal, and differ", () => {
    const names = ["filter[name]", "filter name", "x".repeat(70), "ö", "$top"];
    const parameters = names.map((name) => ({ name, in: "query", schema: text }));
    const found = onlyOperation(documentOf({ "/things": { get: { parameters } } })).parameters;
    expect(found.map(({ name }) => name)).toEqual(names);
    expect(found.map(({ argument }) => argument)).toEqual([
      "filter_name",
      "query_filter_name",
      expect.stringMatching(/^x{56}_[0-9a-z]{7}$/),
      "argument",
      "top",
    ]);
  });
});

describe("descriptions", () => {
  test.each([
    [{ summary: "List things", description: "All of them." }, "List things. All of them."],
    [{ summary: "List things.", description: "List things. All." }, "List things. All."],
    [{ summary: "List things" }, "List things."],
    [{ description: "All things" }, "All things"],
    [{}, "GET /things"],
    [{ summary: "List things", deprecated: true }, "Deprecated. List things."],
    [{ description: "One\u202e line,\n\u0000 no more" }, "One line, no more"],
  ])("of %j are %j", (operation, description) => {
    expect(onlyOperation(documentOf({ "/things": { get: operation } })).descriptor.description).toBe(
      description,
    );
  });

  test("are cut where OpenAI would refuse them", () => {
    const { descriptor } = onlyOperation(
      documentOf({ "/things": { get: { description: "a".repeat(5000) } } }),
    );
    expect(descriptor.description).toHaveLength(1024);
  });
});
