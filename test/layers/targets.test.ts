import { tool } from "@langchain/core/tools";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import {
  defineTool,
  guard,
  ToolManager,
  usersApi,
  type ApprovalRequest,
  type GuardToolsOptions,
  type ToolTarget,
  type User,
} from "langchain-1password";
import { z } from "zod";
import { thrownBy, toolsetErrorOf } from "../support/errors.js";
import { call } from "../support/guarded.js";
import { memoryAudit } from "../support/memory-audit.js";
import { useSandbox } from "../support/sandbox.js";

const people = new Map([
  ["7", "ceo@board.example.com"],
  ["8", "leaver@example.com"],
  ["9", "other@example.com"],
]);

function aUser(id: string, email: string): User {
  return { id, email, display_name: `Person ${id}`, state: "ACTIVE", create_time: "2024-01-01", path: "" };
}

const readUser = async (name: string): Promise<User> => {
  const [id, email] = [...people].find((entry) => entry.includes(name.toLowerCase())) ?? [];
  if (id === undefined || email === undefined) throw Object.assign(new Error("nobody"), { status: 404 });
  return aUser(id, email);
};

/** A tool of somebody else's whose calls concern the users that a target names, behind guards. */
function aGuarded(target: ToolTarget | undefined, options: GuardToolsOptions = {}) {
  const made: unknown[] = [];
  const theirs = tool(async (args) => void made.push(args), {
    name: "set_role",
    description: "Sets a role.",
    schema: z.object({ id: z.any(), who: z.any(), user: z.any(), role: z.string() }).partial(),
  });
  const describe = () => (target === undefined ? undefined : { target });
  const [guarded] = guard([theirs], { readUser, describe, ...options });
  return { made, invoke: (args: object) => call("tool.invoke", guarded!, { ...args }), tool: guarded! };
}

const protect = ["*@board.example.com"];

describe("the users whom a call concerns", () => {
  test.each<[string, ToolTarget, object, object]>([
    ["a text", { argument: "id", holds: "id" }, { id: "7" }, { id: "8" }],
    ["a number", { argument: "id", holds: "id" }, { id: 7 }, { id: 8 }],
    ["a list, where one is expected", { argument: "id", holds: "id" }, { id: ["7"] }, { id: ["8"] }],
    [
      "a list with one who is protected",
      { argument: "id", holds: "ids" },
      { id: ["8", "7"] },
      { id: ["8", "9"] },
    ],
    ["one, where a list is expected", { argument: "id", holds: "ids" }, { id: "7" }, { id: "8" }],
    [
      "a nested argument",
      { argument: "/user/id", holds: "id" },
      { user: { id: "7" }, id: "8" },
      { user: { id: "8" }, id: "7" },
    ],
    [
      "a list of objects, by a pointer with an index",
      { argument: "/user/0/id", holds: "id" },
      { user: [{ id: "8" }, { id: "7" }] },
      { user: [{ id: "8" }, { id: "9" }] },
    ],
    [
      "a list of objects, by a pointer without one",
      { argument: "/user/id", holds: "ids" },
      { user: [{ id: "8" }, { id: "7" }] },
      { user: [{ id: "8" }, { id: "9" }] },
    ],
    [
      "an email",
      { argument: "who", holds: "email" },
      { who: "CEO@board.example.com" },
      { who: "leaver@example.com" },
    ],
    [
      "emails",
      { argument: "who", holds: "emails" },
      { who: ["leaver@example.com", "ceo@board.example.com"] },
      { who: ["leaver@example.com", "other@example.com"] },
    ],
  ])("are read from %s, and judged one by one", async (_what, target, refused, allowed) => {
    const { invoke, made } = aGuarded(target, { protect });
    const answer = await invoke(refused);
    expect(answer.code).toBe("protected");
    expect(answer.text).toContain("ceo@board.example.com");
    expect(made).toEqual([]);
    expect((await invoke(allowed)).code).toBeNull();
    expect(made).toEqual([allowed]);
  });

  test.each([[{ user: [] }], [{ user: [{ id: "8" }, {}] }], [{ user: [{ id: "8" }, [{ id: "9" }]] }]])(
    "are unknown where an entry of a list names nobody: %j",
    async (args) => {
      const { invoke, made } = aGuarded({ argument: "/user/0/id", holds: "id" }, { protect });
      expect((await invoke(args)).code).toBe("identity_required");
      expect(made).toEqual([]);
    },
  );

  test("are all part of the task, wherever they stand in a list", async () => {
    const target = { argument: "/user/0/id", holds: "id" } as const;
    const { invoke, made } = aGuarded(target, { taskUsers: ["leaver@example.com"] });
    expect((await invoke({ user: [{ id: "8" }, { id: "9" }] })).code).toBe("out_of_scope");
    expect((await invoke({ user: [{ id: "8" }] })).code).toBeNull();
    expect(made).toHaveLength(1);
  });

  test("are at most a hundred in one call", async () => {
    const { invoke, made } = aGuarded({ argument: "id", holds: "ids" }, { protect });
    const { code, text } = await invoke({ id: Array.from({ length: 101 }, (_, index) => `${index + 100}`) });
    expect(code).toBe("invalid_argument");
    expect(text).toContain('"id" names 101 users, and one call takes at most 100. Nothing was sent.');
    expect(made).toEqual([]);
  });

  test("are those of expected_email, all of them and nobody else", async () => {
    const {
      invoke,
      made,
      tool: guarded,
    } = aGuarded({ argument: "id", holds: "ids" }, { identity: "required" });
    expect(guarded.schema.properties.expected_email).toMatchObject({ type: "array" });
    const emails = ["leaver@example.com", "other@example.com"];
    const ids = ["8", "9"];
    const tooFew = await invoke({ id: ids, expected_email: emails.slice(0, 1) });
    expect(tooFew.code).toBe("identity_mismatch");
    expect(tooFew.text).toContain("2 users and 1 email are given");
    expect(tooFew.text).not.toContain("somebody else");
    expect((await invoke({ id: ["8", "7"], expected_email: emails })).code).toBe("identity_mismatch");
    expect((await invoke({ id: ids.slice(0, 1), expected_email: emails })).code).toBe("identity_mismatch");
    expect(made).toEqual([]);
    expect((await invoke({ id: ids, expected_email: [...emails].reverse() })).code).toBeNull();
    const unclear = await invoke({ id: ids, expected_email: [...emails.slice(1), "not an address"] });
    expect(unclear.code).toBe("invalid_argument");
    expect(unclear.text).toContain('"not an address" is not one email address. Nothing was changed.');
    expect(made).toHaveLength(1);
  });

  test("take a place each in the budget", async () => {
    const { invoke, made } = aGuarded(
      { argument: "id", holds: "ids" },
      { maxWrites: { count: 3, windowMs: 60_000 } },
    );
    expect((await invoke({ id: ["8", "9"] })).code).toBeNull();
    expect((await invoke({ id: ["7", "8"] })).code).toBe("budget_exhausted");
    expect((await invoke({ id: ["8"] })).code).toBeNull();
    expect(made).toHaveLength(2);
  });

  test("are all shown to the approver, with what else the call says", async () => {
    const asked: ApprovalRequest[] = [];
    const ask = (request: ApprovalRequest) => {
      asked.push(request);
      return { decision: "approve", requestId: request.id } as const;
    };
    const { invoke, made } = aGuarded({ argument: "id", holds: "ids" }, { approval: { ask } });
    await invoke({ id: ["8", "9"], role: "owner" });
    await invoke({ id: ["8"], role: "viewer" });
    expect(made).toHaveLength(2);
    const emails = asked.map(({ person, items }) => person?.email ?? items?.map((item) => item.person.email));
    expect(emails).toEqual([["leaver@example.com", "other@example.com"], "leaver@example.com"]);
    expect(asked.map(({ args }) => args)).toEqual([{ role: "owner" }, { role: "viewer" }]);
  });

  test("are shown without being repeated, and what stands beside them in a list is shown", async () => {
    const asked: ApprovalRequest[] = [];
    const ask = (request: ApprovalRequest) => {
      asked.push(request);
      return { decision: "approve", requestId: request.id } as const;
    };
    const { invoke } = aGuarded({ argument: "/user/0/id", holds: "id" }, { approval: { ask } });
    await invoke({ user: [{ id: "8", role: "owner" }, { id: "9" }] });
    await invoke({ user: [{ id: "8" }] });
    expect(asked.map(({ items = [] }) => items.length)).toEqual([2, 0]);
    expect(asked.map(({ args }) => args)).toEqual([{ user: [{ role: "owner" }, null] }, undefined]);
  });

  test("an approval of one role is none of another", async () => {
    let answer: object | undefined;
    const ask = ({ id }: ApprovalRequest) => (answer ??= { decision: "approve", requestId: id });
    const { invoke, made } = aGuarded({ argument: "id", holds: "id" }, { approval: { ask: ask as never } });
    expect((await invoke({ id: "8", role: "viewer" })).code).toBeNull();
    expect((await invoke({ id: "8", role: "owner" })).code).toMatch(/^approval_/);
    expect(made).toEqual([{ id: "8", role: "viewer" }]);
  });
});

describe("a call whose users are unknown", () => {
  test("is made with a log and a budget alone, and recorded as on an unknown user", async () => {
    const audit = memoryAudit();
    const { invoke, made } = aGuarded(undefined, { audit, maxWrites: { count: 5, windowMs: 1000 } });
    expect((await invoke({ id: "7" })).code).toBeNull();
    expect(made).toHaveLength(1);
    expect(audit.records.map(({ user, unmapped }) => [user, unmapped.users])).toEqual([
      [undefined, "unknown"],
      [undefined, "unknown"],
    ]);
  });

  test("is recorded with its users where they are known, and with none where it concerns none", async () => {
    const audit = memoryAudit();
    await aGuarded({ argument: "id", holds: "ids" }, { audit }).invoke({ id: ["8", "9"] });
    await aGuarded("none", { audit }).invoke({ id: "7" });
    expect(audit.records.map(({ unmapped }) => unmapped.users)).toEqual([
      ["8", "9"].map((id) => ({ uid: id, email_addr: people.get(id), name: `Person ${id}` })),
      ["8", "9"].map((id) => ({ uid: id, email_addr: people.get(id), name: `Person ${id}` })),
      "none",
      "none",
    ]);
  });

  test("is refused where the arguments leave them out, with the argument to give", async () => {
    const { invoke, made } = aGuarded({ argument: "/user/id", holds: "id" }, { protect });
    const { code, text } = await invoke({ id: "8" });
    expect(code).toBe("identity_required");
    expect(text).toContain('its argument "/user/id" is missing or names no user');
    expect(made).toEqual([]);
  });

  test("is refused whatever stands where the users should", async () => {
    const { invoke, made } = aGuarded({ argument: "id", holds: "id" }, { protect: () => false });
    const odd = fc.oneof(
      fc.constantFrom(null, true, "", "  ", [], [[]], [["8"]], ["8", null], { id: "8" }, 8.5, 2 ** 60),
      fc.double({ noInteger: true }),
      fc.dictionary(fc.string(), fc.string()),
      fc.array(fc.constantFrom(null, {}, [], true), { minLength: 1 }),
    );
    await fc.assert(
      fc.asyncProperty(odd, async (id) => {
        expect((await invoke({ id })).code).not.toBeNull();
        expect(made).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

describe("seen at the start", () => {
  const schema = { type: "object", properties: { id: { type: "string" } } } as const;
  const rotate = {
    name: "rotate",
    description: "Rotates.",
    schema,
    kind: "write",
    call: () => "Done.",
  } as const;
  const source = { key: "none", list: async () => [], call: () => Promise.reject(new Error("no")) };

  test("a tool of one's own that guards could not judge is refused where the manager is made", () => {
    const tools = [defineTool(rotate)];
    expect(thrownBy(() => new ToolManager({ source, tools, protect })).text).toMatch(
      /^"target" of "rotate" is not known, and "protect" has to know whom it concerns\..*or "none"/,
    );
    expect(() => new ToolManager({ source, tools })).not.toThrow();
    expect(() => new ToolManager({ source, tools, identity: "optional", protect: [] })).not.toThrow();
    const declared = [defineTool({ ...rotate, target: "none" })];
    expect(() => new ToolManager({ source, tools: declared, protect })).not.toThrow();
  });

  test("a target that the schema has no place for is refused where the tool is made", () => {
    const misspelt = () => defineTool({ ...rotate, target: { argument: "userId", holds: "id" } });
    expect(thrownBy(misspelt).text).toMatch(/^"target" of "rotate" names the argument "userId"/);
    const unfit = () => defineTool({ ...rotate, target: { argument: "id", holds: "person" } as never });
    expect(thrownBy(unfit).text).toMatch(/^"target" of "rotate" does not say whom the tool concerns/);
  });

  test("a listed tool that guards could not judge is left out, told once, and explained by its name", async () => {
    const sandbox = await useSandbox();
    const users = usersApi({ ...sandbox });
    const odd = {
      ...(await users.list({}))[2]!,
      name: "odd_write",
      method: "odd",
      target: undefined as never,
    };
    const warned = vi.fn();
    const manager = new ToolManager({
      source: { ...users, list: async () => [...(await users.list({})), odd] },
      protect,
      onWarning: warned,
    });
    const names = (await manager.getTools()).map(({ name }) => name);
    await manager.getTools();
    expect(names).toContain("1_password_users_suspend");
    expect(names).not.toContain("odd_write");
    expect(warned).toHaveBeenCalledExactlyOnceWith(
      expect.stringMatching(/^The tool "odd_write" is left out: "target" of "odd_write" is not known/),
    );
    expect((await toolsetErrorOf(manager.getTool("odd_write"))).text).toMatch(/^"target" of "odd_write"/);
  });

  test.each([["nobody"], [null], [7], [{}], [["id"]], [{ argument: "id" }], [{ argument: 5, holds: "id" }]])(
    "a listed tool with the target %j is one whose users are unknown, and takes no other away",
    async (target) => {
      const sandbox = await useSandbox();
      const users = usersApi({ ...sandbox });
      const list = async () => [
        ...(await users.list({})),
        { ...(await users.list({}))[2]!, name: "odd_write", target: target as never },
      ];
      const warned = vi.fn();
      const manager = new ToolManager({ source: { ...users, list }, protect, onWarning: warned });
      const names = (await manager.getTools()).map(({ name }) => name);
      expect(names).toContain("1_password_users_suspend");
      expect(names).not.toContain("odd_write");
      expect(warned).toHaveBeenCalledExactlyOnceWith(
        expect.stringContaining('"target" of "odd_write" is not known'),
      );
      const audit = memoryAudit();
      const logged = new ToolManager({ source: { ...users, list }, audit });
      await expect(logged.getTool("odd_write")).resolves.toBeDefined();
    },
  );
});

test.each([
  ["another user", async () => aUser("9", "other@example.com")],
  ["nobody", async () => null],
  ["a user without an email", async (id: string) => ({ ...aUser(id, ""), email: undefined })],
])("nothing is sent where a source is asked for a user and gives %s", async (_whom, readUser) => {
  const sent: unknown[] = [];
  const users = usersApi({ ...(await useSandbox()) });
  const id = "A".repeat(26);
  const source = {
    key: "odd",
    list: users.list,
    readUser: readUser as never,
    call: async (_descriptor: unknown, args: unknown) => {
      sent.push(args);
      return Promise.reject(new Error("no"));
    },
  };
  for (const guards of [
    { protect },
    { taskUsers: ["other@example.com"] },
    { approval: { ask: vi.fn() } },
    {},
  ]) {
    const manager = new ToolManager({ source, ...guards, handleErrors: "all" });
    const suspend = await manager.getTool("1_password_users_suspend");
    const { code } = await call("tool.invoke", suspend, { id, expected_email: "other@example.com" });
    expect(code).toBe("bad_response");
  }
  expect(sent).toEqual([]);
});
