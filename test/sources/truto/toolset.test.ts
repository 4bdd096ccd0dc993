import { describe, expect, test } from "vitest";
import { RateLimitError, truto, ToolManager } from "langchain-1password";
import { TrutoLangchainToolManager } from "../../../src/sources/truto/toolset.js";
import { toolsetErrorOf, thrownBy } from "../../support/errors.js";
import { useSandbox } from "../../support/sandbox.js";

const namesOf = (tools: readonly { name: string }[]) => tools.map(({ name }) => name);

async function sandboxToolset(options: Parameters<typeof useSandbox>[0] = {}) {
  const sandbox = await useSandbox(options);
  const { baseUrl, trutoApiKey: apiKey, integratedAccountId } = sandbox;
  const scott = sandbox.users.find(({ email }) => email === "m.scott@example.com")!;
  return { sandbox, toolset: new TrutoLangchainToolManager({ apiKey, baseUrl }), integratedAccountId, scott };
}

describe("TrutoLangchainToolManager", () => {
  test("gives exactly what Truto lists", async () => {
    const { toolset, integratedAccountId } = await sandboxToolset();
    expect(namesOf(await toolset.getTools(integratedAccountId))).toEqual([
      "list_all_1_password_users",
      "get_single_1_password_user_by_id",
      "1_password_users_suspend",
      "1_password_users_reactivate",
    ]);
  });

  test.each<[string, { methods?: string[]; tags?: string[] }, string[]]>([
    ["reads", { methods: ["read"] }, ["list_all_1_password_users", "get_single_1_password_user_by_id"]],
    ["writes", { methods: ["write"] }, ["1_password_users_suspend", "1_password_users_reactivate"]],
    ["one verb", { methods: ["suspend"] }, ["1_password_users_suspend"]],
    [
      "one verb of those with a tag",
      { methods: ["get"], tags: ["directory"] },
      ["get_single_1_password_user_by_id"],
    ],
  ])("selects %s", async (_, filter, names) => {
    const { toolset, integratedAccountId } = await sandboxToolset();
    expect(namesOf(await toolset.getTools(integratedAccountId, filter))).toEqual(names);
  });

  test.each([{ methods: ["suspned"] }, { tags: ["directroy"] }])(
    "a slip in a filter is an error: %j",
    async (filter) => {
      const { toolset, integratedAccountId } = await sandboxToolset();
      const error = await toolsetErrorOf(toolset.getTools(integratedAccountId, filter));
      expect(error).toMatchObject({ code: "invalid_argument" });
      expect(error.text).toContain("which no tool here goes by");
    },
  );

  test("its tools act on the account", async () => {
    const { sandbox, toolset, integratedAccountId, scott } = await sandboxToolset();
    const [suspend] = await toolset.getTools(integratedAccountId, { methods: ["suspend"] });
    expect(JSON.parse((await suspend!.invoke({ id: scott.id })) as string)).toMatchObject({
      email: scott.email,
      state: "SUSPENDED",
      verified: true,
    });
    expect(sandbox.users.find(({ id }) => id === scott.id)?.state).toBe("SUSPENDED");
  });

  test("a rate limit is thrown, with what the article's catch looks at", async () => {
    const rateLimit = { limit: 1, windowMs: 60_000, headers: "draft-6" } as const;
    const { toolset, integratedAccountId, scott } = await sandboxToolset({ rateLimit });
    const [get] = await toolset.getTools(integratedAccountId, { methods: ["get"] });
    await get!.invoke({ id: scott.id });
    const error = await toolsetErrorOf(get!.invoke({ id: scott.id }));
    if (!(error instanceof RateLimitError)) expect.unreachable(error.message);
    expect(error.status).toBe(429);
    expect(Number(error.headers["ratelimit-reset"])).toBeGreaterThan(50);
  });

  test("a missing key is refused when it is made, a wrong account when it is asked for", async () => {
    expect(thrownBy(() => new TrutoLangchainToolManager({ apiKey: undefined })).text).toMatch(
      /^"apiKey" is missing/,
    );
    const { toolset } = await sandboxToolset();
    expect((await toolsetErrorOf(toolset.getTools("../me"))).text).toMatch(/^"integratedAccountId"/);
  });
});

describe("truto in a ToolManager", () => {
  test("adds the tool that finds people, and keeps what Truto calls the others", async () => {
    const sandbox = await useSandbox({ truto: { filters: ["email"] } });
    const { baseUrl, trutoApiKey: apiKey, integratedAccountId } = sandbox;
    const manager = new ToolManager({ source: truto({ baseUrl, apiKey, integratedAccountId }) });
    expect(namesOf(await manager.getTools())).toContain("find_1_password_users");
    const find = await manager.getTool("find_1_password_users");
    expect(await find.invoke({ email: "M.Scott@example.com" })).toContain("m.scott@example.com");
    expect(sandbox.requests.at(-1)?.query).toMatchObject({ email: "m.scott@example.com", limit: "1000" });
  });

  test("portable names lead to the same calls", async () => {
    const sandbox = await useSandbox();
    const { baseUrl, trutoApiKey: apiKey, integratedAccountId } = sandbox;
    const source = truto({ baseUrl, apiKey, integratedAccountId });
    const manager = new ToolManager({ source, names: "portable" });
    const suspend = await manager.getTool("onepassword_users_suspend");
    const scott = sandbox.users.find(({ email }) => email === "m.scott@example.com")!;
    await suspend.invoke({ id: scott.id });
    expect(sandbox.requests.at(-1)?.path).toBe("/proxy/users/suspend");
  });
});
