import { describe, expect, test, vi } from "vitest";
import type { DirectoryPage, DirectoryQuery } from "langchain-1password";
import { truto } from "../../../src/sources/truto/source.js";
import { directContext } from "../../support/context.js";
import { someId, somebody } from "../../support/credentials.js";
import { toolsetErrorOf } from "../../support/errors.js";
import { useSandbox } from "../../support/sandbox.js";
import { sendJson, useServer } from "../../support/server.js";

async function sandboxSource(options: Parameters<typeof useSandbox>[0] = {}) {
  const sandbox = await useSandbox(options);
  const { baseUrl, trutoApiKey: apiKey, integratedAccountId } = sandbox;
  const source = truto({ baseUrl, apiKey, integratedAccountId });
  const scott = sandbox.users.find(({ email }) => email === "m.scott@example.com")!;
  const paths = () => sandbox.requests.map(({ path }) => path.replace(integratedAccountId, "account"));
  return { sandbox, source, scott, paths };
}

async function pagesOf(source: ReturnType<typeof truto>, query: DirectoryQuery = {}) {
  const pages: DirectoryPage[] = [];
  for await (const page of source.readUsers(query, directContext())) pages.push(page);
  return pages;
}

const userTool = {
  resource: "users",
  method: "list",
  name: "list_all_1_password_users",
  description: "",
  query_schema: {},
  body_schema: {},
  required: [],
};

/** An account with the given tools, and pages of people that a function makes. */
async function accountWith(tools: object[], answer: (url: URL) => unknown = () => ({ result: [] })) {
  const { baseUrl, received } = await useServer(({ url }, response) =>
    sendJson(response, 200, url.pathname.endsWith("/tools") ? { result: tools } : answer(url)),
  );
  return { source: truto({ baseUrl, apiKey: "key-1", integratedAccountId: "account-1" }), received };
}

describe("one person", () => {
  test("is read by the account's own tool, which is looked for once", async () => {
    const { source, scott, paths } = await sandboxSource();
    expect(await source.readUser(scott.id, directContext())).toMatchObject({ email: scott.email });
    await source.readUser(scott.id, directContext());
    expect(paths()).toEqual([
      "/integrated-account/account/tools",
      `/proxy/users/${scott.id}`,
      `/proxy/users/${scott.id}`,
    ]);
  });

  test("needs no list of its own after a whole one, and does after one that was narrowed", async () => {
    const { source, scott, paths } = await sandboxSource();
    await source.list({ methods: ["suspend"] });
    await source.readUser(scott.id, directContext());
    expect(paths().filter((path) => path.endsWith("/tools"))).toHaveLength(2);

    const other = await sandboxSource();
    await other.source.list({});
    await other.source.readUser(other.scott.id, directContext());
    expect(other.paths().filter((path) => path.endsWith("/tools"))).toHaveLength(2);
  });

  test("a hundred at once share one list", async () => {
    const { source, scott, paths } = await sandboxSource({ latencyMs: 20 });
    await Promise.all(Array.from({ length: 100 }, () => source.readUser(scott.id, directContext())));
    expect(paths().filter((path) => path.endsWith("/tools"))).toHaveLength(1);
  });

  test("whoever gives up takes nobody's list away", async () => {
    const { sandbox, source, scott } = await sandboxSource({ latencyMs: 50 });
    const controller = new AbortController();
    const reason = new Error("enough");
    const first = source.readUser(scott.id, directContext(controller.signal));
    const second = source.readUser(scott.id, directContext());
    const rejection = expect(first).rejects.toBe(reason);
    await vi.waitUntil(() => sandbox.requests.length === 1);
    controller.abort(reason);
    await rejection;
    await expect(second).resolves.toMatchObject({ id: scott.id });
  });

  test("a list that failed is not remembered, one that succeeded is for five minutes", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      const { source, scott, paths } = await sandboxSource({
        faults: [{ api: "truto", operation: "tools", do: { kind: "status", status: 500 } }],
      });
      expect(await toolsetErrorOf(source.readUser(scott.id, directContext()))).toMatchObject({
        code: "server_error",
      });
      await source.readUser(scott.id, directContext());
      vi.setSystemTime(Date.now() + 4 * 60_000);
      await source.readUser(scott.id, directContext());
      expect(paths().filter((path) => path.endsWith("/tools"))).toHaveLength(2);
      vi.setSystemTime(Date.now() + 2 * 60_000);
      await source.readUser(scott.id, directContext());
      expect(paths().filter((path) => path.endsWith("/tools"))).toHaveLength(3);
    } finally {
      vi.useRealTimers();
    }
  });

  test("who is not there is not found, and another person is not taken for them", async () => {
    const { source } = await sandboxSource();
    expect(await toolsetErrorOf(source.readUser("A".repeat(26), directContext()))).toMatchObject({
      status: 404,
    });
    const { source: wrong } = await accountWith(
      [{ ...userTool, method: "get", name: "get_single_1_password_user_by_id" }],
      () => somebody,
    );
    expect(await wrong.readUser(someId, directContext())).toEqual(somebody);
    expect((await toolsetErrorOf(wrong.readUser("A".repeat(26), directContext()))).text).toContain(
      "another user",
    );
  });

  test("in an account without a tool for it, is an error that says what to set up", async () => {
    const { source } = await accountWith([userTool]);
    const error = await toolsetErrorOf(source.readUser(someId, directContext()));
    expect(error).toMatchObject({ code: "forbidden" });
    expect(error.text).toContain('"get_single_1_password_user_by_id"');
  });
});

describe("the directory", () => {
  test("comes in pages of a thousand", async () => {
    const { sandbox, source } = await sandboxSource({ users: 2500 });
    const pages = await pagesOf(source);
    expect(pages.map(({ users }) => users.length)).toEqual([1000, 1000, 500]);
    expect(new Set(pages.flatMap(({ users }) => users.map(({ id }) => id))).size).toBe(2500);
    expect(pages.map(({ narrowedBy }) => narrowedBy)).toEqual([[], [], []]);
    expect(sandbox.requests.filter(({ path }) => path === "/proxy/users")).toHaveLength(3);
  });

  test("is narrowed by what the account offers, and by nothing else", async () => {
    const query = { email: "m.scott@example.com", state: "ACTIVE" } as const;
    const offered = await sandboxSource({ truto: { filters: ["email", "state"] } });
    const [page] = await pagesOf(offered.source, query);
    expect(page).toMatchObject({ narrowedBy: ["email", "state"], users: [{ email: query.email }] });
    expect(offered.sandbox.requests.at(-1)?.query).toMatchObject(query);

    const silent = await sandboxSource();
    const [everybody] = await pagesOf(silent.source, query);
    expect(everybody?.narrowedBy).toEqual([]);
    expect(everybody?.users).toHaveLength(100);

    const half = await sandboxSource({ truto: { filters: ["state"] } });
    const [active] = await pagesOf(half.source, query);
    expect(active?.narrowedBy).toEqual(["state"]);
    expect(active?.users.every(({ state }) => state === "ACTIVE")).toBe(true);
  });

  test("is not narrowed by a state that the account calls otherwise", async () => {
    const tool = (state: object) => ({
      ...userTool,
      query_schema: { type: "object", properties: { state } },
    });
    for (const state of [{ type: "string" }, { enum: ["active", "suspended"] }, { type: "boolean" }]) {
      const { source, received } = await accountWith([tool(state)]);
      const [page] = await pagesOf(source, { state: "ACTIVE" });
      expect(page?.narrowedBy).toEqual([]);
      expect(received.at(-1)?.url.searchParams.has("state")).toBe(false);
    }
  });

  test("asks for the largest page that the account gives", async () => {
    const query_schema = { type: "object", properties: { limit: { type: "integer", maximum: 50 } } };
    const { source, received } = await accountWith([{ ...userTool, query_schema }]);
    await pagesOf(source);
    expect(received.at(-1)?.url.searchParams.get("limit")).toBe("50");
  });

  test.each([
    ["the same cursor again", () => "a"],
    ["cursors in a circle", (url: URL) => (url.searchParams.get("next_cursor") === "a" ? "b" : "a")],
  ])("%s ends in an error", async (_, cursorOf) => {
    const { source } = await accountWith([userTool], (url) => ({
      result: [somebody],
      next_cursor: cursorOf(url),
    }));
    const error = await toolsetErrorOf(pagesOf(source));
    expect(error).toMatchObject({ code: "bad_response", retryable: false });
    expect(error.text).toContain("would never end");
  });

  test("of an account without a list of people is an error that says what to set up", async () => {
    const { source } = await accountWith([{ ...userTool, name: "list_all_1_password_groups" }]);
    const error = await toolsetErrorOf(pagesOf(source));
    expect(error).toMatchObject({ code: "forbidden" });
    expect(error.text).toContain('"list_all_1_password_users"');
  });
});
