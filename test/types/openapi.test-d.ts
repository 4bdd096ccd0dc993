import { spec } from "@directus/specs";
import { describe, expectTypeOf, test } from "vitest";
import type { ToolDescriptor, ToolKind } from "../../src/descriptor.js";
import { descriptorsFromOpenApi } from "../../src/openapi/descriptors.js";
import type { OpenApiDocument } from "../../src/openapi/document.js";
import type {
  OpenApiOperation,
  OpenApiOperationKey,
  OpenApiToolsOptions,
} from "../../src/openapi/operation.js";
import { operationsFromOpenApi } from "../../src/openapi/operations.js";
import { portableName } from "../../src/openapi/portable-name.js";
import truto from "../../src/sources/truto/openapi.json" with { type: "json" };
import type { components as Truto, paths as TrutoPaths } from "../../src/sources/truto/schema.js";
import usersApi from "../../src/sources/users-api/openapi.json" with { type: "json" };
import type {
  components as Users,
  operations as UsersOperations,
} from "../../src/sources/users-api/schema.js";
import type { User } from "../../src/user.js";

describe("descriptorsFromOpenApi", () => {
  test("takes imported JSON, other packages' types, and documents written on the spot", () => {
    expectTypeOf(descriptorsFromOpenApi).parameter(0).toEqualTypeOf<OpenApiDocument>();
    expectTypeOf(usersApi).toExtend<OpenApiDocument>();
    expectTypeOf(truto).toExtend<OpenApiDocument>();
    expectTypeOf(spec).toExtend<OpenApiDocument>();
    descriptorsFromOpenApi({
      openapi: "3.1.0",
      info: { title: "a", version: "1" },
      paths: {},
      components: {},
    });
    // @ts-expect-error a text has to be parsed first
    descriptorsFromOpenApi('{"openapi":"3.1.0"}');
  });

  test("gives descriptors", () => {
    expectTypeOf(descriptorsFromOpenApi).returns.toEqualTypeOf<ToolDescriptor[]>();
  });

  test("takes names as a mode, a record or a function", () => {
    descriptorsFromOpenApi(usersApi, { names: "truto" });
    descriptorsFromOpenApi(usersApi, { names: "portable" });
    descriptorsFromOpenApi(usersApi, { names: { ListUsers: "list_users" } });
    descriptorsFromOpenApi(usersApi, { names: ({ operationId }) => operationId ?? undefined });
    // @ts-expect-error names are texts
    descriptorsFromOpenApi(usersApi, { names: { ListUsers: 1 } });
    // @ts-expect-error not a mode
    descriptorsFromOpenApi(usersApi, { names: "short" });
  });

  test("takes kinds as a record or a function", () => {
    descriptorsFromOpenApi(usersApi, { kind: { ListUsers: "read" } });
    descriptorsFromOpenApi(usersApi, { kind: ({ httpMethod }) => (httpMethod === "get" ? "read" : "write") });
    // @ts-expect-error a typo in what is safe
    descriptorsFromOpenApi(usersApi, { kind: { ListUsers: "raed" } });
    // @ts-expect-error methods are in lower case
    descriptorsFromOpenApi(usersApi, { kind: ({ httpMethod }) => (httpMethod === "GET" ? "read" : "write") });
    expectTypeOf<Extract<OpenApiToolsOptions["kind"], (key: never) => unknown>>().toEqualTypeOf<
      (operation: OpenApiOperationKey) => ToolKind | undefined
    >();
  });
});

describe("operationsFromOpenApi", () => {
  test("says where each argument goes", () => {
    expectTypeOf(operationsFromOpenApi).returns.toEqualTypeOf<OpenApiOperation[]>();
    expectTypeOf<OpenApiOperation["operationId"]>().toEqualTypeOf<string | null>();
    expectTypeOf<OpenApiOperation["parameters"][number]["in"]>().toEqualTypeOf<"path" | "query" | "header">();
    type Body = NonNullable<OpenApiOperation["body"]>;
    expectTypeOf<Extract<Body, { mode: "argument" }>["argument"]>().toEqualTypeOf<string>();
    expectTypeOf<Extract<Body, { mode: "properties" }>>().not.toHaveProperty("argument");
  });
});

test("portableName makes one name of another", () => {
  expectTypeOf(portableName).toEqualTypeOf<(name: string) => string>();
});

describe("the generated types", () => {
  test("of a user are those that the library uses", () => {
    expectTypeOf<Users["schemas"]["User"]>().toExtend<User>();
    expectTypeOf<User>().toExtend<Users["schemas"]["User"]>();
  });

  test("of the filter are the two expressions that the API knows", () => {
    type Query = NonNullable<UsersOperations["ListUsers"]["parameters"]["query"]>;
    expectTypeOf<Query["filter"]>().toEqualTypeOf<"user.isActive()" | "user.isSuspended()" | undefined>();
    expectTypeOf<UsersOperations["SuspendUser"]["requestBody"]>().toEqualTypeOf<undefined>();
  });

  test("of Truto's calls demand the integrated account", () => {
    type Query = TrutoPaths["/proxy/{resource}"]["get"]["parameters"]["query"];
    expectTypeOf<Query["integrated_account_id"]>().toEqualTypeOf<string>();
    expectTypeOf<Truto["schemas"]["ToolsPage"]["next_cursor"]>().toEqualTypeOf<string | null | undefined>();
  });
});
