import { AgentExecutor, createOpenAIToolsAgent, createToolCallingAgent } from "@langchain/classic/agents";
import { type BaseMessage, HumanMessage } from "@langchain/core/messages";
import { ChatPromptTemplate } from "@langchain/core/prompts";
import { DynamicStructuredTool } from "@langchain/core/tools";
import { END, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { ToolNode, toolsCondition } from "@langchain/langgraph/prebuilt";
import { createAgent } from "langchain";
import { describe, expect, test } from "vitest";
import { ScriptedModel } from "../support/scripted-model.js";
import { lastResult, type Planner } from "../support/wire/turn.js";
import { converse } from "./converse.js";

const schema = { type: "object" as const, properties: { city: { type: "string" } }, required: ["city"] };
const weather = () =>
  new DynamicStructuredTool({
    name: "look_up_weather",
    description: "The weather of today.",
    schema,
    func: async (args: { city: string }) => `Sunny in ${args.city}.`,
  });

/** Asks for two cities at once, then tells what it read last. */
const reply: Planner = (turn) => {
  const read = lastResult(turn, "look_up_weather");
  if (read !== undefined) return { text: `I read: ${read}` };
  return {
    toolCalls: [
      { name: "look_up_weather", args: { city: "Bern" } },
      { name: "look_up_weather", args: { city: "Basel" } },
    ],
  };
};

function expectFullTurns(model: ScriptedModel): void {
  expect(model.turns).toHaveLength(2);
  const [first, second] = model.turns;
  expect(first?.tools).toEqual([{ name: "look_up_weather", description: "The weather of today.", schema }]);
  expect(second?.tools).toEqual(first?.tools);
  const results = second!.messages.filter((message) => message.role === "tool");
  expect(results.map(({ name, text }) => ({ name, text }))).toEqual([
    { name: "look_up_weather", text: "Sunny in Bern." },
    { name: "look_up_weather", text: "Sunny in Basel." },
  ]);
  const calls = second!.messages.flatMap((message) =>
    message.role === "assistant" ? message.toolCalls : [],
  );
  expect(calls.map(({ args }) => args)).toEqual([{ city: "Bern" }, { city: "Basel" }]);
  expect(results.map(({ callId }) => callId)).toEqual(calls.map(({ id }) => id));
  expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
}

describe("the scripted model", () => {
  test.each([{ streaming: false }, { streaming: true }])(
    "works bound to tools in a loop of one's own, streaming: $streaming",
    async ({ streaming }) => {
      const model = new ScriptedModel({ reply });
      const messages = await converse(model, [weather()], { streaming });
      expect(messages.at(-1)?.text).toBe("I read: Sunny in Basel.");
      expectFullTurns(model);
    },
  );

  test("works in createAgent, and its words can be streamed", async () => {
    const model = new ScriptedModel({ reply });
    const agent = createAgent({ model, tools: [weather()] });
    const words: string[] = [];
    for await (const [message] of await agent.stream(
      { messages: [new HumanMessage("Where does the sun shine?")] },
      { streamMode: "messages" },
    ))
      if (message.type === "ai" && message.text !== "") words.push(message.text);
    expect(words).toEqual(["I ", "read: ", "Sunny ", "in ", "Basel."]);
    expectFullTurns(model);
  });

  test("works in a StateGraph with a ToolNode", async () => {
    const model = new ScriptedModel({ reply });
    const bound = model.bindTools([weather()]);
    const graph = new StateGraph(MessagesAnnotation)
      .addNode("model", async ({ messages }) => ({ messages: [await bound.invoke(messages)] }))
      .addNode("tools", new ToolNode([weather()]))
      .addEdge(START, "model")
      .addConditionalEdges("model", toolsCondition, ["tools", END])
      .addEdge("tools", "model")
      .compile();
    const { messages } = (await graph.invoke({ messages: [new HumanMessage("Where?")] })) as {
      messages: BaseMessage[];
    };
    expect(messages.at(-1)?.text).toBe("I read: Sunny in Basel.");
    expectFullTurns(model);
  });

  describe.each([
    { agentOf: "createToolCallingAgent", create: createToolCallingAgent },
    { agentOf: "createOpenAIToolsAgent", create: createOpenAIToolsAgent },
  ])("in the classic executor, with $agentOf", ({ create }) => {
    const prompt = ChatPromptTemplate.fromMessages([
      ["system", "You are an offboarding assistant."],
      ["human", "{input}"],
      ["placeholder", "{agent_scratchpad}"],
    ]);

    test.each([{ streamRunnable: false }, { streamRunnable: true }])(
      "invoke works, streaming from the model: $streamRunnable",
      async ({ streamRunnable }) => {
        const model = new ScriptedModel({ reply });
        const tools = [weather()];
        const agent = await create({ llm: model, tools, prompt, streamRunnable });
        const { output } = await new AgentExecutor({ agent, tools }).invoke({ input: "Where?" });
        expect(output).toBe("I read: Sunny in Basel.");
        expectFullTurns(model);
      },
    );

    test("stream works", async () => {
      const model = new ScriptedModel({ reply });
      const tools = [weather()];
      const agent = await create({ llm: model, tools, prompt });
      const steps: Record<string, unknown>[] = [];
      for await (const step of await new AgentExecutor({ agent, tools }).stream({ input: "Where?" }))
        steps.push(step);
      expect(steps.at(-1)).toMatchObject({ output: "I read: Sunny in Basel." });
      expectFullTurns(model);
    });
  });

  test("ids of calls differ between models, so that a thread may change its model", async () => {
    const ids = new Set<string | undefined>();
    for (let model = 0; model < 3; model += 1) {
      const answer = await new ScriptedModel({ reply }).invoke("Where?");
      for (const call of answer.tool_calls ?? []) ids.add(call.id);
    }
    expect(ids.size).toBe(6);
  });

  test("a model that is aborted does not think", async () => {
    const model = new ScriptedModel({ reply });
    await expect(model.invoke("Where?", { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
    expect(model.turns).toHaveLength(0);
  });

  test("what the planner throws comes out of the agent", async () => {
    const model = new ScriptedModel({
      reply: () => {
        throw new Error("the list was not read to its end");
      },
    });
    await expect(createAgent({ model, tools: [weather()] }).invoke({ messages: ["Where?"] })).rejects.toThrow(
      /the list was not read to its end/,
    );
  });
});
