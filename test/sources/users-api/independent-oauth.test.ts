import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { usersApi, type ToolSource } from "langchain-1password";
import { useAuthorizationServer, type ClientPair } from "../../support/authorization-server.js";
import { directContext } from "../../support/context.js";
import { someCredentials, someId } from "../../support/credentials.js";
import { toolsetErrorOf } from "../../support/errors.js";

// RFC 6749, 2.3.1, judged by a certified authorization server: neither this library's author nor the sandbox's
// decides here how credentials are encoded.

function sourceOf(baseUrl: string, pair: ClientPair): ToolSource {
  return usersApi({ ...someCredentials, ...pair, baseUrl });
}

const pairs: ClientPair[] = [
  { clientId: "client", clientSecret: "secret" },
  { clientId: "a:client", clientSecret: "a:secret:with:colons" },
  { clientId: "100%", clientSecret: "%41%20%zz%" },
  { clientId: "a+b", clientSecret: "+plus+ and space " },
  { clientId: "two words", clientSecret: "three more words" },
  { clientId: "a&b=c", clientSecret: "grant_type=password&x=y" },
  { clientId: "quo\"te'd", clientSecret: 'back\\slash/"and"?#[]@!$()*,;~`^{|}<>' },
  { clientId: "-_.!~*'()", clientSecret: "-_.!~*'()" },
  { clientId: "clïent", clientSecret: "pässwörd ñ €" },
  { clientId: "客户", clientSecret: "秘密🔑 e\u0301" },
];

describe("an authorization server takes the credentials", () => {
  test.each(pairs)("$clientId with $clientSecret", async (pair) => {
    const server = await useAuthorizationServer(pairs);
    const source = sourceOf(server.baseUrl, pair);
    await expect(source.readUser!(someId, directContext())).resolves.toMatchObject({ id: someId });
    expect(server.served).toEqual([server.nameOf(pair)]);
  });

  test("of thirty pairs made by chance", async () => {
    const ascii = fc.string({ minLength: 8, maxLength: 60, unit: "grapheme-ascii" });
    const any = fc.string({ minLength: 8, maxLength: 40, unit: "grapheme" });
    const half = fc.oneof({ weight: 2, arbitrary: ascii }, any).filter(
      // eslint-disable-next-line no-control-regex -- control characters are refused as options
      (text) => text.trim() !== "" && !/[\u0000-\u001f\u007f]/.test(text),
    );
    const pair = fc.record({ clientId: half, clientSecret: half });
    const thirty = fc.uniqueArray(pair, {
      minLength: 30,
      maxLength: 30,
      selector: ({ clientId }) => clientId,
    });
    const [chosen = []] = fc.sample(thirty, 1);
    const server = await useAuthorizationServer(chosen);
    for (const one of chosen) {
      const reading = sourceOf(server.baseUrl, one).readUser!(someId, directContext());
      await expect(reading, JSON.stringify(one)).resolves.toMatchObject({ id: someId });
    }
    expect(server.served).toEqual(chosen.map(server.nameOf));
  });
});

test("an authorization server refuses another secret, and that is told as such", async () => {
  const [pair] = pairs as [ClientPair];
  const server = await useAuthorizationServer([pair]);
  const source = sourceOf(server.baseUrl, { ...pair, clientSecret: "secret " });
  const error = await toolsetErrorOf(source.readUser!(someId, directContext()));
  expect(error.code).toBe("unauthorized");
  expect(error.text).toMatch(/invalid_client/);
  expect(server.served).toEqual([]);
});

test("an authorization server no longer knows a token that was given back", async () => {
  const [pair] = pairs as [ClientPair];
  const server = await useAuthorizationServer([pair]);
  let token = "";
  const source = usersApi({
    ...someCredentials,
    ...pair,
    baseUrl: server.baseUrl,
    fetch: (input, init) => {
      token = new Headers(init?.headers).get("authorization") ?? token;
      return fetch(input, init);
    },
  });
  await source.readUser(someId, directContext());
  const read = () =>
    fetch(`${server.baseUrl}/v1/accounts/${someCredentials.accountId}/users/${someId}`, {
      headers: { authorization: token },
    });
  expect((await read()).status).toBe(200);
  const bearer = token;
  await source.close();
  token = bearer;
  expect((await read()).status).toBe(401);
});
