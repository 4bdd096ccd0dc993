import { describe, expect, test } from "vitest";
import { ToolManager, truto, usersApi, type ToolsetTool } from "langchain-1password";
import type { Sandbox, SandboxOptions } from "langchain-1password/sandbox";
import { readRules } from "../support/persona.js";
import { useSandbox } from "../support/sandbox.js";

const leaver = "m.scott@example.com";

function managerOf(sandbox: Sandbox, kind: "users" | "truto"): ToolManager {
  const { baseUrl, trutoApiKey, integratedAccountId } = sandbox;
  return new ToolManager({
    source:
      kind === "users"
        ? usersApi({ ...sandbox })
        : truto({ baseUrl, apiKey: trutoApiKey, integratedAccountId }),
  });
}

async function told(
  tools: readonly ToolsetTool[],
  method: string,
  args: Record<string, unknown>,
): Promise<string> {
  const tool = tools.find(({ descriptor }) => descriptor.method === method)!;
  const call = { type: "tool_call" as const, id: "c0", name: tool.name, args };
  const { content } = (await tool.invoke(call)) as { content: string };
  return content;
}

const stateOf = ({ users }: Sandbox, email: string) => users.find((user) => user.email === email)?.state;

describe.each(["users", "truto"] as const)(
  "from %s, every error leads a reader of rules to the right state:",
  (kind) => {
    const mistakes: [
      what: string,
      method: string,
      args: (sandbox: Sandbox) => Record<string, unknown>,
      sentence: RegExp,
    ][] = [
      [
        "an email where an id belongs",
        "suspend",
        () => ({ id: leaver }),
        /"id" is "m\.scott@example\.com", which is an email address/,
      ],
      ["an invented id", "suspend", () => ({ id: "ABCDEFGHIJKLMNOPQRSTUVWXYZ" }), /cannot be guessed/],
      ["a name where an id belongs", "suspend", () => ({ id: "Scott" }), /is not an id/],
      ["a missing id", "suspend", () => ({}), /"id" is missing/],
      [
        "an argument that the tool does not have",
        "suspend",
        () => ({ email: leaver }),
        /"email" is not an argument/,
      ],
      ["an invented id when reading", "get", () => ({ id: "Q".repeat(26) }), /No person with the id/],
    ];

    test.each(mistakes)("%s", async (_what, method, args, sentence) => {
      const sandbox = await useSandbox();
      const before = sandbox.users.map(({ state }) => state);
      const tools = await managerOf(sandbox, kind).getTools();
      const text = await told(tools, method, args(sandbox));
      expect(text).toMatch(sentence);
      const steps = await readRules(tools, { email: leaver, verb: "suspend" }, text, 2);
      expect(steps.length).toBeLessThanOrEqual(2);
      expect(stateOf(sandbox, leaver)).toBe("SUSPENDED");
      const changed = sandbox.users.filter(({ state }, index) => state !== before[index]);
      expect(changed.map(({ email }) => email)).toEqual([leaver]);
    });

    test("a person who cannot be suspended is left alone, with the reason", async () => {
      const sandbox = await useSandbox();
      const tools = await managerOf(sandbox, kind).getTools();
      const admin = sandbox.users.find(
        ({ role, state }) => role === "externally_managed_admin" && state === "ACTIVE",
      )!;
      const text = await told(tools, "suspend", { id: admin.id });
      expect(text).toMatch(/externally managed administrator/);
      expect(text).toMatch(/The same call will fail again/);
      const before = sandbox.requests.length;
      expect(await readRules(tools, { email: admin.email, verb: "suspend" }, text, 2)).toEqual([]);
      expect(sandbox.requests).toHaveLength(before);
      expect(admin.state).toBe("ACTIVE");
    });
  },
);

describe("each slip has a sentence of its own:", () => {
  const slips: [what: string, method: string, args: Record<string, unknown>, sentence: RegExp][] = [
    [
      "a filter that the API does not know",
      "list",
      { filter: `user.email == "${leaver}"` },
      /"filter" is .*the API's filter knows only one of "user\.isActive\(\)", "user\.isSuspended\(\)": it cannot search\..*Next: call find_1_password_users with \{"email":"m\.scott@example\.com"\}/s,
    ],
    [
      "a page size of 5,000",
      "list",
      { max_page_size: 5000 },
      /"max_page_size" is 5000; it must be an integer from 1 to 1000\..*Next: call list_all_1_password_users with \{"max_page_size":1000\}/s,
    ],
    [
      "a page size in words",
      "list",
      { max_page_size: "all" },
      /"max_page_size" is "all"; it must be an integer/,
    ],
    [
      "an argument that the tool does not have",
      "list",
      { email: leaver },
      /"email" is not an argument of list_all_1_password_users: its arguments are filter, max_page_size, page_token\..*find_1_password_users/s,
    ],
    [
      "an argument that every object inherits",
      "list",
      { constructor: 1 },
      /"constructor" is not an argument/,
    ],
    [
      "a lower-case id",
      "get",
      { id: "ir7vjhj36jhinbfad7v2t5mp3e" },
      /copied exactly as find or list showed it/,
    ],
    [
      "a cursor that was changed",
      "list",
      { page_token: "bm90IGEgY3Vyc29y" },
      /page_token may have been changed.*Next: call list_all_1_password_users with \{\}/s,
    ],
  ];

  test.each(slips)("%s", async (_what, method, args, sentence) => {
    const sandbox = await useSandbox();
    const text = await told(await managerOf(sandbox, "users").getTools(), method, args);
    expect(text).toMatch(sentence);
    expect(text.split("\n").at(-1)).toMatch(
      /^\{"code":"invalid_argument","retryable":false,"retry_after_s":null\}$/,
    );
  });

  test.each([
    ["missing", {}, /"reason" is missing/],
    ["blank", { reason: " \n" }, /"reason" is .*; it must be a string .*that is not blank\./],
  ])("a reason that is %s is asked for, and no id", async (_what, given, sentence) => {
    const sandbox = await useSandbox();
    const manager = new ToolManager({ source: usersApi({ ...sandbox }), requireReason: true });
    const person = sandbox.users.find((user) => user.email === leaver)!;
    const text = await told(await manager.getTools(), "suspend", { id: person.id, ...given });
    expect(text).toMatch(sentence);
    expect(text).toContain("Next: make the same call with a reason, such as the ticket that asks for it");
    expect(text).not.toMatch(/to learn the id|\\S/);
  });

  test("the last owner", async () => {
    const sandbox = await useSandbox();
    const tools = await managerOf(sandbox, "users").getTools();
    const owners = sandbox.users.filter(({ role, state }) => role === "owner" && state === "ACTIVE");
    for (const { id } of owners.slice(1)) await told(tools, "suspend", { id });
    const text = await told(tools, "suspend", { id: owners[0]!.id });
    expect(text).toMatch(/last remaining owner of the account.*Somebody else must be made an owner first/s);
    expect(text).toMatch(/"code":"forbidden","retryable":false/);
  });

  test("a permission that the credentials lack is named", async () => {
    const options: SandboxOptions = { permissions: ["suspend"] };
    const sandbox = await useSandbox(options);
    const tools = await managerOf(sandbox, "users").getTools();
    expect(await told(tools, "get", { id: sandbox.users[0]!.id })).toMatch(/lack the permission "get user"/);
    const list = await told(tools, "list", {});
    expect(list).toMatch(/lack the permission "list users".*or "accountId" is not the account/);
    expect(list).toMatch(/Next: report this/);
    expect(await told(tools, "find", { email: leaver })).toMatch(/Next: report this/);
  });

  test("a write that was never sent is not said to be in doubt", async () => {
    const sandbox = await useSandbox({
      faults: [{ operation: "token", do: { kind: "status", status: 503 } }],
    });
    const manager = new ToolManager({ source: usersApi({ ...sandbox }), handleErrors: "all" });
    const text = await told(await manager.getTools(), "suspend", { id: "A".repeat(26) });
    expect(text).toMatch(/The request itself was not sent\. Nothing was changed\./);
    expect(text).not.toMatch(/not known/);
  });

  test("a write whose answer was lost, where the person cannot be read, leads to nothing but a look at them", async () => {
    const sandbox = await useSandbox({
      faults: [
        { operation: "suspend", do: { kind: "close", when: "after" } },
        { operation: "get", do: { kind: "status", status: 503 } },
      ],
    });
    const manager = new ToolManager({ source: usersApi({ ...sandbox }), handleErrors: "all" });
    const person = sandbox.users.find(({ email }) => email === leaver)!;
    const text = await told(await manager.getTools(), "suspend", { id: person.id });
    expect(text).toMatch(
      /Whether the person was changed .* is not known\. Next: call get_single_1_password_user_by_id/,
    );
    expect(text).not.toMatch(/Try again/);
  });

  test("a refusal after an attempt that got no answer does not say that nothing was changed", async () => {
    const sandbox = await useSandbox({
      faults: [
        { operation: "suspend", do: { kind: "close", when: "after" } },
        { operation: "suspend", do: { kind: "status", status: 403 } },
        { operation: "get", do: { kind: "status", status: 403 } },
      ],
    });
    const manager = new ToolManager({ source: usersApi({ ...sandbox }), backoff: true });
    const person = sandbox.users.find(({ email }) => email === leaver)!;
    const text = await told(await manager.getTools(), "suspend", { id: person.id });
    expect(stateOf(sandbox, leaver)).toBe("SUSPENDED");
    expect(text).toMatch(
      /Whether the person was changed .* is not known\. Next: call get_single_1_password_user_by_id/,
    );
    expect(text).not.toMatch(/Nothing was changed/);
  });

  test("suspending twice through Truto, which calls it an error, changes nothing and says so", async () => {
    const sandbox = await useSandbox();
    const tools = await managerOf(sandbox, "truto").getTools();
    const person = sandbox.users.find(({ email }) => email === leaver)!;
    await told(tools, "suspend", { id: person.id });
    expect(await told(tools, "suspend", { id: person.id })).toMatch(
      /"changed":false,"verified":true,"note":"already suspended, nothing changed"/,
    );
  });

  test("a layer's own words stand as they are", async () => {
    const sandbox = await useSandbox();
    for (const code of ["forbidden", "not_found", "timeout"] as const) {
      const refuse = () => () => Promise.resolve({ kind: "refused" as const, code, text: "Own words." });
      const manager = new ToolManager({
        source: usersApi({ ...sandbox }),
        layers: [refuse],
        handleErrors: "all",
      });
      expect(await told(await manager.getTools(), "suspend", { id: "A".repeat(26) })).toMatch(
        /^Own words\.\n/,
      );
    }
  });

  test("no tool is recommended that the model does not have", async () => {
    const sandbox = await useSandbox();
    const tools = await managerOf(sandbox, "users").getTools({ methods: ["suspend"] });
    const text = await told(tools, "suspend", { id: leaver });
    expect(text).not.toMatch(/find_1_password_users|list_all/);
    expect(text).toMatch(/Next: report this to the person who gave you the task/);
  });
});
