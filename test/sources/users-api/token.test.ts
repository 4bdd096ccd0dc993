import { expect, test } from "vitest";
import { HttpError, usersApi } from "langchain-1password";
import { directContext } from "../../support/context.js";
import { someCredentials, somebody, someId } from "../../support/credentials.js";
import { toolsetErrorOf } from "../../support/errors.js";
import { useSandbox } from "../../support/sandbox.js";
import { sendJson, tokenBody, useServer } from "../../support/server.js";

const tokenPath = /\/oauth2?\/token$/;

test("a hundred first calls at once ask for one token", async () => {
  const sandbox = await useSandbox({ users: 100, seed: 3 });
  const source = usersApi({ ...sandbox });
  const people = sandbox.users.slice(0, 100);
  const read = await Promise.all(people.map(({ id }) => source.readUser(id, directContext())));
  expect(read.map(({ email }) => email)).toEqual(people.map(({ email }) => email));
  expect(sandbox.requests.filter(({ path }) => tokenPath.test(path))).toHaveLength(1);
});

test("a token that has ended is replaced, and one that has not is kept", async () => {
  const sandbox = await useSandbox({ tokenTtlS: 1 });
  const source = usersApi({ ...sandbox });
  const tokens = () => sandbox.requests.filter(({ path }) => tokenPath.test(path)).length;
  const [person] = sandbox.users;
  await source.readUser(person!.id, directContext());
  await source.readUser(person!.id, directContext());
  expect(tokens()).toBe(1);
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await source.readUser(person!.id, directContext());
  expect(tokens()).toBe(2);
});

test("a 401 is answered by one new token, shared by all who got it", async () => {
  let issued = 0;
  const { baseUrl, received } = await useServer((request, response) => {
    if (tokenPath.test(request.url.pathname)) {
      issued += 1;
      sendJson(response, 200, { ...tokenBody, access_token: `token-${issued}` });
    } else if (request.headers.authorization === "Bearer token-1") {
      sendJson(response, 401, { code: 16, message: "unauthenticated", details: [] });
    } else sendJson(response, 200, somebody);
  });
  const source = usersApi({ ...someCredentials, baseUrl });
  const read = await Promise.all(Array.from({ length: 10 }, () => source.readUser(someId, directContext())));
  expect(read).toHaveLength(10);
  expect(received.filter(({ url }) => tokenPath.test(url.pathname))).toHaveLength(2);
});

test("a second 401 ends the call, and is no loop", async () => {
  const { baseUrl, received } = await useServer((request, response) => {
    if (tokenPath.test(request.url.pathname)) sendJson(response, 200, tokenBody);
    else sendJson(response, 401, { code: 16, message: "unauthenticated", details: [] });
  });
  const source = usersApi({ ...someCredentials, baseUrl });
  const error = await toolsetErrorOf(source.readUser(someId, directContext()));
  expect(error).toBeInstanceOf(HttpError);
  expect(error.code).toBe("unauthorized");
  expect(received.filter(({ url }) => !tokenPath.test(url.pathname))).toHaveLength(2);
});

test("refused credentials are not tried twice, until the secret is another", async () => {
  const sandbox = await useSandbox();
  let clientSecret = "not the secret";
  const source = usersApi({ ...sandbox, clientSecret: () => clientSecret });
  const [person] = sandbox.users;
  const first = await toolsetErrorOf(source.readUser(person!.id, directContext()));
  expect(first.code).toBe("unauthorized");
  expect(first.text).toMatch(/invalid_client.*"clientSecret"/s);
  await toolsetErrorOf(source.readUser(person!.id, directContext()));
  expect(sandbox.requests.map(({ path }) => path)).toEqual(["/v1/oauth/token"]);
  clientSecret = sandbox.clientSecret;
  await expect(source.readUser(person!.id, directContext())).resolves.toMatchObject({ id: person!.id });
});

test.each([
  [429, "rate_limited"],
  [503, "server_error"],
])("a token endpoint that answers %s is there, and asked again by the next call", async (status, code) => {
  let isOut = true;
  const { baseUrl, received } = await useServer((request, response) => {
    if (!tokenPath.test(request.url.pathname)) sendJson(response, 200, somebody);
    else if (isOut)
      sendJson(response, status, { error: "temporarily_unavailable" }, { "ratelimit-reset": "1" });
    else sendJson(response, 200, tokenBody);
  });
  const source = usersApi({ ...someCredentials, baseUrl });
  expect(await toolsetErrorOf(source.readUser(someId, directContext()))).toMatchObject({
    code,
    unsent: true,
  });
  expect(received.map(({ url }) => url.pathname)).toEqual(["/v1/oauth/token"]);
  isOut = false;
  await expect(source.readUser(someId, directContext())).resolves.toMatchObject({ id: someId });
});

test("a 401 without an OAuth error is told as one, and not tried again with the same secret", async () => {
  const { baseUrl, received } = await useServer((_request, response) =>
    sendJson(response, 401, { code: 16, message: "unauthenticated", details: [] }),
  );
  const source = usersApi({ ...someCredentials, baseUrl });
  for (let call = 0; call < 3; call += 1) {
    expect(await toolsetErrorOf(source.readUser(someId, directContext()))).toMatchObject({
      code: "unauthorized",
      status: 401,
    });
  }
  expect(received).toHaveLength(2);
});

test("a call that was aborted before it began asks for no token, and its failure stays its own", async () => {
  const unhandled: unknown[] = [];
  const listener = (reason: unknown) => unhandled.push(reason);
  process.on("unhandledRejection", listener);
  const { baseUrl, received } = await useServer((_request, response) =>
    sendJson(response, 401, { error: "invalid_client" }),
  );
  const source = usersApi({ ...someCredentials, baseUrl });
  const reason = new Error("gone");
  await expect(source.readUser(someId, directContext(AbortSignal.abort(reason)))).rejects.toBe(reason);
  const controller = new AbortController();
  const reading = source.readUser(someId, directContext(controller.signal));
  setTimeout(() => controller.abort(reason), 0);
  await reading.catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, 100));
  process.off("unhandledRejection", listener);
  expect(unhandled).toEqual([]);
  expect(received.length).toBeLessThanOrEqual(1);
});

test("one caller's abort leaves the token to the others", async () => {
  const { baseUrl } = await useServer((request, response) => {
    if (tokenPath.test(request.url.pathname)) setTimeout(() => sendJson(response, 200, tokenBody), 50);
    else sendJson(response, 200, somebody);
  });
  const source = usersApi({ ...someCredentials, baseUrl });
  const controller = new AbortController();
  const aborted = source.readUser(someId, directContext(controller.signal));
  const other = source.readUser(someId, directContext());
  controller.abort(new Error("the caller left"));
  await expect(aborted).rejects.toThrow("the caller left");
  await expect(other).resolves.toMatchObject({ id: someId });
});

test("closing revokes the token, and later calls say so", async () => {
  const sandbox = await useSandbox();
  const source = usersApi({ ...sandbox });
  const [person] = sandbox.users;
  await source.readUser(person!.id, directContext());
  await source.close();
  await source.close();
  expect(sandbox.requests.filter(({ path }) => path.endsWith("/revoke"))).toHaveLength(1);
  const error = await toolsetErrorOf(source.readUser(person!.id, directContext()));
  expect(error.text).toMatch(/source was closed/);
});

test("a token that cannot be revoked is told of, and does not break the end", async () => {
  const warnings: string[] = [];
  const sandbox = await useSandbox({
    faults: [{ operation: "revoke", do: { kind: "status", status: 500 } }],
  });
  const source = usersApi({ ...sandbox, onWarning: (message) => warnings.push(message) });
  await source.readUser(sandbox.users[0]!.id, directContext());
  await source.close();
  expect(warnings).toEqual([expect.stringMatching(/could not be revoked/)]);
});

test.each(["v1/oauth/token", "v1beta1/users/oauth2/token"])(
  "a redirect of %s is not followed",
  async (path) => {
    let followed = 0;
    const elsewhere = await useServer((_request, response) => {
      followed += 1;
      sendJson(response, 200, tokenBody);
    });
    const { baseUrl } = await useServer((_request, response) => {
      response.writeHead(307, { location: `${elsewhere.baseUrl}/${path}` });
      response.end();
    });
    const apiVersion = path.startsWith("v1/") ? "v1" : "v1beta1";
    const source = usersApi({ ...someCredentials, baseUrl, apiVersion });
    const error = await toolsetErrorOf(source.readUser(someId, directContext()));
    expect(error.text).toMatch(/redirect \(status 307\), and none is followed/);
    expect(followed).toBe(0);
  },
);

test.each([
  ["no token", {}],
  ["a token of another type", { ...tokenBody, token_type: "mac" }],
  ["a token that breaks a header", { ...tokenBody, access_token: "abc\r\nx-evil: 1" }],
  ["no object", "ok"],
])("a token answer with %s is refused without repeating it", async (_what, body) => {
  const { baseUrl } = await useServer((_request, response) => sendJson(response, 200, body));
  const error = await toolsetErrorOf(
    usersApi({ ...someCredentials, baseUrl }).readUser(someId, directContext()),
  );
  expect(error.code).toBe("bad_response");
  expect(error.message).not.toContain("x-evil");
});
