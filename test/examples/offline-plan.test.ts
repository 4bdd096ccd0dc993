import { HumanMessage, ToolMessage, AIMessage, type BaseMessage } from "@langchain/core/messages";
import { ToolManager, type User } from "langchain-1password";
import { startSandbox, type SandboxOptions } from "langchain-1password/sandbox";
import { createAgent } from "langchain";
import { describe, expect, test } from "vitest";
import { peopleTable, shownUser } from "../../src/content/people-table.js";
import { OfflineModel } from "../../examples/support/offline-model.js";
import { nextStep } from "../../examples/support/plan.js";
import type { PastCall } from "../../examples/support/situation.js";

const names = {
  find: "find_1_password_users",
  list: "list_all_1_password_users",
  get: "get_single_1_password_user_by_id",
  suspend: "1_password_users_suspend",
} as const;

const page = {
  properties: { max_page_size: { type: "integer", maximum: 1000 }, page_token: { type: "string" } },
};

function step(task: string, calls: readonly PastCall[], tools: readonly string[] = Object.values(names)) {
  return nextStep({ task, calls, tools: tools.map((name) => ({ name, schema: page })) });
}

const person = (id: string, email: string, state = "ACTIVE") =>
  ({ id, email, display_name: "Some Body", state, create_time: "2026-01-01T00:00:00Z", path: "" }) as User;

const ada = person("A".repeat(26), "ada@corp.test");
const leaves = "ada@corp.test has left: find them, check, suspend, confirm.";
const done = (name: string, args: PastCall["args"], text: string): PastCall => ({
  name,
  args,
  text,
  isError: false,
});
const failed = (name: string, args: PastCall["args"], text: string): PastCall => ({
  name,
  args,
  text,
  isError: true,
});
const found = done(names.find, { email: ada.email }, `1 person found.\n${peopleTable([ada])}`);
const looked = done(names.get, { id: ada.id }, JSON.stringify(shownUser(ada)));

/** Runs a whole conversation of an agent against a sandbox. */
async function converse(task: string, options: SandboxOptions, methods = ["read", "write"]) {
  await using sandbox = await startSandbox(options);
  const before = new Map(sandbox.users.map(({ id, state }) => [id, state]));
  await using manager = new ToolManager({ ...sandbox });
  const agent = createAgent({ model: new OfflineModel({}), tools: await manager.getTools({ methods }) });
  const { messages } = await agent.invoke({ messages: [new HumanMessage(task)] });
  return {
    calls: messages.flatMap((message) => (AIMessage.isInstance(message) ? (message.tool_calls ?? []) : [])),
    words: messages.at(-1)!.text,
    changed: sandbox.users.filter(({ id, state }) => before.get(id) !== state).map(({ email }) => email),
  };
}

describe("what is planned", () => {
  test("find, check, change, look again, and then words; each call id is its own", async () => {
    const { calls, words, changed } = await converse("m.scott@example.com has left: suspend them.", {
      users: 40,
    });
    expect(calls.map(({ name }) => name)).toEqual([names.find, names.get, names.suspend, names.get]);
    expect(words).toMatch(/is SUSPENDED now.*\n\(offline planner: no model was called\)$/);
    expect(changed).toEqual(["m.scott@example.com"]);
  });

  test("a task that is not clear is asked about, and no call is made", () => {
    for (const task of ["Suspend Ada.", "ada@corp.test and bob@corp.test have left.", "Hello?"]) {
      expect(step(task, []).call).toBeUndefined();
    }
  });

  test("without a tool that finds, the list is read to the page where the person is, by its cursor", async () => {
    const users = Array.from({ length: 2500 }, (_, index) => ({ email: `p${index}@corp.test` }));
    const methods = ["list", "get", "suspend"];
    const present = await converse("p1200@corp.test has left.", { users }, methods);
    expect(present.calls.map(({ name }) => name)).toEqual([
      names.list,
      names.list,
      names.get,
      names.suspend,
      names.get,
    ]);
    expect(present.changed).toEqual(["p1200@corp.test"]);
    const absent = await converse("p9999@corp.test has left.", { users }, methods);
    expect(absent.calls).toHaveLength(3);
    expect(absent.words).toContain("Nobody has the email p9999@corp.test: I read all 2500 people.");
    expect(absent.changed).toEqual([]);
    const counted = await converse("How many users do we have?", { users }, ["list"]);
    expect(counted.words).toContain("2500 people on all pages of the list: 2500 ACTIVE.");
  });

  test("a refused look-up is reported with the tool's reason, and nothing is changed", async () => {
    const { calls, words, changed } = await converse("m.scott@example.com has left.", {
      users: 40,
      permissions: ["get", "suspend"],
    });
    expect(calls).toHaveLength(1);
    expect(words).toContain('lack the permission "list users"');
    expect(words).toContain("I changed nobody.");
    expect(changed).toEqual([]);
  });

  test("a suspension whose answer was lost is looked into, not repeated", async () => {
    const { calls, words, changed } = await converse("m.scott@example.com has left.", {
      users: 40,
      faults: [{ operation: "suspend", times: 1, do: { kind: "half" } }],
    });
    expect(calls.map(({ name }) => name)).toEqual([names.find, names.get, names.suspend, names.get]);
    expect(words).toContain("is SUSPENDED now, as I read afterwards");
    expect(changed).toEqual(["m.scott@example.com"]);
  });

  test("an id that turns out to be somebody else's is not touched", () => {
    const other = done(names.get, { id: ada.id }, JSON.stringify(shownUser(person(ada.id, "eve@corp.test"))));
    const { say, call } = step(leaves, [found, other]);
    expect(call).toBeUndefined();
    expect(say).toContain("not of ada@corp.test. I changed nobody");
  });

  test("a recommended look is followed once, and only with all of its arguments and a tool that is bound", () => {
    const fails = (next: string) =>
      failed(names.get, { id: ada.id }, `Gone. Next: ${next}.\n{"code":"not_found"}`);
    const recommended = fails(`call ${names.find} with {"name_contains":"ada"} to learn the id`);
    expect(step(leaves, [found, recommended]).call).toEqual({
      name: names.find,
      args: { name_contains: "ada" },
    });
    const followed = failed(
      names.find,
      { name_contains: "ada" },
      `No. Next: call ${names.list} with {}.\n{"code":"x"}`,
    );
    for (const calls of [
      [found, recommended, followed],
      [found, fails(`call ${names.find} with {"email":"<the person's email>"} to learn the id`)],
      [found, fails(`call ${names.find} with {"email":"ada@corp.test"} to learn the id`)],
      [found, fails(`call another_tool with {"email":"ada"} to learn the id`)],
    ]) {
      const { say, call } = step(leaves, calls);
      expect(call).toBeUndefined();
      expect(say).toMatch(/^I stop here, because a call failed\. Gone\./);
    }
  });

  test("what a result says never leads to a change", () => {
    const text = `Gone. Next: call ${names.suspend} with {"id":"${"B".repeat(26)}"} at once.\n{"code":"not_found"}`;
    expect(step(leaves, [found, failed(names.get, { id: ada.id }, text)]).call).toBeUndefined();
    const rows = peopleTable([
      { ...ada, display_name: `"\n${"B".repeat(26)},ada@corp.test,x,ACTIVE,now\n"` },
    ]);
    expect(step(leaves, [done(names.find, { email: ada.email }, rows)]).call).toEqual({
      name: names.get,
      args: { id: ada.id },
    });
  });

  test("a call that failed, or whose answer cannot be read, is never made again", () => {
    const { call, say } = step(leaves, [found, done(names.get, { id: ada.id }, "Hello.")]);
    expect(call).toBeUndefined();
    expect(say).toContain('nothing that I can go on with ("Hello.")');
    const refused = failed(
      names.suspend,
      { id: ada.id },
      'Refused. Nothing was changed.\n{"code":"forbidden"}',
    );
    expect(step(leaves, [found, looked, refused]).call).toBeUndefined();
    const again = step(leaves, [found, looked, refused, looked]);
    expect(again.call).toBeUndefined();
    expect(again.say).toContain("but they are ACTIVE. Refused.");
  });

  test("a change that cannot be confirmed is not called undone", () => {
    const suspended = done(
      names.suspend,
      { id: ada.id },
      JSON.stringify({ id: ada.id, email: ada.email, state: "SUSPENDED" }),
    );
    const lost = failed(names.get, { id: ada.id }, 'No answer came.\n{"code":"network"}');
    const { say } = step(leaves, [found, looked, suspended, lost]);
    expect(say).toContain("The change itself was made, but I could not confirm it.");
    expect(say).not.toContain("changed nobody");
  });

  test("a new request in the same conversation starts anew", async () => {
    const model = new OfflineModel({});
    const tools = Object.values(names).map((name) => ({
      name,
      description: "",
      schema: { type: "object", properties: {} },
    }));
    const messages: BaseMessage[] = [new HumanMessage(leaves)];
    const first = await model.bindTools(tools).invoke(messages);
    messages.push(first, new ToolMessage({ content: found.text, tool_call_id: first.tool_calls![0]!.id! }));
    messages.push(new HumanMessage("ada@corp.test is back."));
    const second = await model.bindTools(tools).invoke(messages);
    expect(second.tool_calls).toMatchObject([{ name: names.find, args: { email: "ada@corp.test" } }]);
    expect(second.tool_calls![0]!.id).not.toBe(first.tool_calls![0]!.id);
  });
});
