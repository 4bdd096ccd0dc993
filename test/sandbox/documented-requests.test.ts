import { request as rawRequest, type OutgoingHttpHeaders } from "node:http";
import { describe, expect, test } from "vitest";
import type { Sandbox } from "../../src/sandbox/index.js";
import { useSandbox } from "../support/sandbox.js";
import { getToken, userAgent } from "./hand-written-requests.js";

interface Sent {
  method: string;
  path: string;
  headers?: OutgoingHttpHeaders;
  body?: string;
}

/** fetch adds headers of its own and takes no body on a GET: this sends what it is told. */
function send(sandbox: Sandbox, { method, path, headers = {}, body }: Sent) {
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const outgoing = rawRequest(`${sandbox.baseUrl}${path}`, { method, headers }, (incoming) => {
      incoming.setEncoding("utf8");
      let text = "";
      incoming.on("data", (chunk: string) => (text += chunk));
      incoming.on("end", () => resolve({ status: incoming.statusCode ?? 0, text }));
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

const form = { "user-agent": userAgent, "content-type": "application/x-www-form-urlencoded" };
const agent = { "user-agent": userAgent };
const json = { "content-type": "application/json" };

describe("what the vendors do not document is a 400 with a sentence, and is written down", () => {
  test.each<[string, Sent, RegExp]>([
    ["path", { method: "GET", path: "/v1/users" }, /"GET \/v1\/users" is not a documented request/],
    [
      "version",
      { method: "GET", path: "/v2/accounts/A/users", headers: agent },
      /check the method, the path/,
    ],
    ["method", { method: "DELETE", path: "/v1/accounts/A/users/B", headers: agent }, /"DELETE \/v1\/acc/],
    ["trailing slash", { method: "GET", path: "/v1/accounts/A/users/", headers: agent }, /not a documented/],
    ["verb on a GET", { method: "GET", path: "/v1/accounts/A/users/B:suspend", headers: agent }, /not a doc/],
    ["verb", { method: "POST", path: "/v1/accounts/A/users/B:delete", headers: agent }, /not a documented/],
    [
      "percent-encoded verb",
      { method: "POST", path: "/v1/accounts/A/users/B%3Asuspend", headers: agent },
      /not a documented/,
    ],
    ["bad encoding", { method: "GET", path: "/v1/accounts/A/users/%zz", headers: agent }, /not a documented/],
    ["Truto path", { method: "GET", path: "/proxy/groups" }, /"GET \/proxy\/groups" is not a documented/],
    [
      "query name of another client",
      { method: "GET", path: "/v1/accounts/A/users?maxPageSize=5", headers: agent },
      /"maxPageSize" is not documented as a query parameter .*send only filter, max_page_size, page_token\./,
    ],
    [
      "query where there is none",
      { method: "POST", path: "/v1beta1/accounts/A/users/B:suspend?force=true", headers: agent },
      /"force" is not documented as a query parameter .*send none\./,
    ],
    [
      "query name given twice",
      { method: "GET", path: "/v1/accounts/A/users?filter=&filter=", headers: agent },
      /"filter" must be given once/,
    ],
    [
      "Truto filter that is not offered",
      { method: "GET", path: "/proxy/users?integrated_account_id=A&email=x" },
      /"email" is not documented as a query parameter of GET \/proxy\/users/,
    ],
    [
      "header",
      { method: "GET", path: "/v1/accounts/A/users", headers: { ...agent, "x-api-version": "1" } },
      /"x-api-version" is not a header that the API documents/,
    ],
    [
      "cookie",
      { method: "GET", path: "/proxy/users", headers: { cookie: "a=b" } },
      /"cookie" is not a header/,
    ],
    [
      "missing User-Agent",
      { method: "GET", path: "/v1/accounts/A/users" },
      /"user-agent" must be <name>\/<version>, not "": name your product/,
    ],
    [
      "fetch's own User-Agent",
      { method: "GET", path: "/v1/accounts/A/users", headers: { "user-agent": "node" } },
      /not "node"/,
    ],
    [
      "User-Agent of the token request",
      { method: "POST", path: "/v1/oauth/token", headers: { ...form, "user-agent": "node" } },
      /"user-agent" must be/,
    ],
    [
      "body of a suspension",
      { method: "POST", path: "/v1/accounts/A/users/B:suspend", headers: agent, body: "{}" },
      /No body is documented, and one was sent, in POST \/v1\/accounts\/\{account\}\/users\/\{user\}:suspend/,
    ],
    [
      "body of a GET",
      { method: "GET", path: "/v1/accounts/A/users", headers: { ...agent, "content-length": 2 }, body: "{}" },
      /No body is documented/,
    ],
    [
      "content type without a body",
      { method: "POST", path: "/v1/accounts/A/users/B:suspend", headers: { ...agent, ...json } },
      /No body is documented, and "content-type" is "application\/json"/,
    ],
    [
      "JSON for a token",
      { method: "POST", path: "/v1/oauth/token", headers: { ...agent, ...json }, body: "{}" },
      /"content-type" must be application\/x-www-form-urlencoded, not "application\/json"/,
    ],
    [
      "credentials in the body",
      {
        method: "POST",
        path: "/v1beta1/users/oauth2/token",
        headers: form,
        body: "grant_type=client_credentials&client_id=a&client_secret=b",
      },
      /"client_id" is not documented as a field .*send only grant_type, scope\./,
    ],
    [
      "form field of a revocation",
      { method: "POST", path: "/v1/oauth/revoke", headers: form, body: "token=a&token_type_hint=b" },
      /"token_type_hint" is not documented as a field/,
    ],
    [
      "form for Truto",
      { method: "POST", path: "/proxy/users/suspend", headers: form, body: "id=a" },
      /"content-type" must be application\/json/,
    ],
    [
      "no body for Truto",
      { method: "POST", path: "/proxy/users/suspend", headers: json },
      /The body must be a JSON object, and is not/,
    ],
    [
      "JSON that is no object",
      { method: "POST", path: "/proxy/users/suspend", headers: json, body: "[1]" },
      /The body must be a JSON object, and is not/,
    ],
    [
      "body field for Truto",
      { method: "POST", path: "/proxy/users/suspend", headers: json, body: '{"id":"a","reason":"b"}' },
      /"reason" is not documented as a field .*send only id\./,
    ],
  ])("%s", async (_what, sent, sentence) => {
    const sandbox = await useSandbox({ allowViolations: true });
    const answer = await send(sandbox, sent);
    expect(answer.status).toBe(400);
    expect(sandbox.violations[0]).toMatch(sentence);
    const told = JSON.parse(answer.text) as Record<string, string | undefined>;
    expect(told.message ?? told.error_description).toBe(sandbox.violations.join(" "));
    expect(sandbox.requests).toMatchObject([{ method: sent.method, status: 400 }]);
  });

  test("the 400 has the form that the API's clients know", async () => {
    const sandbox = await useSandbox({ allowViolations: true });
    const bodies = [];
    for (const { method, path } of [
      { method: "POST", path: "/v1/oauth/token" },
      { method: "GET", path: "/v1/accounts/A/users?a=b" },
      { method: "GET", path: "/proxy/users?a=b" },
      { method: "GET", path: "/elsewhere" },
    ]) {
      bodies.push(JSON.parse((await send(sandbox, { method, path })).text) as unknown);
    }
    expect(bodies).toMatchObject([
      { error: "invalid_request" },
      { code: 3, details: [] },
      { statusCode: 400, error: "Bad Request" },
      { code: 3, details: [] },
    ]);
  });

  test("a request that cannot be read is one as well", async () => {
    const sandbox = await useSandbox({ allowViolations: true });
    const headers = { host: "not a host" };
    expect((await send(sandbox, { method: "GET", path: "/proxy/users", headers })).status).toBe(400);
    expect(sandbox.violations).toEqual([expect.stringContaining("could not be read")]);
  });

  test("every fault of a request has its own sentence", async () => {
    const sandbox = await useSandbox({ allowViolations: true });
    const headers = { "x-one": "1", "x-two": "2" };
    await send(sandbox, { method: "GET", path: "/v1/accounts/A/users?a=b", headers });
    expect(sandbox.violations).toHaveLength(4);
  });

  test("it has no effect", async () => {
    const sandbox = await useSandbox({ allowViolations: true });
    const id = sandbox.users[0]!.id;
    const before = sandbox.users[0]!.state;
    const headers = { ...agent, authorization: `Bearer ${await getToken(sandbox)}` };
    const path = `/v1/accounts/${sandbox.accountId}/users/${id}:${before === "ACTIVE" ? "suspend" : "reactivate"}`;
    await send(sandbox, { method: "POST", path, headers, body: "{}" });
    expect(sandbox.users[0]!.state).toBe(before);
  });
});

test("everything that fetch adds of its own is allowed, on either API", async () => {
  const sandbox = await useSandbox();
  await fetch(`${sandbox.baseUrl}/v1/accounts/A/users`, { headers: agent, mode: "cors", keepalive: true });
  const body = JSON.stringify({ id: "a" });
  const url = `${sandbox.baseUrl}/proxy/users/suspend?integrated_account_id=A`;
  await fetch(url, { method: "POST", headers: json, body });
  // Truto's own SDK names JSON on a GET as well.
  await fetch(`${sandbox.baseUrl}/integrated-account/A/tools`, { headers: json });
  expect(sandbox.violations).toEqual([]);
});

test("no secret is in the log or in a violation, wherever a client puts it", async () => {
  const sandbox = await useSandbox({ allowViolations: true });
  const token = await getToken(sandbox);
  const { clientId, clientSecret, trutoApiKey } = sandbox;
  const forms = [clientSecret, trutoApiKey, token].flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    Buffer.from(secret).toString("base64"),
  ]);
  forms.push(Buffer.from(`${clientId}:${clientSecret}`).toString("base64"));
  for (const form of forms) {
    const inPath = encodeURIComponent(form);
    const safe = form.replaceAll(" ", "%20");
    await send(sandbox, { method: "GET", path: `/v1/${safe}/${inPath}?token=${inPath}&${inPath}=1` });
    await send(sandbox, { method: "GET", path: `/v1/accounts/A/users?filter=${inPath}`, headers: agent });
    await send(sandbox, { method: "GET", path: "/v1/accounts/A/users", headers: { "user-agent": form } });
  }
  const written = JSON.stringify([sandbox.requests, sandbox.violations]);
  for (const form of forms) expect(written).not.toContain(form);
  expect(written).toContain("[secret]");
});
