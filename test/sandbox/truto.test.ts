import { describe, expect, test } from "vitest";
import type { Sandbox } from "../../src/sandbox/index.js";
import { useSandbox } from "../support/sandbox.js";
import { isScott, json, someone, trutoRequest, type TrutoPage } from "./hand-written-requests.js";

interface Tool {
  name: string;
  resource: string;
  method: string;
  description: string;
  query_schema: { properties?: Record<string, unknown> };
  body_schema: { properties?: Record<string, unknown> };
  required: string[];
}

async function listTools(sandbox: Sandbox, query: Record<string, string> = {}): Promise<Tool[]> {
  const tools: Tool[] = [];
  let cursor: string | null = "";
  do {
    const path = `/integrated-account/${sandbox.integratedAccountId}/tools`;
    const more: Record<string, string> = cursor === "" ? {} : { next_cursor: cursor };
    const page = (await json(
      trutoRequest(sandbox, "GET", path, { query: { ...query, ...more } }),
    )) as TrutoPage<Tool>;
    tools.push(...page.result);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return tools;
}

describe("tools", () => {
  test("the four tools come in pages, each with its schemas", async () => {
    const sandbox = await useSandbox();
    const tools = await listTools(sandbox);
    expect(sandbox.requests).toHaveLength(2);
    expect(tools.map((tool) => [tool.name, tool.resource, tool.method, tool.required])).toEqual([
      ["list_all_1_password_users", "users", "list", []],
      ["get_single_1_password_user_by_id", "users", "get", ["id"]],
      ["1_password_users_suspend", "users", "suspend", ["id"]],
      ["1_password_users_reactivate", "users", "reactivate", ["id"]],
    ]);
    for (const tool of tools) {
      expect(Object.keys(tool).sort()).toEqual(
        ["body_schema", "description", "method", "name", "query_schema", "required", "resource"].sort(),
      );
      expect(tool.description).not.toBe("");
      const properties = { ...tool.query_schema.properties, ...tool.body_schema.properties };
      expect(Object.keys(properties)).toEqual(tool.method === "list" ? ["limit", "next_cursor"] : ["id"]);
    }
  });

  test("filters are in the list tool's schema only where the account offers them", async () => {
    const sandbox = await useSandbox({ truto: { filters: ["state", "email"] } });
    const [list] = await listTools(sandbox);
    expect(Object.keys(list!.query_schema.properties!)).toEqual(["limit", "next_cursor", "state", "email"]);
  });

  test.each([
    [{ methods: "read" }, ["list", "get"]],
    [{ methods: "write" }, []],
    [{ methods: "custom" }, ["suspend", "reactivate"]],
    [{ methods: "write,custom" }, ["suspend", "reactivate"]],
    [{ methods: "suspend,list" }, ["list", "suspend"]],
    [{ methods: "delete" }, []],
    [{ methods: "reed" }, []],
    [{ methods: "" }, ["list", "get", "suspend", "reactivate"]],
    [{ tags: "directory" }, ["list", "get", "suspend", "reactivate"]],
    [{ tags: "billing,directory", methods: "get" }, ["get"]],
    [{ tags: "billing" }, []],
  ])("%j selects %j, in Truto's own words", async (query, methods) => {
    const sandbox = await useSandbox();
    const tools = await listTools(sandbox, query);
    expect(tools.map((tool) => tool.method)).toEqual(methods);
  });

  test("a cursor belongs to its filter", async () => {
    const sandbox = await useSandbox();
    const path = `/integrated-account/${sandbox.integratedAccountId}/tools`;
    const first = (await json(trutoRequest(sandbox, "GET", path))) as TrutoPage<Tool>;
    const query = { methods: "read", next_cursor: first.next_cursor! };
    const answer = await trutoRequest(sandbox, "GET", path, { query });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ message: "Invalid next_cursor" });
  });
});

describe("credentials", () => {
  test("a wrong key is a 401, for tools as for calls", async () => {
    const sandbox = await useSandbox();
    const wrong = { ...sandbox, trutoApiKey: "wrong", integratedAccountId: sandbox.integratedAccountId };
    for (const path of [`/integrated-account/${sandbox.integratedAccountId}/tools`, "/proxy/users"]) {
      const answer = await trutoRequest(wrong, "GET", path);
      expect(answer.status).toBe(401);
      expect(await answer.json()).toEqual({
        statusCode: 401,
        error: "Unauthorized",
        message: "Invalid API token",
      });
    }
  });

  test("another integrated account is a 404, a missing one a 400", async () => {
    const sandbox = await useSandbox();
    const authorization = `Bearer ${sandbox.trutoApiKey}`;
    const read = (path: string) => fetch(`${sandbox.baseUrl}${path}`, { headers: { authorization } });
    expect((await read("/integrated-account/elsewhere/tools")).status).toBe(404);
    expect((await read("/proxy/users?integrated_account_id=elsewhere")).status).toBe(404);
    for (const path of ["/proxy/users", "/proxy/users?integrated_account_id="]) {
      const answer = await read(path);
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ message: "integrated_account_id is required" });
    }
  });

  test("what the OAuth application may not do does not bind Truto", async () => {
    const sandbox = await useSandbox({ permissions: [] });
    expect((await trutoRequest(sandbox, "GET", "/proxy/users")).status).toBe(200);
  });
});

describe("calls", () => {
  test("a list comes in pages to its end", async () => {
    const sandbox = await useSandbox({ users: 60 });
    const ids: string[] = [];
    const shapes: unknown[] = [];
    let cursor: string | null = "";
    do {
      const query = { limit: "40", next_cursor: cursor };
      const page = (await json(trutoRequest(sandbox, "GET", "/proxy/users", { query }))) as TrutoPage;
      const { result, next_cursor, ...shape } = page;
      ids.push(...result.map((user) => user.id));
      shapes.push(shape);
      cursor = next_cursor;
    } while (cursor !== null);
    expect(ids).toEqual(sandbox.users.map((user) => user.id));
    expect(shapes).toEqual([
      { prev_cursor: null, limit: 40, result_count: 40 },
      { prev_cursor: null, limit: 40, result_count: 20 },
    ]);
  });

  test("a list holds 25 people without a limit, at most 1000 with one", async () => {
    const sandbox = await useSandbox({ users: 30 });
    const page = (await json(trutoRequest(sandbox, "GET", "/proxy/users"))) as TrutoPage;
    expect(page.result).toHaveLength(25);
    for (const limit of ["0", "1001", "many"]) {
      const answer = await trutoRequest(sandbox, "GET", "/proxy/users", { query: { limit } });
      expect(answer.status).toBe(400);
    }
  });

  test("a cursor that was changed is refused", async () => {
    const sandbox = await useSandbox({ truto: { filters: ["state"] } });
    const { next_cursor } = (await json(trutoRequest(sandbox, "GET", "/proxy/users"))) as TrutoPage;
    for (const query of [
      { next_cursor: `${next_cursor!.slice(0, 5)}x${next_cursor!.slice(6)}` },
      { next_cursor: next_cursor!, state: "ACTIVE" },
    ]) {
      const answer = await trutoRequest(sandbox, "GET", "/proxy/users", { query });
      expect(answer.status).toBe(400);
    }
  });

  test("filters narrow the list where they are offered", async () => {
    const sandbox = await useSandbox({ truto: { filters: ["email", "state"] } });
    const read = async (query: Record<string, string>) =>
      (await json(
        trutoRequest(sandbox, "GET", "/proxy/users", { query: { ...query, limit: "1000" } }),
      )) as TrutoPage;
    expect((await read({ email: "M.Scott@example.com" })).result).toMatchObject([
      { id: someone(sandbox, isScott).id },
    ]);
    expect((await read({ email: "m.scott@example.com", state: "SUSPENDED" })).result).toEqual([]);
    expect((await read({ state: "SUSPENDED" })).result.map((user) => user.id)).toEqual(
      sandbox.users.filter((user) => user.state === "SUSPENDED").map((user) => user.id),
    );
    const answer = await trutoRequest(sandbox, "GET", "/proxy/users", { query: { state: "suspended" } });
    expect(answer.status).toBe(400);
  });

  test("one person is told without the role", async () => {
    const sandbox = await useSandbox();
    const scott = someone(sandbox, isScott);
    const { id, email, display_name, state, create_time, path } = scott;
    const told = { id, email, display_name, state, create_time, path };
    expect(await json(trutoRequest(sandbox, "GET", `/proxy/users/${scott.id}`))).toEqual(told);
  });

  test("suspending and reactivating work once; a second time is an error here", async () => {
    const sandbox = await useSandbox();
    const scott = someone(sandbox, isScott);
    for (const [verb, state, complaint] of [
      ["suspend", "SUSPENDED", "User is already suspended"],
      ["reactivate", "ACTIVE", "User is already active"],
    ] as const) {
      const call = () => trutoRequest(sandbox, "POST", `/proxy/users/${verb}`, { body: { id: scott.id } });
      const first = await call();
      expect(first.status).toBe(200);
      expect(await first.json()).toMatchObject({ id: scott.id, state });
      expect(scott.state).toBe(state);
      const second = await call();
      expect(second.status).toBe(409);
      expect(await second.json()).toEqual({ statusCode: 409, error: "Conflict", message: complaint });
    }
  });

  test("1Password's own refusals are marked as such", async () => {
    const sandbox = await useSandbox();
    const admin = someone(sandbox, (user) => user.role === "externally_managed_admin");
    const suspend = (id: unknown) => trutoRequest(sandbox, "POST", "/proxy/users/suspend", { body: { id } });
    const refused = await suspend(admin.id);
    expect(refused.status).toBe(403);
    expect(await refused.json()).toEqual({
      statusCode: 403,
      error: "Forbidden",
      message: "externally_managed_admin",
      truto_is_remote_error: true,
      raw_response: { code: 7, message: "externally_managed_admin" },
    });
    expect((await suspend("NOBODY")).status).toBe(404);
    expect((await trutoRequest(sandbox, "GET", "/proxy/users/NOBODY")).status).toBe(404);
    for (const id of [undefined, "", 7]) {
      const answer = await suspend(id);
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ message: "id is required" });
    }
  });
});
