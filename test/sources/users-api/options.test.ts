import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { usersApi, type UsersApiOptions } from "langchain-1password";
import { someCredentials, someId } from "../../support/credentials.js";
import { thrownBy, toolsetErrorOf } from "../../support/errors.js";
import { sendJson, useServer } from "../../support/server.js";
import { directContext } from "../../support/context.js";

const secret = "s3cret/with:odd%parts";

const refusals: [what: string, options: Partial<Record<keyof UsersApiOptions, unknown>>, text: RegExp][] = [
  ["a missing client id", { clientId: undefined }, /"clientId" is missing/],
  ["a blank client id", { clientId: "  " }, /"clientId" is blank/],
  ["a missing secret", { clientSecret: undefined }, /"clientSecret" is missing/],
  ["an empty secret", { clientSecret: "" }, /"clientSecret" is missing/],
  ["a secret with a newline", { clientSecret: `${secret}\n` }, /"clientSecret" holds a line break/],
  ["a secret that is no string", { clientSecret: 5 }, /"clientSecret" is a number/],
  ["an account id that is an address", { accountId: "acme.1password.com" }, /26 letters and digits/],
  ["an account id that is too short", { accountId: "ABC" }, /"accountId" is "ABC"/],
  ["an unknown region", { region: "us" }, /"region" is "us".*"com", "ca" and "eu"/],
  ["a region beside a base URL", { region: "eu", baseUrl: "https://a.example" }, /"region" and "baseUrl"/],
  ["http to another host", { baseUrl: "http://api.1password.com" }, /"baseUrl".*not https/],
  ["a base URL that is none", { baseUrl: "api.1password.com" }, /"baseUrl" is not a URL/],
  ["a base URL with a query", { baseUrl: "https://a.example/?x=1" }, /query or a fragment/],
  ["a base URL with an empty query", { baseUrl: "https://a.example/?" }, /query or a fragment/],
  ["a base URL with a fragment", { baseUrl: "https://a.example/#x" }, /query or a fragment/],
  [
    "a base URL with a password",
    { baseUrl: `https://u:${secret.slice(0, 6)}@a.example` },
    /user name or password/,
  ],
  ["another protocol", { baseUrl: "ftp://a.example" }, /not https/],
  ["an unknown version", { apiVersion: "v2" }, /"apiVersion" is "v2"/],
  ["a user agent without a version", { userAgent: "acme" }, /"userAgent" is not <name>\/<version>/],
  ["a user agent that breaks a header", { userAgent: "acme/1\r\nx: y" }, /"userAgent"/],
  ["a timeout of nothing", { timeoutMs: 0 }, /"timeoutMs" is 0/],
  ["a timeout that is no number", { timeoutMs: Number.NaN }, /"timeoutMs" is NaN/],
];

describe("usersApi refuses at once, naming the option and showing no secret:", () => {
  test.each(refusals)("%s", (_what, options, text) => {
    const all = { ...someCredentials, clientSecret: secret, ...options } as unknown as UsersApiOptions;
    const error = thrownBy(() => usersApi(all));
    expect(error.code).toBe("invalid_argument");
    expect(error.text).toMatch(text);
    expect(inspect(error, { showHidden: true })).not.toContain(secret.slice(0, 6));
  });
});

test.each(["http://127.0.0.1:9", "http://localhost:9", "http://[::1]:9", "https://a.example/onepassword/"])(
  "%s is a base URL",
  (baseUrl) => {
    expect(usersApi({ ...someCredentials, baseUrl }).key).toContain(new URL(baseUrl).origin);
  },
);

test("a secret from a function is checked before it is sent", async () => {
  const { baseUrl, received } = await useServer((_request, response) => sendJson(response, 200, {}));
  const source = usersApi({ ...someCredentials, baseUrl, clientSecret: () => `${secret}\n` });
  const error = await toolsetErrorOf(source.readUser(someId, directContext()));
  expect(error.text).toMatch(/"clientSecret" holds a line break/);
  expect(received).toEqual([]);
});

test("a path prefix stands before every path", async () => {
  const { baseUrl, received } = await useServer((_request, response) => sendJson(response, 500, {}));
  const source = usersApi({ ...someCredentials, baseUrl: `${baseUrl}/gateway/op/` });
  await toolsetErrorOf(source.readUser(someId, directContext()));
  expect(received[0]?.url.pathname).toBe("/gateway/op/v1/oauth/token");
});
