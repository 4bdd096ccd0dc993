import { describe, expect, test } from "vitest";
import { defineTool, ToolManager, truto, type ToolManagerOptions } from "langchain-1password";
import { toolsetErrorOf } from "../../support/errors.js";
import { sendJson, useServer } from "../../support/server.js";

const id = { type: "object", properties: { id: { type: "string" } }, required: ["id"] };
const base = [
  { resource: "users", method: "list", name: "list_all_1_password_users" },
  { resource: "users", method: "get", name: "get_single_1_password_user_by_id", query_schema: id },
  { resource: "users", method: "suspend", name: "1_password_users_suspend", body_schema: id },
];

/** A manager of an account whose tools and other answers are these. */
async function managerOf(
  tools: readonly object[],
  options: Omit<ToolManagerOptions, "source"> = {},
  answer = "{}",
) {
  const { baseUrl } = await useServer(({ url }, response) => {
    if (url.pathname.endsWith("/tools")) sendJson(response, 200, { result: tools });
    else {
      response.setHeader("content-type", "application/json");
      response.end(answer);
    }
  });
  const told: string[] = [];
  const onWarning = (message: string) => void told.push(message);
  const source = truto({ apiKey: "k".repeat(20), integratedAccountId: "account-1", baseUrl, onWarning });
  return { manager: new ToolManager({ source, onWarning, ...options } as ToolManagerOptions), told };
}

describe("one odd tool takes no other away", () => {
  test.each([
    ["find_1_password_users", "truto", "list"],
    ["audit_1_password_access", "truto", "list"],
    ["offboard_1_password_user", "portable", "create"],
    ["onepassword_users_suspend", "portable", "create"],
  ] as const)("%s by the names of %s", async (name, names, method) => {
    const odd = { resource: "vaults", method, name };
    for (const tools of [
      [...base, odd],
      [odd, ...base],
    ]) {
      const { manager, told } = await managerOf(tools, { names, workflows: true });
      const found = await manager.getTools();
      const { manager: whole } = await managerOf(base, { names, workflows: true });
      expect(found.map((tool) => tool.name).sort()).toEqual(
        (await whole.getTools()).map((tool) => tool.name).sort(),
      );
      expect(told).toEqual([expect.stringContaining(`"${name}" is left out`)]);
      expect((await manager.getTool(name)).descriptor.resource).not.toBe("vaults");
    }
  });

  test("one that cannot be offered is told, and getTool throws the reason", async () => {
    const odd = {
      resource: "vaults",
      method: "rotate",
      name: "rotate_vault",
      query_schema: { type: "array" },
    };
    const { manager, told } = await managerOf([odd, ...base]);
    expect(await manager.getTools()).toHaveLength(4);
    expect(told).toEqual([expect.stringContaining('"rotate_vault"')]);
    const error = await toolsetErrorOf(manager.getTool("rotate_vault"));
    expect(error.code).toBe("invalid_argument");
    expect(error.text).toContain("is not a JSON Schema of an object");
  });

  test("a tool of the user's own that collides is still refused", async () => {
    const mine = defineTool({
      name: "1_password_users_suspend",
      description: "Mine.",
      schema: { type: "object", properties: {} },
      kind: "read",
      call: () => "",
    });
    const { manager } = await managerOf(base, { tools: [mine] });
    expect((await toolsetErrorOf(manager.getTools())).text).toContain("Two tools are named");
  });
});

describe("an answer that is nested without end", () => {
  const deep = "[".repeat(100_000) + "]".repeat(100_000);
  const rotate = { resource: "vaults", method: "rotate", name: "rotate_vault", body_schema: id };

  test("leaves a write that was made a write that was made", async () => {
    const records: string[] = [];
    const { manager } = await managerOf(
      [...base, rotate],
      { handleErrors: "all", audit: { write: (record) => void records.push(record.status) } },
      deep,
    );
    const tool = await manager.getTool("rotate_vault");
    const call = { type: "tool_call" as const, id: "c1", name: "rotate_vault", args: { id: "v1" } };
    const message = (await tool.invoke(call)) as { status?: string; content: string; artifact: unknown };
    expect(message.status).not.toBe("error");
    expect(message.content).toContain("nested too deep");
    expect(message.content.length).toBeLessThan(1000);
    expect(JSON.stringify(message.artifact).length).toBeLessThan(2000);
    expect(records.length).toBeGreaterThan(0);
  });

  test("beside people takes no person away", async () => {
    const somebody = '{"id":"A","email":"a@example.com","state":"ACTIVE","more":';
    const { manager } = await managerOf(base, {}, `{"result":[${somebody}${deep}}]}`);
    const list = await manager.getTool("list_all_1_password_users");
    expect(await list.invoke({})).toContain("a@example.com");
  });
});

describe("whom a listed write about users concerns", () => {
  const text = { type: "string" };
  const texts = { type: "array", items: text };
  const write = (properties: object, required: string[] = []) => ({
    resource: "users",
    method: "move",
    name: "1_password_users_move",
    body_schema: { type: "object", properties, required },
  });

  test.each([
    ["target_user_id", text],
    ["users", texts],
    ["memberIds", texts],
    ["replacementUser", text],
    ["other_people", texts],
  ])("is not known where %s may name others beside the id", async (name, schema) => {
    const tool = write({ id: text, [name]: schema }, ["id"]);
    const { manager } = await managerOf([...base, tool], { taskUsers: ["a@example.com"] });
    expect((await toolsetErrorOf(manager.getTool(tool.name))).text).toContain("is not known");
  });

  test.each([["reason"], ["user_name"], ["group_ids"], ["email"], ["manager"]])(
    "is the one with the id beside %s",
    async (name) => {
      const tool = write({ id: text, [name]: text }, ["id"]);
      const { manager } = await managerOf([...base, tool], { taskUsers: ["a@example.com"] });
      expect((await manager.getTool(tool.name)).descriptor.target).toEqual({ argument: "id", holds: "id" });
    },
  );
});

describe("users as Truto answers with them", () => {
  const somebody = { id: "A".repeat(26), email: "a@example.com", display_name: "A", state: "suspended" };

  test("have one spelling of their state, by which they are found, counted and left alone", async () => {
    const { manager } = await managerOf(base, {}, JSON.stringify({ result: [somebody], ...somebody }));
    const find = await manager.getTool("find_1_password_users");
    expect(await find.invoke({ state: "SUSPENDED", limit: 0 })).toMatch(/^1 user matches\./);
    expect(await find.invoke({})).toMatch(/^1 person in this account: 1 SUSPENDED\./);
    const suspend = await manager.getTool("1_password_users_suspend");
    const said: unknown = await suspend.invoke({ id: somebody.id, expected_email: somebody.email });
    expect(said).toContain("already suspended, nothing changed");
  });

  test.each([
    ["email", somebody.email],
    ["user_id", somebody.id],
  ])("are those who were changed, by %s as well", async (name, value) => {
    const body_schema = { type: "object", properties: { [name]: { type: "string" } }, required: [name] };
    const tools = [...base.slice(0, 2), { ...base[2], body_schema }];
    const { manager } = await managerOf(tools, { artifact: "none" }, JSON.stringify(somebody));
    const suspend = await manager.getTool("1_password_users_suspend");
    const report = JSON.parse((await suspend.invoke({ [name]: value })) as string) as object;
    expect(report).toMatchObject({ id: somebody.id, state: "SUSPENDED", verified: true });
    const other = name === "email" ? "b@example.com" : "B".repeat(26);
    const error = await toolsetErrorOf(suspend.invoke({ [name]: other }));
    expect(error).toMatchObject({ code: "bad_response" });
    expect(error.text).toContain("with another user than the one asked for");
  });
});
