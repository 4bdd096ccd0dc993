import { expect, test } from "vitest";
import type { TrutoOptions } from "../../../src/sources/truto/options.js";
import { truto } from "../../../src/sources/truto/source.js";
import { toolsetErrorOf, thrownBy } from "../../support/errors.js";
import { sendJson, useServer } from "../../support/server.js";

const good = { apiKey: "key-of-truto-1", integratedAccountId: "6e2a1b50-7f0c-4d9f-9c55-6f1d3a2b4c5d" };

test.each<[string, Partial<Record<keyof TrutoOptions, unknown>>, RegExp]>([
  ["a missing key", { apiKey: undefined }, /^"apiKey" is missing\. Give an API key/],
  ["a blank key", { apiKey: "  " }, /^"apiKey" is blank/],
  ["a key that is no text", { apiKey: 7 }, /^"apiKey" is a number/],
  ["a key with a newline", { apiKey: "key-of-truto-1\n" }, /^"apiKey" holds a line break/],
  [
    "a key in typographic quotes",
    { apiKey: "“key-of-truto-1”" },
    /^"apiKey" holds a space or another character/,
  ],
  ["a missing account", { integratedAccountId: undefined }, /^"integratedAccountId" is missing/],
  ["a blank account", { integratedAccountId: " " }, /^"integratedAccountId" is blank/],
  ["an account that leads to another path", { integratedAccountId: "../me" }, /^"integratedAccountId" holds/],
  ["an account with a query behind it", { integratedAccountId: "a?b=c" }, /^"integratedAccountId" holds/],
  ["an account that is two dots", { integratedAccountId: ".." }, /^"integratedAccountId" holds/],
  [
    "http to another machine",
    { baseUrl: "http://api.truto.one" },
    /^"baseUrl" "http:\/\/api.truto.one" is not https/,
  ],
  ["a base URL with a query", { baseUrl: "https://api.truto.one?x=1" }, /^"baseUrl" .* holds a query/],
  ["no time at all", { timeoutMs: 0 }, /^"timeoutMs" is 0/],
  ["a time that is no number", { timeoutMs: Number.NaN }, /^"timeoutMs" is NaN/],
])("%s is refused, naming the option and no secret", (_, options, text) => {
  const error = thrownBy(() => truto({ ...good, ...options } as TrutoOptions));
  expect(error).toMatchObject({ code: "invalid_argument" });
  expect(error.text).toMatch(text);
  expect(error.message).not.toContain("key-of-truto");
});

test("the key of a source tells the account apart and holds no secret", () => {
  expect(truto(good).key).toBe(`https://api.truto.one ${good.integratedAccountId}`);
  expect(truto({ ...good, baseUrl: "https://eu.example.com/truto" }).key).not.toBe(truto(good).key);
});

test("apiKey may be a function, which is asked anew for each request and checked each time", async () => {
  const { baseUrl, received } = await useServer((_, response) => sendJson(response, 200, { result: [] }));
  const keys = ["key-1", "key-2", "key-3\n"];
  const source = truto({ ...good, baseUrl, apiKey: () => Promise.resolve(keys.shift() ?? "") });
  await source.list({});
  await source.list({});
  expect(received.map(({ headers }) => headers.authorization)).toEqual(["Bearer key-1", "Bearer key-2"]);
  expect((await toolsetErrorOf(source.list({}))).text).toMatch(/^"apiKey" holds a line break/);
  expect(received).toHaveLength(2);
});

test("fetch is what sends, and timeoutMs bounds the whole answer", async () => {
  const { baseUrl } = await useServer((_, response) => response.write("{"));
  const seen: string[] = [];
  const source = truto({
    ...good,
    baseUrl: `${baseUrl}/prefix`,
    timeoutMs: 50,
    fetch: (input, init) => {
      seen.push(input as string);
      return fetch(input, init);
    },
  });
  expect(await toolsetErrorOf(source.list({}))).toMatchObject({ code: "timeout" });
  expect(seen).toEqual([`${baseUrl}/prefix/integrated-account/${good.integratedAccountId}/tools`]);
});

test("what a fetch of one's own throws is shown as the cause, without the key", async () => {
  const source = truto({
    ...good,
    fetch: (_input, init) =>
      Promise.reject(new Error(`no way out for ${new Headers(init?.headers).get("authorization")}`)),
  });
  const error = await toolsetErrorOf(source.list({}));
  expect(error).toMatchObject({ code: "network", cause: { message: "no way out for Bearer [secret]" } });
});
