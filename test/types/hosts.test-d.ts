import { AgentExecutor, createToolCallingAgent } from "@langchain/classic/agents";
import type { BaseChatModel, BindToolsInput } from "@langchain/core/language_models/chat_models";
import type { ChatPromptTemplate } from "@langchain/core/prompts";
import type { StructuredTool, StructuredToolInterface } from "@langchain/core/tools";
import { ToolNode } from "@langchain/langgraph/prebuilt";
import type { ChatAnthropic } from "@langchain/anthropic";
import type { ChatGoogleGenerativeAI } from "@langchain/google-genai";
import type { ChatOllama } from "@langchain/ollama";
import type { ChatOpenAI } from "@langchain/openai";
import { createAgent } from "langchain";
import { describe, expectTypeOf, test } from "vitest";
import {
  withBackoff,
  type ToolManager,
  type ToolsetTool,
  type TrutoLangchainToolManager,
} from "langchain-1password";

declare const manager: ToolManager;
declare const trutoManager: TrutoLangchainToolManager;
declare const model: BaseChatModel;
declare const prompt: ChatPromptTemplate;
declare const openai: ChatOpenAI;
declare const anthropic: ChatAnthropic;
declare const google: ChatGoogleGenerativeAI;
declare const ollama: ChatOllama;

type Tools = Awaited<ReturnType<ToolManager["getTools"]>>;
type TrutoTools = Awaited<ReturnType<TrutoLangchainToolManager["getTools"]>>;

describe("tools are LangChain's tools, without a cast:", () => {
  test("in lists of them", () => {
    expectTypeOf<Tools>().toEqualTypeOf<ToolsetTool[]>();
    expectTypeOf<Tools>().toExtend<StructuredTool[]>();
    expectTypeOf<Tools>().toExtend<StructuredToolInterface[]>();
    expectTypeOf<Tools>().toExtend<BindToolsInput[]>();
    expectTypeOf<TrutoTools>().toEqualTypeOf<StructuredTool[]>();
    expectTypeOf<Awaited<ReturnType<ToolManager["getTool"]>>>().toEqualTypeOf<ToolsetTool>();
  });

  test("in createAgent", async () => {
    createAgent({ model, tools: await manager.getTools({ methods: ["read"] }) });
    createAgent({ model, tools: await trutoManager.getTools("account") });
    createAgent({ model, tools: [await manager.getTool("find_1_password_users")] });
  });

  test("in ToolNode", async () => {
    new ToolNode(await manager.getTools());
    new ToolNode(await trutoManager.getTools("account"), { handleToolErrors: false });
  });

  test("in every provider's bindTools", async () => {
    const tools = await manager.getTools();
    model.bindTools?.(tools);
    openai.bindTools(tools);
    anthropic.bindTools(tools);
    google.bindTools(tools);
    ollama.bindTools(tools);
  });

  test("in the classic executor", async () => {
    const tools = await manager.getTools();
    const agent = createToolCallingAgent({ llm: model, tools, prompt });
    new AgentExecutor({ agent, tools });
    new AgentExecutor({ agent, tools: await trutoManager.getTools("account") });
  });

  test("behind backoff", async () => {
    const tools = withBackoff(await manager.getTools());
    expectTypeOf(tools).toEqualTypeOf<ToolsetTool[]>();
    createAgent({ model, tools });
    new ToolNode(withBackoff(await trutoManager.getTools("account"), { maxWaitMs: 30_000 }));
  });

  test("beside others", async () => {
    const [first] = await trutoManager.getTools("account");
    const mixed: StructuredToolInterface[] = [...(await manager.getTools()), ...(first ? [first] : [])];
    createAgent({ model, tools: mixed });
  });
});
