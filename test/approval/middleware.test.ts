import type { BaseMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { Command, MemorySaver } from "@langchain/langgraph";
import { createAgent, humanInTheLoopMiddleware } from "langchain";
import { describe, expect, test } from "vitest";
import { ToolManager, truto, usersApi, type ManagerOptions } from "langchain-1password";
import type { Sandbox } from "langchain-1password/sandbox";
import { useSandbox } from "../support/sandbox.js";
import { ScriptedModel } from "../support/scripted-model.js";

const sources = {
  "the Users API": (sandbox: Sandbox) => usersApi({ ...sandbox }),
  Truto: ({ baseUrl, trutoApiKey: apiKey, integratedAccountId }: Sandbox) =>
    truto({ apiKey, integratedAccountId, baseUrl }),
};

interface Interrupted {
  messages: BaseMessage[];
  __interrupt__?: { value: { actionRequests: { name: string; description: string }[] } }[];
}

async function anAgent(
  source: keyof typeof sources,
  argsOf: (sandbox: Sandbox) => object,
  options: ManagerOptions = {},
) {
  const sandbox = await useSandbox();
  const person = sandbox.users.find(({ email }) => email === "m.scott@example.com")!;
  const manager = new ToolManager({ source: sources[source](sandbox), ...options });
  const model = new ScriptedModel({
    reply: ({ messages }) =>
      messages.at(-1)?.role === "tool"
        ? { text: "Done." }
        : { toolCalls: [{ name: "1_password_users_suspend", args: { ...argsOf(sandbox) } }] },
  });
  const agent = createAgent({
    model,
    tools: await manager.getTools(),
    // LangChain's own types do not compile with `exactOptionalPropertyTypes`.
    middleware: [humanInTheLoopMiddleware({ interruptOn: await manager.interruptOn() } as never) as never],
    checkpointer: new MemorySaver(),
  });
  const thread = { configurable: { thread_id: "t" } };
  const invoke = async (input: unknown) =>
    (await agent.invoke(input as never, thread as never)) as unknown as Interrupted;
  return {
    sandbox,
    person,
    manager,
    start: () => invoke({ messages: [{ role: "user", content: "m.scott@example.com has left." }] }),
    resume: (decision: object) => invoke(new Command({ resume: { decisions: [decision] } })),
    reads: () =>
      sandbox.requests.filter(({ path, method }) => method === "GET" && path.includes(person.id)).length,
  };
}

describe.each(Object.keys(sources) as (keyof typeof sources)[])(
  "humanInTheLoopMiddleware, through %s",
  (source) => {
    const suspendScott = (sandbox: Sandbox) => ({
      id: sandbox.users.find(({ email }) => email === "m.scott@example.com")!.id,
    });

    test("shows whom the call concerns and what it does, and reads them once", async () => {
      const { start, resume, person, reads } = await anAgent(source, suspendScott);
      const { __interrupt__: interrupts } = await start();
      const [request] = interrupts![0]!.value.actionRequests;
      expect(request!.description).toMatch(
        /^suspend: id \w{26} \("Michael Scott" <m\.scott@example\.com>\), ACTIVE.*no longer sign in/s,
      );
      expect(person.state).toBe("ACTIVE");
      const { messages } = await resume({ type: "approve" });
      expect(person.state).toBe("SUSPENDED");
      expect(messages.at(-1)?.text).toBe("Done.");
      // Described twice, before and after the resumption.
      expect(reads()).toBe(1);
    });

    test("a rejection leaves them alone", async () => {
      const { start, resume, person } = await anAgent(source, suspendScott);
      await start();
      await resume({ type: "reject", message: "on leave only" });
      expect(person.state).toBe("ACTIVE");
    });

    test.each([
      ["an id that is nobody's", { id: "A".repeat(26) }],
      ["an id that is none", { id: "m.scott@example.com" }],
      ["no arguments at all", {}],
      ["arguments of another kind", { id: { $gt: "" } }],
    ])("%s is described without a throw", async (_what, args) => {
      const { start } = await anAgent(source, () => args);
      const { __interrupt__: interrupts } = await start();
      expect(interrupts![0]!.value.actionRequests[0]!.description).toMatch(/^1_password_users_suspend/);
    });
  },
);

test("reads are not asked for, and an audit only where it is to fix something", async () => {
  const { manager } = await anAgent("the Users API", () => ({}), { workflows: true });
  const interruptOn = await manager.interruptOn();
  expect(Object.keys(interruptOn).sort()).toEqual([
    "1_password_users_reactivate",
    "1_password_users_suspend",
    "audit_1_password_access",
    "offboard_1_password_user",
  ]);
  const asks = (name: string, args: Record<string, unknown>) =>
    interruptOn[name]!.when({ toolCall: { name, args } });
  expect(asks("audit_1_password_access", { emails: ["a@example.com"] })).toBe(false);
  expect(asks("audit_1_password_access", { emails: ["a@example.com"], fix: true })).toBe(true);
  expect(asks("1_password_users_suspend", { id: "x" })).toBe(true);
  const offboard = await interruptOn.offboard_1_password_user!.description({
    name: "offboard_1_password_user",
    args: { email: "m.scott@example.com" },
  });
  expect(offboard).toMatch(/m\.scott@example\.com/);
});

test("what was shown is remembered for the last 1,000 calls, and the oldest is forgotten first", async () => {
  const { manager, person, reads } = await anAgent("the Users API", () => ({}));
  const name = "1_password_users_suspend";
  const { description } = (await manager.interruptOn())[name]!;
  const showFirst = () => description({ name, args: { id: person.id }, id: "first" });
  await showFirst();
  for (let count = 1; count < 1000; count += 1) await description({ name, args: {}, id: `call ${count}` });
  await showFirst();
  expect(reads()).toBe(1);
  await description({ name, args: {}, id: "one more" });
  await showFirst();
  expect(reads()).toBe(2);
});

test("of two plain tools called at once, the middleware answers for the rejected one alone; the approved one is not made", async () => {
  const made: string[] = [];
  const plain = (name: string) =>
    tool(
      () => {
        made.push(name);
        return `${name} done`;
      },
      { name, description: `Does ${name}.`, schema: { type: "object", properties: {} } },
    );
  const model = new ScriptedModel({
    reply: ({ messages }) =>
      messages.at(-1)?.role === "user"
        ? { toolCalls: ["first", "second"].map((name) => ({ name, args: {} })) }
        : { text: "Done." },
  });
  const allowedDecisions = ["approve", "reject"];
  const agent = createAgent({
    model,
    tools: [plain("first"), plain("second")] as never,
    middleware: [
      humanInTheLoopMiddleware({
        interruptOn: { first: { allowedDecisions }, second: { allowedDecisions } },
      } as never) as never,
    ],
    checkpointer: new MemorySaver(),
  });
  const thread = { configurable: { thread_id: "t" } };
  await agent.invoke({ messages: [{ role: "user", content: "Do both." }] } as never, thread as never);
  const decisions = [{ type: "approve" }, { type: "reject", message: "no" }];
  const { messages } = (await agent.invoke(
    new Command({ resume: { decisions } }) as never,
    thread as never,
  )) as unknown as Interrupted;
  const answered = messages.filter((message) => message.type === "tool").map(({ name }) => name);
  expect(answered).toEqual(["second"]);
  expect(made).toEqual([]);
});
