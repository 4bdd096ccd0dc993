import { expect, test } from "vitest";
import { usersApi } from "langchain-1password";
import { directContext } from "../../support/context.js";
import { someCredentials, somebody, someId } from "../../support/credentials.js";
import { toolsetErrorOf } from "../../support/errors.js";
import { useSandbox } from "../../support/sandbox.js";
import { sendJson, tokenBody, useServer } from "../../support/server.js";

test("v1 is spoken where it is live", async () => {
  const sandbox = await useSandbox();
  await usersApi({ ...sandbox }).readUser(sandbox.users[0]!.id, directContext());
  expect(sandbox.requests.map(({ path }) => path)).toEqual([
    "/v1/oauth/token",
    `/v1/accounts/${sandbox.accountId}/users/${sandbox.users[0]!.id}`,
  ]);
});

test("v1beta1 is found where v1 is not live, and not looked for again", async () => {
  const sandbox = await useSandbox({ apiVersions: ["v1beta1"] });
  const source = usersApi({ ...sandbox });
  await source.readUser(sandbox.users[0]!.id, directContext());
  await source.readUser(sandbox.users[1]!.id, directContext());
  expect(sandbox.requests.map(({ path }) => path.split("/").slice(1, 4).join("/"))).toEqual([
    "v1/oauth/token",
    "v1beta1/users/oauth2",
    `v1beta1/accounts/${sandbox.accountId}`,
    `v1beta1/accounts/${sandbox.accountId}`,
  ]);
});

test.each([
  ["404 with RFC 6749's body", 404, { error: "invalid_request" }, true],
  ["405", 405, "", true],
  ["403 with HTML", 403, "<html>", true],
  ["400 with another body", 400, { code: 3, message: "no" }, true],
  ["403 with a proxy's error", 403, { error: "Forbidden" }, true],
  ["401 invalid_client", 401, { error: "invalid_client" }, false],
  ["400 invalid_scope", 400, { error: "invalid_scope" }, false],
  ["429", 429, "slow down", false],
  ["500", 500, "<html>", false],
])("%s of v1's token endpoint: v1beta1 is asked, %s %j: %s", async (_what, status, body, isAsked) => {
  const { baseUrl, received } = await useServer((request, response) => {
    if (request.url.pathname === "/v1/oauth/token") sendJson(response, status, body);
    else if (request.url.pathname.endsWith("/token")) sendJson(response, 200, tokenBody);
    else sendJson(response, 200, somebody);
  });
  const reading = usersApi({ ...someCredentials, baseUrl }).readUser(someId, directContext());
  await reading.catch(() => undefined);
  expect(received.some(({ url }) => url.pathname === "/v1beta1/users/oauth2/token")).toBe(isAsked);
});

test("where no version is live, both are asked once and the error says so", async () => {
  const { baseUrl, received } = await useServer((_request, response) => sendJson(response, 404, ""));
  const error = await toolsetErrorOf(
    usersApi({ ...someCredentials, baseUrl }).readUser(someId, directContext()),
  );
  expect(error.text).toMatch(/No token endpoint was found.*v1, v1beta1/s);
  expect(received).toHaveLength(2);
});

test("a process that lives through the cut-over goes on with v1", async () => {
  const sandbox = await useSandbox({ apiVersions: ["v1beta1"] });
  const source = usersApi({ ...sandbox });
  const ids = sandbox.users.slice(0, 20).map(({ id }) => id);
  await source.readUser(ids[0]!, directContext());
  sandbox.setApiVersions(["v1"]);
  const before = sandbox.requests.length;
  const read = await Promise.all(ids.map((id) => source.readUser(id, directContext())));
  expect(read).toHaveLength(20);
  const tokens = sandbox.requests.slice(before).filter(({ path }) => path.endsWith("/token"));
  expect(tokens.map(({ path }) => path)).toEqual(["/v1/oauth/token"]);
});

test("a suspension that meets the cut-over happens, once", async () => {
  const sandbox = await useSandbox({ apiVersions: ["v1beta1"] });
  const source = usersApi({ ...sandbox });
  const person = sandbox.users.find(({ email }) => email === "m.scott@example.com")!;
  await source.readUser(person.id, directContext());
  sandbox.setApiVersions(["v1"]);
  const suspend = (await source.list({})).find(({ method }) => method === "suspend")!;
  await source.call(suspend, { id: person.id }, directContext());
  expect(sandbox.users.find(({ id }) => id === person.id)?.state).toBe("SUSPENDED");
});

test("a missing route that stays missing is searched for once, whatever the number of calls", async () => {
  const { baseUrl, received } = await useServer((request, response) => {
    if (request.url.pathname.endsWith("/token")) sendJson(response, 200, tokenBody);
    else sendJson(response, 404, "<html>not here</html>");
  });
  const source = usersApi({ ...someCredentials, baseUrl });
  for (let call = 0; call < 5; call += 1) {
    const error = await toolsetErrorOf(source.readUser(someId, directContext()));
    expect(error.code).toBe("not_found");
  }
  expect(received.filter(({ url }) => url.pathname.endsWith("/token"))).toHaveLength(2);
});

test("where v1 gives tokens and has no routes, v1beta1 is found", async () => {
  const { baseUrl } = await useServer((request, response) => {
    const { pathname } = request.url;
    if (pathname.endsWith("/token"))
      sendJson(response, 200, { ...tokenBody, access_token: pathname.split("/")[1] });
    else if (pathname.startsWith("/v1/")) sendJson(response, 404, "<html>not here</html>");
    else sendJson(response, 200, somebody);
  });
  const source = usersApi({ ...someCredentials, baseUrl });
  await expect(source.readUser(someId, directContext())).resolves.toMatchObject({ id: someId });
});

test("a person who is not there is no missing route", async () => {
  const sandbox = await useSandbox();
  const error = await toolsetErrorOf(usersApi({ ...sandbox }).readUser("A".repeat(26), directContext()));
  expect(error.code).toBe("not_found");
  expect(sandbox.requests.filter(({ path }) => path.endsWith("/token"))).toHaveLength(1);
});

test("a version that was chosen is kept", async () => {
  const sandbox = await useSandbox({ apiVersions: ["v1"] });
  const error = await toolsetErrorOf(
    usersApi({ ...sandbox, apiVersion: "v1beta1" }).readUser(someId, directContext()),
  );
  expect(error.text).toMatch(/No token endpoint was found.*\(v1beta1\)/s);
  expect(sandbox.requests).toHaveLength(1);
});

test("a deprecation is told once, whatever the route", async () => {
  const headers = { deprecation: "@1760000000", sunset: "Fri, 01 Jan 2027 00:00:00 GMT" };
  const warnings: string[] = [];
  const sandbox = await useSandbox({
    faults: [
      { operation: "get", times: Infinity, do: { kind: "headers", headers } },
      { operation: "list", times: Infinity, do: { kind: "headers", headers } },
    ],
  });
  const source = usersApi({ ...sandbox, onWarning: (message) => warnings.push(message) });
  for (const { id } of sandbox.users.slice(0, 3)) await source.readUser(id, directContext());
  await source.readUsers({}, directContext())[Symbol.asyncIterator]().next();
  expect(warnings).toEqual([
    expect.stringMatching(
      /GET \/v1\/accounts\/\{account\}\/users\/\{user\} is deprecated.*1760000000.*01 Jan 2027/,
    ),
  ]);
});
