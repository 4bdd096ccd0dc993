import { describe, expect, test } from "vitest";
import {
  auditAccess,
  defineTool,
  offboardUser,
  ToolManager,
  usersApi,
  type Call,
  type ManagerOptions,
  type ToolDescriptor,
  type ToolTarget,
  type ToolsetErrorCode,
} from "langchain-1password";
import { createMcpServer } from "langchain-1password/mcp";
import { toolsetErrorOf } from "../support/errors.js";
import { repeats } from "../../src/layers/repeats.js";
import { directContext } from "../support/context.js";
import { callAll, dwight, eachOnce, michael, useGuarded } from "../support/guarded.js";
import { useMemoryClient } from "../support/mcp-memory.js";
import { useSandbox } from "../support/sandbox.js";

const thread = { configurable: { thread_id: "a" } };

async function aManager(options: ManagerOptions) {
  const sandbox = await useSandbox({
    users: [
      ...["a", "b", "c", "d"].map((name) => ({ email: `${name}@example.com` })),
      { email: "o@example.com", role: "owner" },
    ],
  });
  const manager = new ToolManager({ ...options, source: usersApi({ ...sandbox }), handleErrors: "all" });
  return { sandbox, manager, people: sandbox.users };
}

test("a budget is one for a manager's tools, its MCP servers and both kinds of names", async () => {
  const { sandbox, manager, people } = await aManager({ maxWrites: { count: 3, windowMs: 3_600_000 } });
  const suspend = await manager.getTool("1_password_users_suspend");
  for (const { id } of people.slice(0, 2)) await suspend.invoke({ id });
  const codes: string[] = [];
  for (const [index, names] of (["portable", "truto"] as const).entries()) {
    const server = createMcpServer(manager, { methods: ["write"], approval: "none", names });
    const client = await useMemoryClient(server);
    const { id, email } = people[2 + index]!;
    const name = names === "portable" ? "onepassword_users_suspend" : "1_password_users_suspend";
    const { content } = await client.callTool(name, { id, expected_email: email });
    codes.push(/"code":"(\w+)"/.exec(content[0]?.text ?? "")?.[1] ?? "made");
  }
  expect(codes).toEqual(["made", "budget_exhausted"]);
  expect(
    sandbox.requests.filter(({ path }) => path.endsWith("/suspend") || path.endsWith(":suspend")),
  ).toHaveLength(3);
});

describe("a rejection", () => {
  const rejecting = () => {
    const asked: string[] = [];
    const ask = ({ id, person, items = [] }: { id: string; person: unknown; items?: readonly unknown[] }) => {
      asked.push(person === null ? `batch of ${items.length}` : "one");
      return { decision: "reject", requestId: id, approver: "lead@example.com" } as const;
    };
    return { asked, approval: { ask } };
  };

  test("holds for every way to the same change", async () => {
    const { asked, approval } = rejecting();
    const { manager, people, sandbox } = await aManager({ approval, workflows: true });
    const [{ id, email }] = people as [(typeof people)[0]];
    const suspend = await manager.getTool("1_password_users_suspend");
    await suspend.invoke({ id, expected_email: email }, thread);
    expect(asked).toEqual(["one"]);
    const said = (await suspend.invoke({ id }, thread)) as string;
    expect(said).toContain("a person rejected this same change before");
    expect((await toolsetErrorOf(offboardUser(manager, { email }, thread))).code).toBe("repeated");
    const { rows } = await auditAccess(
      manager,
      { emails: [email.toUpperCase()], state: "SUSPENDED", fix: true },
      thread,
    );
    expect(rows[0]?.fix).toMatchObject({ outcome: "refused", code: "repeated" });
    expect(asked).toEqual(["one"]);
    expect(sandbox.users.find((user) => user.id === id)!.state).toBe("ACTIVE");
  });

  test("holds for tools of one's own that do the same, wherever their arguments name the person", async () => {
    const { asked, approval } = rejecting();
    const done: unknown[] = [];
    const own = (name: string, schema: object, target: ToolTarget) =>
      defineTool({
        name,
        description: "d",
        kind: "write",
        method: "suspend",
        schema: { type: "object", ...schema },
        target,
        call: (args) => done.push(args),
      });
    const object = { type: "object", properties: { id: { type: "string" } } };
    const tools = [
      own("nested", { properties: { user: object } }, { argument: "/user/id", holds: "id" }),
      own(
        "listed",
        { properties: { users: { type: "array", items: object } } },
        { argument: "/users/0/id", holds: "id" },
      ),
      own(
        "checking",
        { properties: { id: {}, expected_email: { type: "string" } } },
        { argument: "id", holds: "id" },
      ),
    ];
    const { manager, people } = await aManager({ approval, tools });
    const { id, email } = people[0]!;
    const calls: [string, Record<string, unknown>][] = [
      ["nested", { user: { id } }],
      ["1_password_users_suspend", { id }],
      ["listed", { users: [{ id }] }],
      ["checking", { id, expected_email: email }],
      ["checking", { id, expected_email: email.toUpperCase() }],
      ["checking", { id }],
    ];
    for (const [name, args] of calls) await (await manager.getTool(name)).invoke(args, thread);
    expect(asked).toEqual(["one"]);
    expect(done).toEqual([]);
  });

  test("of a batch holds for each of its people", async () => {
    const { asked, approval } = rejecting();
    const { manager, people } = await aManager({ approval });
    const emails = people.slice(0, 3).map(({ email }) => email);
    await auditAccess(manager, { emails, state: "SUSPENDED", fix: true }, thread);
    const suspend = await manager.getTool("1_password_users_suspend");
    await suspend.invoke({ id: people[1]!.id }, thread);
    await auditAccess(manager, { emails: emails.slice(1), state: "SUSPENDED", fix: true }, thread);
    expect(asked).toEqual(["batch of 3"]);
    // Somebody who was not asked about is another question.
    await auditAccess(
      manager,
      { emails: [...emails, people[3]!.email], state: "SUSPENDED", fix: true },
      thread,
    );
    expect(asked).toEqual(["batch of 3", "batch of 1"]);
  });

  test("is not crowded out by whatever fails meanwhile", async () => {
    let code: ToolsetErrorCode = "approval_rejected";
    let reached = 0;
    const refusing: Call = () => {
      reached += 1;
      return Promise.resolve({ kind: "refused", code, text: "No." });
    };
    const layer = repeats().layer(refusing);
    const descriptor = {
      name: "suspend",
      method: "suspend",
      kind: "write",
      target: { argument: "id", holds: "id" },
    };
    const made = (id: string) => {
      const context = { ...directContext(), targets: { state: "named", names: [id], by: "id" } as const };
      return layer({ descriptor: descriptor as ToolDescriptor, args: { id }, context });
    };
    await made("the first");
    code = "protected";
    for (let number = 0; number <= 10_000; number += 1) await made(`person ${number}`);
    const before = reached;
    expect(await made("the first")).toMatchObject({ kind: "refused", code: "repeated" });
    expect(reached).toBe(before);
  });
});

test.each(eachOnce)(
  "$source through $host: an id with another person's email stays refused",
  async ({ source, host }) => {
    const { suspend, reactivate, person, reads } = await useGuarded(source);
    const wrong = { id: person(michael).id, expected_email: dwight };
    const turns = [suspend, suspend, reactivate].map((tool) => [{ tool, args: wrong }]);
    const outcomes = await callAll(host, turns, thread);
    const codes: (ToolsetErrorCode | null)[] = outcomes.map(({ code }) => code);
    expect(codes).toEqual(["identity_mismatch", "repeated", "repeated"]);
    expect(reads()).toHaveLength(1);
    for (const { text } of outcomes) expect(text).not.toContain(michael);
  },
);
