import { AgentExecutor, createToolCallingAgent } from "@langchain/classic/agents";
import { HumanMessage, ToolMessage, type BaseMessage } from "@langchain/core/messages";
import { ChatPromptTemplate } from "@langchain/core/prompts";
import { DynamicStructuredTool } from "@langchain/core/tools";
import {
  Command,
  END,
  interrupt,
  MemorySaver,
  MessagesAnnotation,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { ToolNode, toolsCondition } from "@langchain/langgraph/prebuilt";
import { createAgent } from "langchain";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { withBackoff } from "../../src/backoff/with-backoff.js";
import { ScriptedModel } from "../support/scripted-model.js";
import { lastResult, type Planner } from "../support/wire/turn.js";
import { inFakeTime, limitedTool, StatusError, throws } from "./limited-tool.js";
import { loadBackoff } from "../support/loaded-backoff.js";

beforeAll(loadBackoff);
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
});
afterEach(() => vi.useRealTimers());

/** Suspends two people at once, and says what it read last. */
const reply: Planner = (turn) => {
  const read = lastResult(turn, "suspend");
  if (read !== undefined) return { text: `I read: ${read}` };
  return {
    toolCalls: [
      { name: "suspend", args: { id: "A" } },
      { name: "suspend", args: { id: "B" } },
    ],
  };
};

const refused = (seconds = 3) => throws(new StatusError(429, { "retry-after": `${seconds}` }));
const question = { messages: [new HumanMessage("Suspend A and B.")] };

/** The first call is refused, and the second has to wait with it. */
function expectPaced(calls: { at: number }[]): void {
  expect(calls).toHaveLength(3);
  expect(calls[1]!.at - calls[0]!.at).toBeGreaterThanOrEqual(3_000);
}

describe("createAgent", () => {
  it("waits, and sees each call answered once", async () => {
    const { tool, calls } = limitedTool("suspend", refused());
    const agent = createAgent({ model: new ScriptedModel({ reply }), tools: withBackoff([tool]) });
    const { messages } = await inFakeTime(agent.invoke(question));
    expect(messages.filter((message) => ToolMessage.isInstance(message)).map(({ text }) => text)).toEqual([
      "suspend of A is done",
      "suspend of B is done",
    ]);
    expectPaced(calls);
  });

  it("shows the waits in its stream", async () => {
    const { tool } = limitedTool("suspend", refused());
    const agent = createAgent({ model: new ScriptedModel({ reply }), tools: withBackoff([tool]) });
    const read = async () => {
      const chunks: unknown[] = [];
      for await (const chunk of await agent.stream(question, { streamMode: "custom" })) chunks.push(chunk);
      return chunks;
    };
    expect(await inFakeTime(read())).toEqual(
      expect.arrayContaining([
        { type: "wait", waitMs: 3_000, attempt: 2, reason: "rate_limited" },
        { type: "wait", waitMs: 3_000, attempt: 1, reason: "queued" },
      ]),
    );
  });

  it("is interrupted by a tool that asks, and resumed", async () => {
    const ask = new DynamicStructuredTool({
      name: "suspend",
      description: "Suspends, once somebody said yes.",
      schema: z.object({ id: z.string() }),
      func: async ({ id }) => `${id}: ${String(interrupt(`suspend ${id}?`))}`,
    });
    const agent = createAgent({
      model: new ScriptedModel({
        reply: (turn) => {
          const read = lastResult(turn, "suspend");
          if (read !== undefined) return { text: `I read: ${read}` };
          return { toolCalls: [{ name: "suspend", args: { id: "A" } }] };
        },
      }),
      tools: withBackoff([ask]),
      checkpointer: new MemorySaver(),
    });
    const config = { configurable: { thread_id: "1" } };
    const asked: unknown = await inFakeTime(agent.invoke(question, config));
    expect(asked).toMatchObject({ __interrupt__: [{ value: "suspend A?" }] });
    const { messages } = await inFakeTime(agent.invoke(new Command({ resume: "yes" }), config));
    expect(messages.at(-1)?.text).toBe("I read: A: yes");
  });
});

it("a ToolNode in a graph waits", async () => {
  const { tool, calls } = limitedTool("suspend", refused());
  const tools = withBackoff([tool]);
  const model = new ScriptedModel({ reply }).bindTools(tools);
  const graph = new StateGraph(MessagesAnnotation)
    .addNode("model", async ({ messages }) => ({ messages: [await model.invoke(messages)] }))
    .addNode("tools", new ToolNode(tools))
    .addEdge(START, "model")
    .addConditionalEdges("model", toolsCondition, ["tools", END])
    .addEdge("tools", "model")
    .compile();
  const { messages } = (await inFakeTime(graph.invoke(question))) as { messages: BaseMessage[] };
  expect(messages.at(-1)?.text).toBe("I read: suspend of B is done");
  expectPaced(calls);
});

describe("the classic executor", () => {
  const prompt = ChatPromptTemplate.fromMessages([
    ["human", "{input}"],
    ["placeholder", "{agent_scratchpad}"],
  ]);
  const hosts: [string, (executor: AgentExecutor) => Promise<Record<string, unknown>>][] = [
    ["invoke", (executor) => executor.invoke({ input: "Suspend A and B." })],
    [
      "stream",
      async (executor) => {
        let last: Record<string, unknown> = {};
        for await (const step of await executor.stream({ input: "Suspend A and B." })) last = step;
        return last;
      },
    ],
  ];

  function executorFor(...outcomes: (() => unknown)[]) {
    const { tool, calls } = limitedTool("suspend", ...outcomes);
    const tools = withBackoff([tool]);
    const agent = createToolCallingAgent({ llm: new ScriptedModel({ reply }), tools, prompt });
    return { executor: new AgentExecutor({ agent, tools }), calls };
  }

  it.each(hosts)("waits in %s", async (_, run) => {
    const { executor, calls } = executorFor(refused());
    const { output } = await inFakeTime(run(executor));
    expect(output).toBe("I read: suspend of B is done");
    expectPaced(calls);
  });

  it.each(hosts)("lets the caller of %s catch that a call was not sent", async (_, run) => {
    const { executor, calls } = executorFor(refused(300));
    await expect(inFakeTime(run(executor))).rejects.toMatchObject({
      status: 429,
      code: "rate_limited",
      headers: { "retry-after": "300" },
    });
    expect(calls).toHaveLength(1);
  });
});
