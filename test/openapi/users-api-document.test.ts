import { getEncoding } from "js-tiktoken";
import { describe, expect, test } from "vitest";
import { operationsFromOpenApi } from "../../src/openapi/operations.js";
import document from "../../src/sources/users-api/openapi.json" with { type: "json" };
import { accepts } from "./small-documents.js";

const operations = operationsFromOpenApi(document);
const descriptors = operations.map(({ descriptor }) => descriptor);
const byName = Object.fromEntries(descriptors.map((descriptor) => [descriptor.name, descriptor]));
const id = "IR7VJHJ36JHINBFAD7V2T5MP3E";

describe("the four tools of the Users API", () => {
  test("have the names, verbs and kinds that Truto gives them", () => {
    expect(descriptors.map(({ name, method, kind, tags }) => [name, method, kind, tags.join()])).toEqual([
      ["list_all_1_password_users", "list", "read", "directory"],
      ["get_single_1_password_user_by_id", "get", "read", "directory"],
      ["1_password_users_suspend", "suspend", "write", "directory"],
      ["1_password_users_reactivate", "reactivate", "write", "directory"],
    ]);
  });

  test("have portable names for Gemini", () => {
    expect(operationsFromOpenApi(document, { names: "portable" }).map((one) => one.descriptor.name)).toEqual([
      "list_all_1_password_users",
      "get_single_1_password_user_by_id",
      "onepassword_users_suspend",
      "onepassword_users_reactivate",
    ]);
  });

  test("go to the paths of the vendor's own document", () => {
    expect(operations.map(({ httpMethod, path }) => `${httpMethod} ${path}`)).toEqual([
      "get /accounts/{account}/users",
      "get /accounts/{account}/users/{user}",
      "post /accounts/{account}/users/{user}:suspend",
      "post /accounts/{account}/users/{user}:reactivate",
    ]);
  });

  test("never show the account: the source fills it in", () => {
    for (const { descriptor, parameters } of operations) {
      expect(parameters).toContainEqual({ name: "account", in: "path", argument: "account", bound: true });
      expect(Object.keys(descriptor.inputSchema.properties)).not.toContain("account");
    }
  });

  test("call the user by id, and only by id", () => {
    for (const { descriptor, parameters } of operations.slice(1)) {
      expect(parameters).toContainEqual({ name: "user", in: "path", argument: "id", bound: false });
      expect(accepts(descriptor, { id })).toBe(true);
      expect(accepts(descriptor, {})).toBe(false);
      expect(accepts(descriptor, { id: "m.scott@example.com" })).toBe(false);
      expect(accepts(descriptor, { id: id.toLowerCase() })).toBe(false);
      expect(accepts(descriptor, { id, email: "m.scott@example.com" })).toBe(false);
    }
  });

  test.each([
    [{}, true],
    [{ filter: "user.isActive()", max_page_size: 1000, page_token: "bmV4dA==" }, true],
    [{ filter: "user.isSuspended()", max_page_size: 1 }, true],
    [{ filter: "user.email == 'a@example.com'" }, false],
    [{ max_page_size: 0 }, false],
    [{ max_page_size: 1001 }, false],
    [{ max_page_size: 25.5 }, false],
    [{ email: "m.scott@example.com" }, false],
  ])("list takes what the API takes: %j %s", (args, isTaken) => {
    expect(accepts(byName.list_all_1_password_users!, args)).toBe(isTaken);
  });

  test("say what they change: suspending and reactivating may be repeated, and are not harmless", () => {
    const read = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true };
    const write = { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true };
    expect(descriptors.map(({ annotations }) => annotations)).toEqual([read, read, write, write]);
  });

  test.each([
    ["list_all_1_password_users", ["no filter by email", "no groups", "last sign-in", "read every page"]],
    ["get_single_1_password_user_by_id", ["before a write", "No groups", "last sign-in"]],
    [
      "1_password_users_suspend",
      ["check that the email", "offline device", "directory sync", "rotating", "last owner"],
    ],
    ["1_password_users_reactivate", ["check that the email", "asked for"]],
  ])("%s tells the model what it would otherwise guess", (name, words) => {
    for (const word of words) expect(byName[name]!.description).toContain(word);
  });

  test("cost at most 750 tokens together as OpenAI definitions", () => {
    const encoding = getEncoding("o200k_base");
    const definitions = descriptors.map(({ name, description, inputSchema: parameters }) =>
      JSON.stringify({ type: "function", function: { name, description, parameters } }),
    );
    const tokens = definitions.reduce((sum, definition) => sum + encoding.encode(definition).length, 0);
    expect(tokens).toBeLessThanOrEqual(750);
  });
});

describe("the document of the Users API", () => {
  test("has every region and both versions", () => {
    const { url, variables } = document.servers[0]!;
    expect(url).toBe("https://api.1password.{region}/{version}");
    expect(variables.region.enum).toEqual(["com", "ca", "eu"]);
    expect(variables.version.enum).toEqual(["v1", "v1beta1"]);
  });

  test("has the token endpoint of both versions", () => {
    const endpoints = Object.values(document.components.securitySchemes).map(
      ({ flows }) => flows.clientCredentials.tokenUrl,
    );
    expect(endpoints).toEqual([
      "https://api.1password.com/v1/oauth/token",
      "https://api.1password.com/v1beta1/users/oauth2/token",
    ]);
  });

  test("says of every operation what can come back", () => {
    const answers = Object.values(document.paths).map((path) =>
      Object.keys("get" in path ? path.get.responses : path.post.responses).join(" "),
    );
    expect(answers).toEqual([
      "200 400 401 403 404 429 500",
      "200 400 401 403 404 429 500",
      "200 400 401 403 404 409 429 500",
      "200 400 401 403 404 409 429 500",
    ]);
    expect(Object.keys(document.components.responses.RateLimited.headers)).toEqual([
      "ratelimit-limit",
      "ratelimit-remaining",
      "ratelimit-reset",
      "retry-after",
    ]);
  });
});
