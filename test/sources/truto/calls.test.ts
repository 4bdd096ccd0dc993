import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RateLimitError } from "langchain-1password";
import { truto } from "../../../src/sources/truto/source.js";
import { directContext } from "../../support/context.js";
import { someId, somebody } from "../../support/credentials.js";
import { toolsetErrorOf } from "../../support/errors.js";
import { useSandbox } from "../../support/sandbox.js";
import { sendJson, useServer, type ReceivedRequest } from "../../support/server.js";

async function sandboxSource(options: Parameters<typeof useSandbox>[0] = {}) {
  const sandbox = await useSandbox(options);
  const { baseUrl, trutoApiKey: apiKey, integratedAccountId } = sandbox;
  const source = truto({ baseUrl, apiKey, integratedAccountId });
  const descriptors = await source.list({});
  const call = (method: string, args: Record<string, unknown>) =>
    source.call(
      descriptors.find((descriptor) => descriptor.method === method)!,
      args,
      directContext(),
    );
  const scott = sandbox.users.find(({ email }) => email === "m.scott@example.com")!;
  return { sandbox, call, scott, integratedAccountId, calls: () => sandbox.requests.slice(2) };
}

const text = { type: "string" };
const properties = (...names: string[]) => ({
  type: "object",
  properties: Object.fromEntries(names.map((name) => [name, text])),
});

/** Tools of every kind, on a server that answers with whatever it is told. */
async function serverSource(
  answer: (request: ReceivedRequest) => { status?: number; body: unknown } = () => ({ body: { result: [] } }),
) {
  const deal = { resource: "deals", description: "", required: [], body_schema: {}, query_schema: {} };
  const user = { ...deal, resource: "users", body_schema: properties("id"), required: ["id"] };
  const tools = [
    {
      ...deal,
      method: "list",
      name: "deals_list",
      query_schema: { type: "object", properties: { stage: {} } },
    },
    { ...deal, method: "get", name: "deals_get", query_schema: properties("id", "fields") },
    {
      ...deal,
      method: "create",
      name: "deals_create",
      query_schema: properties("notify"),
      body_schema: properties("title"),
    },
    {
      ...deal,
      method: "update",
      name: "deals_update",
      query_schema: properties("notify"),
      body_schema: properties("title"),
    },
    { ...deal, method: "delete", name: "deals_delete", query_schema: properties("notify") },
    {
      ...deal,
      method: "close",
      name: "deals_close",
      query_schema: properties("why"),
      body_schema: properties("id"),
    },
    {
      ...user,
      method: "get",
      name: "get_single_1_password_user_by_id",
      body_schema: {},
      query_schema: properties("id"),
    },
    { ...user, method: "list", name: "list_all_1_password_users", body_schema: {}, required: [] },
    { ...user, method: "suspend", name: "1_password_users_suspend" },
  ];
  const { baseUrl, received } = await useServer((request, response) => {
    const isList = request.url.pathname.endsWith("/tools");
    const { status = 200, body } = isList ? { body: { result: tools } } : answer(request);
    if (body === undefined) response.writeHead(status).end();
    else sendJson(response, status, body);
  });
  const source = truto({ baseUrl, apiKey: "key-1", integratedAccountId: "account-1" });
  const descriptors = await source.list({});
  const call = (name: string, args: Record<string, unknown>) =>
    source.call(
      descriptors.find((descriptor) => descriptor.name === name)!,
      args,
      directContext(),
    );
  return { source, descriptors, call, received: () => received.slice(1) };
}

describe("against the sandbox", () => {
  test("people are listed, read, suspended and reactivated", async () => {
    const { sandbox, call, scott, integratedAccountId, calls } = await sandboxSource();
    const list = await call("list", { limit: 2 });
    expect((list.data as { result: unknown[] }).result).toHaveLength(2);
    const next = await call("list", { limit: 2, next_cursor: list.meta.nextCursor });
    expect((next.data as { result: { id: string }[] }).result[0]?.id).toBe(sandbox.users[2]?.id);
    expect((await call("get", { id: scott.id })).data).toMatchObject({ id: scott.id, state: "ACTIVE" });
    expect((await call("suspend", { id: scott.id })).data).toMatchObject({
      id: scott.id,
      state: "SUSPENDED",
    });
    expect(sandbox.users.find(({ id }) => id === scott.id)?.state).toBe("SUSPENDED");
    expect((await call("reactivate", { id: scott.id })).data).toMatchObject({
      id: scott.id,
      state: "ACTIVE",
    });
    expect(calls().map(({ method, path }) => `${method} ${path}`)).toEqual([
      "GET /proxy/users",
      "GET /proxy/users",
      `GET /proxy/users/${scott.id}`,
      "POST /proxy/users/suspend",
      "POST /proxy/users/reactivate",
    ]);
    expect(calls().every(({ query }) => query.integrated_account_id === integratedAccountId)).toBe(true);
  });

  test("a cursor goes back byte for byte, and a changed one is refused", async () => {
    const { call } = await sandboxSource();
    const { nextCursor } = (await call("list", { limit: 2 })).meta;
    expect(await toolsetErrorOf(call("list", { limit: 2, next_cursor: `${nextCursor}x` }))).toMatchObject({
      code: "invalid_argument",
      status: 400,
    });
  });

  test("suspending the suspended is Truto's conflict, told as it is", async () => {
    const { call, scott } = await sandboxSource();
    await call("suspend", { id: scott.id });
    const error = await toolsetErrorOf(call("suspend", { id: scott.id }));
    expect(error).toMatchObject({ code: "invalid_argument", status: 409 });
    expect(error.text).toMatch(
      /^POST \/proxy\/users\/suspend at \S+ answered 409: "User is already suspended"/,
    );
  });

  test("a rate limit is thrown with status and headers, and nothing is repeated", async () => {
    const { call, scott, calls } = await sandboxSource({
      rateLimit: { limit: 1, windowMs: 60_000, headers: "draft-6" },
    });
    await call("get", { id: scott.id });
    const error = await toolsetErrorOf(call("suspend", { id: scott.id }));
    if (!(error instanceof RateLimitError)) expect.unreachable(error.message);
    expect(error.status).toBe(429);
    expect(Number(error.headers["ratelimit-reset"])).toBeGreaterThan(50);
    expect(error.retryAfterMs).toBeGreaterThan(50_000);
    expect(calls()).toHaveLength(2);
  });

  test("what the answer's headers tell comes with it", async () => {
    const { call } = await sandboxSource({ rateLimit: { limit: 30, windowMs: 60_000, headers: "draft-6" } });
    const { meta } = await call("list", { limit: 1000 });
    expect(meta).toMatchObject({ status: 200, nextCursor: null, rateLimit: { limit: 30, remaining: 29 } });
  });

  test.each([
    { api: "truto", operation: "get", do: { kind: "html", status: 200 } },
    { api: "truto", operation: "get", do: { kind: "half" } },
    { api: "truto", operation: "get", do: { kind: "redirect", location: "https://example.com/" } },
    { api: "truto", operation: "get", do: { kind: "oversized", bytes: 9 * 1024 * 1024 } },
    { api: "truto", operation: "get", do: { kind: "close", when: "before" } },
  ] as const)("an answer broken by $do.kind is an error of ours that names the endpoint", async (fault) => {
    const { call, scott } = await sandboxSource({ faults: [fault] });
    const error = await toolsetErrorOf(call("get", { id: scott.id }));
    expect(["bad_response", "network"]).toContain(error.code);
    expect(error.text).toMatch(/GET \/proxy\/users\/\{id\}|Truto answered/);
    expect(error.message).not.toContain("m.scott");
  });
});

describe("where calls go", () => {
  test.each<[string, Record<string, unknown>, string, string]>([
    ["deals_list", { stage: ["won", "lost"], limit: 5 }, "GET /proxy/deals?stage=won&stage=lost&limit=5", ""],
    [
      "deals_list",
      { stage: { is: "won" }, next_cursor: "a=&b" },
      "GET /proxy/deals?stage[is]=won&next_cursor=a%3D%26b",
      "",
    ],
    ["deals_get", { id: "d 1", fields: "ü" }, "GET /proxy/deals/d%201?fields=%C3%BC", ""],
    ["deals_get", { id: "$&" }, "GET /proxy/deals/%24%26?", ""],
    ["deals_create", { title: "t", notify: "yes" }, "POST /proxy/deals?notify=yes", '{"title":"t"}'],
    ["deals_create", {}, "POST /proxy/deals?", "{}"],
    [
      "deals_update",
      { id: "d1", title: "t", notify: "no" },
      "PATCH /proxy/deals/d1?notify=no",
      '{"title":"t"}',
    ],
    ["deals_delete", { id: "d1", notify: "no" }, "DELETE /proxy/deals/d1?notify=no", ""],
    ["deals_close", { id: "d1", why: "won" }, "POST /proxy/deals/close?", '{"id":"d1","why":"won"}'],
  ])("%s with %j", async (name, args, target, body) => {
    const { call, received } = await serverSource();
    await call(name, args);
    const [request] = received();
    const sent = decodeURI(`${request?.url.pathname}${request?.url.search}`.replaceAll("%", "%25"));
    const account = `${target.endsWith("?") ? "" : "&"}integrated_account_id=account-1`;
    expect(`${request?.method} ${sent}`).toBe(`${target}${account}`);
    expect(request?.body).toBe(body);
    expect(request?.headers.authorization).toBe("Bearer key-1");
    expect(request?.headers["user-agent"]).toMatch(/^langchain-1password\/\d/);
  });

  test("a descriptor that was copied or renamed leads to the same place, as long as the source gets its own name", async () => {
    const { source, descriptors, received } = await serverSource();
    const original = descriptors.find(({ name }) => name === "deals_close")!;
    await source.call({ ...original, description: "shown otherwise" }, {}, directContext());
    expect(received()[0]?.url.pathname).toBe("/proxy/deals/close");
  });

  test("a tool that was never listed, or is another one by now, is not called", async () => {
    const { source, descriptors, received } = await serverSource();
    const original = descriptors.find(({ name }) => name === "deals_get")!;
    for (const changed of [
      { ...original, name: "deals_get_2" },
      { ...original, method: "delete" },
    ]) {
      const error = await toolsetErrorOf(source.call(changed, { id: "d1" }, directContext()));
      expect(error.text).toContain("List the tools again");
    }
    expect(received()).toEqual([]);
  });

  test("a tool listed under one filter can be called after another list", async () => {
    const { call, sandbox } = await sandboxSource();
    expect(sandbox.requests).toHaveLength(2);
    await expect(call("list", {})).resolves.toBeDefined();
  });
});

describe("arguments that would lead elsewhere", () => {
  test.each<[string, Record<string, unknown>, string]>([
    ["deals_get", { id: "." }, '"id" is ".", which would lead to another path'],
    ["deals_get", { id: ".." }, "another path"],
    ["deals_get", { id: "../users" }, "another path"],
    ["deals_get", { id: "a\\b" }, "another path"],
    ["deals_get", { id: "a?b=c" }, "another path"],
    ["deals_get", { id: "%2e%2e" }, "another path"],
    ["deals_get", { id: "\ud800" }, "another path"],
    ["deals_get", { id: "x".repeat(600) }, "another path"],
    ["deals_get", { id: "" }, '"id" is missing'],
    ["deals_get", {}, '"id" is missing'],
    ["deals_get", { id: ["d1"] }, '"id" is missing, empty or not a plain value'],
    ["deals_delete", { id: null }, '"id" is missing'],
    ["deals_get", { id: "d1", integrated_account_id: "other" }, '"integrated_account_id" is not an argument'],
    ["deals_get", { id: "d1", "x&integrated_account_id": "other" }, "is not an argument"],
    ["deals_list", { stage: { "a]=1&integrated_account_id": "other" } }, '"stage" holds the name'],
    ["deals_list", { stage: { a: { b: 1 } } }, '"stage" is nested too deep'],
    ["deals_list", { stage: "\udc00" }, '"stage" is not well-formed'],
    ["deals_list", { stage: "x".repeat(7000) }, "longer than a query may be"],
    ["deals_create", { title: "x".repeat(1_000_001) }, "longer than 1000000 characters"],
    ["1_password_users_suspend", { id: "m.scott@example.com" }, '"id" is not a user id'],
    ["get_single_1_password_user_by_id", { id: someId.toLowerCase() }, '"id" is not a user id'],
  ])("%s with %j is refused before anything is sent", async (name, args, words) => {
    const { call, received } = await serverSource();
    const error = await toolsetErrorOf(call(name, args));
    expect(error).toMatchObject({ code: "invalid_argument" });
    expect(error.text).toContain(words);
    expect(error.text).toContain("Nothing was sent");
    expect(received()).toEqual([]);
  });

  test("no argument leaves the resource or changes the account", async () => {
    const { call, received } = await serverSource();
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary" }), fc.jsonValue(), async (id, stage) => {
        const before = received().length;
        await call("deals_get", { id }).catch(() => undefined);
        await call("deals_list", { stage: JSON.parse(JSON.stringify(stage)) as unknown }).catch(
          () => undefined,
        );
        for (const { url } of received().slice(before)) {
          expect(url.pathname).toMatch(/^\/proxy\/deals(\/[^/]+)?$/);
          expect(url.searchParams.getAll("integrated_account_id")).toEqual(["account-1"]);
        }
      }),
      { numRuns: 150 },
    );
    expect(received().length).toBeGreaterThan(50);
  });
});

describe("answers of the wrong shape", () => {
  test.each<[string, Record<string, unknown>, unknown, string]>([
    ["deals_list", {}, [], 'without a list in "result"'],
    ["deals_list", {}, { result: [], next_cursor: {} }, 'with a "next_cursor"'],
    ["list_all_1_password_users", {}, { result: [{ id: someId }] }, 'without a list of users in "result"'],
    ["get_single_1_password_user_by_id", { id: someId }, { result: somebody }, "not with a user"],
    [
      "get_single_1_password_user_by_id",
      { id: someId },
      { ...somebody, id: "B".repeat(26) },
      "with another user",
    ],
    [
      "get_single_1_password_user_by_id",
      { id: someId },
      undefined,
      "with JSON that does not end, or none at all",
    ],
    ["1_password_users_suspend", { id: someId }, { ok: true }, "so that what was changed is not known"],
    [
      "1_password_users_suspend",
      { id: someId },
      { ...somebody, id: "B".repeat(26) },
      "with another user than the one",
    ],
  ])("%s answered with %j after %j", async (name, args, body, words) => {
    const { call } = await serverSource(() => ({ body }));
    const error = await toolsetErrorOf(call(name, args));
    expect(error).toMatchObject({ code: "bad_response", status: 200 });
    expect(error.text).toContain(words);
    expect(error.message).not.toContain(somebody.email);
  });

  test("a write that answers with nothing at all is done", async () => {
    const { call } = await serverSource(() => ({ status: 204, body: undefined }));
    expect(await call("deals_delete", { id: "d1" })).toMatchObject({ data: null, meta: { status: 204 } });
    expect(await call("deals_close", {})).toMatchObject({ data: null });
  });

  test("records that are nobody's are passed on as they are", async () => {
    const body = { result: [{ any: "thing" }], next_cursor: "more" };
    const { call } = await serverSource(() => ({ body }));
    expect(await call("deals_list", {})).toMatchObject({ data: body, meta: { nextCursor: "more" } });
    expect(await call("deals_get", { id: 7 })).toMatchObject({ data: body, meta: { nextCursor: null } });
  });

  test("whether a call may be repeated is told to whoever sends it", async () => {
    const { source, descriptors } = await serverSource(() => ({ body: somebody }));
    const told: Record<string, boolean> = {};
    for (const descriptor of descriptors) {
      const context = directContext();
      const args = descriptor.inputSchema.required?.includes("id") ? { id: someId } : {};
      await source
        .call(descriptor, args, {
          ...context,
          send: (request, { idempotent }) => {
            told[descriptor.name] = idempotent;
            return context.send(request, { idempotent });
          },
        })
        .catch(() => undefined);
    }
    expect(told).toEqual({
      deals_list: true,
      deals_get: true,
      deals_create: false,
      deals_update: false,
      deals_delete: true,
      deals_close: false,
      get_single_1_password_user_by_id: true,
      list_all_1_password_users: true,
      "1_password_users_suspend": true,
    });
  });
});
