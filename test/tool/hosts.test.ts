import { AgentExecutor, createToolCallingAgent } from "@langchain/classic/agents";
import { AIMessage, HumanMessage, type BaseMessage, type ToolMessage } from "@langchain/core/messages";
import { ChatPromptTemplate } from "@langchain/core/prompts";
import { END, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { ToolNode, toolsCondition } from "@langchain/langgraph/prebuilt";
import { createAgent, createMiddleware } from "langchain";
import { describe, expect, test } from "vitest";
import { ToolManager, usersApi, type HandleErrors, type ToolsetTool } from "langchain-1password";
import type { SandboxFault as Fault } from "langchain-1password/sandbox";
import { useSandbox } from "../support/sandbox.js";
import { ScriptedModel } from "../support/scripted-model.js";
import type { Planner } from "../support/wire/turn.js";

const suspend = "1_password_users_suspend";

/** What came out of a host: what the model read last, or what the host's caller caught. */
type Outcome = { model: string; status?: string } | { thrown: unknown };

interface Call {
  tool: ToolsetTool;
  args: Record<string, unknown>;
}

/** Calls the tool once and then answers with what it reads. */
function planner({ tool, args }: Call): Planner {
  return ({ messages }) => {
    const last = messages.at(-1);
    return last?.role === "tool" ? { text: last.text } : { toolCalls: [{ name: tool.name, args }] };
  };
}

async function outcomeOf(run: () => Promise<BaseMessage[] | string>): Promise<Outcome> {
  try {
    const result = await run();
    if (typeof result === "string") return { model: result };
    const message = result.findLast((each) => each.type === "tool") as ToolMessage;
    return { model: message.text, ...(message.status === undefined ? {} : { status: message.status }) };
  } catch (thrown) {
    return { thrown };
  }
}

const question = { messages: [new HumanMessage("Go.")] };

function toolNodeGraph(call: Call, handleToolErrors: boolean) {
  const model = new ScriptedModel({ reply: planner(call) });
  return new StateGraph(MessagesAnnotation)
    .addNode("model", async ({ messages }) => ({
      messages: [await model.bindTools([call.tool]).invoke(messages)],
    }))
    .addNode("tools", new ToolNode([call.tool], { handleToolErrors }))
    .addEdge(START, "model")
    .addConditionalEdges("model", toolsCondition, ["tools", END])
    .addEdge("tools", "model")
    .compile();
}

function executor(call: Call) {
  const model = new ScriptedModel({ reply: planner(call) });
  const prompt = ChatPromptTemplate.fromMessages([
    ["human", "{input}"],
    ["placeholder", "{agent_scratchpad}"],
  ]);
  const agent = createToolCallingAgent({ llm: model, tools: [call.tool], prompt });
  return new AgentExecutor({ agent, tools: [call.tool] });
}

const idleMiddleware = createMiddleware({
  name: "Idle",
  wrapToolCall: (request, handler) => handler(request),
});

const hosts = {
  "tool.invoke(args)": ({ tool, args }: Call) => outcomeOf(async () => String(await tool.invoke(args))),
  "tool.invoke(toolCall)": ({ tool, args }: Call) =>
    outcomeOf(async () => [
      (await tool.invoke({ type: "tool_call", id: "c1", name: tool.name, args })) as ToolMessage,
    ]),
  createAgent: (call: Call) =>
    outcomeOf(async () => {
      const model = new ScriptedModel({ reply: planner(call) });
      return (await createAgent({ model, tools: [call.tool] }).invoke(question)).messages;
    }),
  "createAgent with wrapToolCall": (call: Call) =>
    outcomeOf(async () => {
      const model = new ScriptedModel({ reply: planner(call) });
      const agent = createAgent({ model, tools: [call.tool], middleware: [idleMiddleware] });
      return (await agent.invoke(question)).messages;
    }),
  ToolNode: ({ tool, args }: Call) =>
    outcomeOf(async () => {
      const message = new AIMessage({ content: "", tool_calls: [{ id: "c1", name: tool.name, args }] });
      const node = new ToolNode([tool], { handleToolErrors: false });
      const { messages } = (await node.invoke({ messages: [message] })) as { messages: BaseMessage[] };
      return messages;
    }),
  StateGraph: (call: Call) =>
    outcomeOf(async () => (await toolNodeGraph(call, false).invoke(question)).messages),
  "AgentExecutor.invoke": (call: Call) =>
    outcomeOf(async () => (await executor(call).invoke({ input: "Go." })).output as string),
  "AgentExecutor.stream": (call: Call) =>
    outcomeOf(async () => {
      let output = "";
      for await (const chunk of await executor(call).stream({ input: "Go." })) {
        if ("output" in chunk) output = chunk.output as string;
      }
      return output;
    }),
};

type Host = keyof typeof hosts;

const withToolCall: Host[] = [
  "tool.invoke(toolCall)",
  "createAgent",
  "createAgent with wrapToolCall",
  "ToolNode",
  "StateGraph",
];
const withoutToolCall: Host[] = ["tool.invoke(args)", "AgentExecutor.invoke", "AgentExecutor.stream"];
// By default createAgent makes a message of every error, a middleware or `wrapToolCall` lets it out.
const lettingThrough: Host[] = [
  "tool.invoke(toolCall)",
  "createAgent with wrapToolCall",
  "ToolNode",
  "StateGraph",
];

async function aCall(
  args: Record<string, unknown>,
  faults: Fault[] = [],
  handleErrors?: HandleErrors,
): Promise<Call> {
  const sandbox = await useSandbox({ faults });
  const manager = new ToolManager({
    source: usersApi({ ...sandbox }),
    ...(handleErrors ? { handleErrors } : {}),
  });
  return { tool: await manager.getTool(suspend), args };
}

const nobody = { id: "A".repeat(26) };
const limited: Fault[] = [
  {
    operation: "suspend",
    times: Infinity,
    do: {
      kind: "status",
      status: 429,
      headers: { "ratelimit-limit": "20", "ratelimit-remaining": "0", "ratelimit-reset": "7" },
    },
  },
];

const fixable: [what: string, args: Record<string, unknown>, text: RegExp][] = [
  [
    "arguments that do not fit",
    { id: "m.scott@example.com" },
    /is an email address.*"code":"invalid_argument"/s,
  ],
  [
    "an unknown argument",
    { ...nobody, confirm: true },
    /"confirm" is not an argument.*"code":"invalid_argument"/s,
  ],
  ["a 404", nobody, /No person with the id.*"code":"not_found"/s],
];

describe.each(fixable)("%s", (_what, args, text) => {
  test.each(withToolCall)(
    "is a ToolMessage of status error in %s, without a stack or a path",
    async (host) => {
      const outcome = await hosts[host](await aCall(args));
      expect(outcome).toMatchObject({ model: expect.stringMatching(text) as string, status: "error" });
      expect(JSON.stringify(outcome)).not.toMatch(/\bat .*\(|node_modules|\.ts:|\.js:/);
    },
  );

  test.each(withoutToolCall)("is thrown by %s", async (host) => {
    const outcome = await hosts[host](await aCall(args));
    expect(outcome).toMatchObject({ thrown: { message: expect.stringMatching(text) as string } });
  });

  test.each(["tool.invoke(toolCall)", "ToolNode"] as Host[])(
    'is thrown by %s with handleErrors "none"',
    async (host) => {
      const outcome = await hosts[host](await aCall(args, [], "none"));
      expect(outcome).toMatchObject({ thrown: { message: expect.stringMatching(text) as string } });
    },
  );
});

describe("a 429", () => {
  const caught = {
    thrown: { status: 429, code: "rate_limited", headers: { "ratelimit-reset": "7" }, retryAfterMs: 7000 },
  };

  test.each([...lettingThrough, ...withoutToolCall])(
    "comes out of %s with status and headers",
    async (host) => {
      expect(await hosts[host](await aCall(nobody, limited))).toMatchObject(caught);
    },
  );

  test("is a message without a stack or a path where createAgent makes one of it", async () => {
    const outcome = await hosts.createAgent(await aCall(nobody, limited));
    expect(outcome).toMatchObject({
      model: expect.stringMatching(/Try again in 7 s.*"retry_after_s":7/s) as string,
    });
    expect(JSON.stringify(outcome)).not.toMatch(/node_modules|\.ts:|\.js:/);
  });

  test.each([...withToolCall, ...withoutToolCall])(
    'is told to the model by %s with handleErrors "all"',
    async (host) => {
      const outcome = await hosts[host](await aCall(nobody, limited, "all"));
      expect(outcome).toMatchObject({ model: expect.stringMatching(/"code":"rate_limited"/) as string });
    },
  );
});

describe.each<[what: string, fault: Fault["do"], expected: object]>([
  ["a 500", { kind: "status", status: 500 }, { status: 500, code: "server_error" }],
  ["a cut connection", { kind: "close", when: "before" }, { code: "network" }],
  ["half an answer", { kind: "half" }, { retryable: true }],
  ["a 401 that stays", { kind: "status", status: 401 }, { status: 401, code: "unauthorized" }],
])("%s", (_what, fault, expected) => {
  test.each([...lettingThrough, ...withoutToolCall])("comes out of %s", async (host) => {
    const call = await aCall(nobody, [{ operation: "suspend", times: Infinity, do: fault }]);
    expect(await hosts[host](call)).toMatchObject({ thrown: expected });
  });
});

describe("an abort", () => {
  test.each(["tool.invoke(args)", "tool.invoke(toolCall)"] as const)(
    "passes through %s as it is",
    async (host) => {
      const { tool } = await aCall(
        nobody,
        [{ operation: "suspend", do: { kind: "delay", ms: 5000 } }],
        "all",
      );
      const reason = new Error("stopped by the operator");
      const controller = new AbortController();
      setTimeout(() => controller.abort(reason), 50);
      const input =
        host === "tool.invoke(args)"
          ? nobody
          : { type: "tool_call" as const, id: "c1", name: suspend, args: nobody };
      await expect(tool.invoke(input, { signal: controller.signal })).rejects.toBe(reason);
    },
  );
});

test("a signal of LangGraph passes through with handleErrors all", async () => {
  const sandbox = await useSandbox();
  const interrupt = Object.assign(new Error("ask a person"), { is_bubble_up: true });
  const manager = new ToolManager({
    source: usersApi({ ...sandbox }),
    handleErrors: "all",
    layers: [() => () => Promise.reject(interrupt)],
  });
  const tool = await manager.getTool(suspend);
  const call = { type: "tool_call" as const, id: "c1", name: suspend, args: nobody };
  await expect(tool.invoke(call)).rejects.toBe(interrupt);
});
