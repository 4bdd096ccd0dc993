import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import {
  auditAccess,
  guard,
  offboardUser,
  ToolManager,
  truto,
  usersApi,
  type ManagerOptions,
} from "langchain-1password";
import { createMcpServer } from "langchain-1password/mcp";
import { someCredentials, someId } from "../support/credentials.js";
import { thrownBy, toolsetErrorOf } from "../support/errors.js";
import { call, dwight, everyWay, jan, michael, useGuarded } from "../support/guarded.js";
import { memoryAudit } from "../support/memory-audit.js";
import { useMemoryClient } from "../support/mcp-memory.js";
import { useSandbox } from "../support/sandbox.js";

describe.each(everyWay)("$source through $host", ({ source, host }) => {
  test("a write on anybody else is refused before anything else is judged, and recorded", async () => {
    const audit = memoryAudit();
    const { suspend, person, writes } = await useGuarded(source, {
      taskUsers: [michael.toUpperCase()],
      protect: [dwight],
      audit,
    });
    const { code, text } = await call(host, suspend, { id: person(dwight).id });
    expect(code).toBe("out_of_scope");
    expect(text).toContain("is not among those whom this task is about");
    expect(writes()).toEqual([]);
    expect(audit.told()).toEqual(["decision out_of_scope"]);
    const meant = await call(host, suspend, { id: person(michael).id });
    expect(meant.report).toMatchObject({ state: "SUSPENDED" });
  });
});

describe("who is meant", () => {
  test("is said for one run by configurable.taskUsers, never by an argument", async () => {
    const { suspend, person, writes } = await useGuarded("Users API");
    const only = (taskUsers: unknown) => ({ configurable: { taskUsers } });
    const id = person(michael).id;
    expect((await call("tool.invoke", suspend, { id }, only([dwight]))).code).toBe("out_of_scope");
    const talkedInto = { id, taskUsers: [michael] };
    expect((await call("tool.invoke", suspend, talkedInto, only([dwight]))).code).not.toBeNull();
    expect(writes()).toEqual([]);
    expect((await call("tool.invoke", suspend, { id }, only([id]))).report).toMatchObject({ changed: true });
  });

  test.each(["task_users", "taskUser", "TaskUsers"])(
    "is not known by %s, which refuses every write",
    async (key) => {
      const { suspend, person, writes } = await useGuarded("Users API");
      const run = { configurable: { [key]: [michael] } };
      expect((await call("tool.invoke", suspend, { id: person(michael).id }, run)).code).toBe("out_of_scope");
      expect(writes()).toEqual([]);
    },
  );

  test("given twice, both must hold", async () => {
    const { suspend, person, writes } = await useGuarded("Users API", { taskUsers: [michael, dwight] });
    const run = { configurable: { taskUsers: [michael, jan] } };
    expect((await call("tool.invoke", suspend, { id: person(dwight).id }, run)).code).toBe("out_of_scope");
    expect(writes()).toEqual([]);
    const { report } = await call("tool.invoke", suspend, { id: person(michael).id }, run);
    expect(report).toMatchObject({ state: "SUSPENDED" });
  });

  test("is nobody by an empty list, and anybody where it is left out", async () => {
    const nobody = await useGuarded("Users API", { taskUsers: [] });
    const refused = await call("tool.invoke", nobody.suspend, { id: nobody.person(michael).id });
    expect(refused.code).toBe("out_of_scope");
    const anybody = await useGuarded("Users API", { taskUsers: undefined });
    const made = await call("tool.invoke", anybody.suspend, { id: anybody.person(michael).id });
    expect(made.report).toMatchObject({ state: "SUSPENDED" });
  });

  test("is not known by anything else than a list of ids and addresses, which refuses every write", async () => {
    const { suspend, person, writes } = await useGuarded("Users API");
    const entry = fc.oneof(
      fc.constantFrom("Michael Scott", "", " ", "a@", "@b", "a@b@c d"),
      fc.integer(),
      fc.constant(null),
    );
    const notAList = fc.oneof(
      fc.constantFrom(null, undefined, "", michael, 0, false, true, {}, new Set([michael])),
      fc.array(entry, { minLength: 1 }),
      fc.array(entry, { minLength: 1 }).map((entries) => [michael, ...entries]),
    );
    await fc.assert(
      fc.asyncProperty(notAList, async (taskUsers) => {
        const run = { configurable: { taskUsers } };
        const { code, text } = await call("tool.invoke", suspend, { id: person(michael).id }, run);
        expect(code, text).toBe("out_of_scope");
        expect(text).toContain('"taskUsers" is something else than a list of ids and email addresses');
      }),
      { numRuns: 40 },
    );
    expect(writes()).toEqual([]);
    expect(thrownBy(() => new ToolManager({ taskUsers: "everybody" as never })).text).toMatch(
      /^"taskUsers" is/,
    );
  });
});

describe("an entry that can match nobody", () => {
  const never = [
    "*@example.com",
    "*",
    "m.scott*",
    "Michael Scott",
    "@example.com",
    "a@b@c d",
    "",
    `＊@example.com`,
  ];
  const managerOf = (taskUsers: string[], source = usersApi(someCredentials)) =>
    new ToolManager({ source, taskUsers });

  test.each(never)("is refused at the start: %j", (entry) => {
    const text = `"taskUsers" is or holds ${JSON.stringify(entry)}, which does not fit`;
    expect(thrownBy(() => managerOf([michael, entry])).text).toContain(text);
    expect(thrownBy(() => new ToolManager({ ...someCredentials, taskUsers: [entry] })).text).toContain(text);
    expect(thrownBy(() => guard([], { taskUsers: [entry] })).text).toContain(text);
    const manager = managerOf([michael]);
    expect(thrownBy(() => createMcpServer(manager, { taskUsers: [entry] })).text).toContain(text);
  });

  test("is a word that is no id where the source's ids are known, and only there", () => {
    const text = '"taskUsers" is or holds "nonsense", which does not fit';
    const account = truto({ apiKey: "an-api-key", integratedAccountId: "an-account" });
    for (const source of [usersApi(someCredentials), account]) {
      expect(thrownBy(() => managerOf(["nonsense"], source)).text).toContain(text);
      const manager = managerOf([someId], source);
      expect(thrownBy(() => createMcpServer(manager, { taskUsers: ["nonsense"] })).text).toContain(text);
    }
    expect(() => guard([], { taskUsers: ["nonsense"] })).not.toThrow();
    const { list, call: send } = usersApi(someCredentials);
    expect(() => managerOf(["nonsense"], { key: "mine", list, call: send } as never)).not.toThrow();
  });

  test.each([...never, "nonsense"])("refuses every write where configurable holds it: %j", async (entry) => {
    const { suspend, person, writes } = await useGuarded("Users API");
    const run = { configurable: { taskUsers: [michael, entry] } };
    const { code, text } = await call("tool.invoke", suspend, { id: person(michael).id }, run);
    expect(code).toBe("out_of_scope");
    expect(text).toContain('"taskUsers" is something else than a list of ids and email addresses');
    expect(writes()).toEqual([]);
  });

  test("is none that holds one address with its owner's name", async () => {
    const { suspend, person } = await useGuarded("Users API", { taskUsers: [`Michael Scott <${michael}>`] });
    const { report } = await call("tool.invoke", suspend, { id: person(michael).id });
    expect(report).toMatchObject({ state: "SUSPENDED" });
  });
});

describe("a task of several people", () => {
  const users = [
    { email: "a@example.com" },
    { email: "b@example.com" },
    { email: "o@example.com", role: "owner" as const },
  ];
  const aManager = async (options: ManagerOptions) => {
    const sandbox = await useSandbox({ users });
    return { sandbox, manager: new ToolManager({ ...options, source: usersApi({ ...sandbox }) }) };
  };

  test("is judged person by person, and nobody is asked about those outside", async () => {
    const ask = vi.fn(({ id }: { id: string; items?: unknown }) => ({
      decision: "approve" as const,
      requestId: id,
    }));
    const { sandbox, manager } = await aManager({ taskUsers: ["a@example.com"], approval: { ask } });
    const emails = ["a@example.com", "b@example.com"];
    const { rows } = await auditAccess(manager, { emails, state: "SUSPENDED", fix: true });
    expect(rows.map(({ fix }) => [fix?.outcome, fix?.code])).toEqual([
      ["changed", undefined],
      ["refused", "out_of_scope"],
    ]);
    expect(sandbox.users.map(({ state }) => state)).toEqual(["SUSPENDED", "ACTIVE", "ACTIVE"]);
    expect(ask).toHaveBeenCalledOnce();
    expect(ask.mock.calls[0]![0].items).toHaveLength(1);
  });

  test("holds in an offboarding", async () => {
    const { sandbox, manager } = await aManager({ taskUsers: ["a@example.com"] });
    const error = await toolsetErrorOf(offboardUser(manager, { email: "b@example.com" }));
    expect(error.code).toBe("out_of_scope");
    expect(sandbox.users[1]!.state).toBe("ACTIVE");
  });

  test("holds over MCP beside the manager's own", async () => {
    const { sandbox, manager } = await aManager({ taskUsers: ["a@example.com", "b@example.com"] });
    const taskUsers = ["b@example.com", "o@example.com"];
    const server = createMcpServer(manager, { methods: ["write"], approval: "none", taskUsers });
    const client = await useMemoryClient(server);
    for (const { id, email } of sandbox.users) {
      await client.callTool("onepassword_users_suspend", { id, expected_email: email });
    }
    expect(sandbox.users.map(({ state }) => state)).toEqual(["ACTIVE", "SUSPENDED", "ACTIVE"]);
  });
});
