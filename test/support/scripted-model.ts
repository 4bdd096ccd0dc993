import { randomUUID } from "node:crypto";
import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import type { BaseLanguageModelInput, ToolDefinition } from "@langchain/core/language_models/base";
import {
  BaseChatModel,
  type BaseChatModelCallOptions,
  type BaseChatModelParams,
  type BindToolsInput,
} from "@langchain/core/language_models/chat_models";
import { AIMessage, AIMessageChunk, ToolMessage, type BaseMessage } from "@langchain/core/messages";
import { ChatGenerationChunk, type ChatResult } from "@langchain/core/outputs";
import type { Runnable } from "@langchain/core/runnables";
import { convertToOpenAITool } from "@langchain/core/utils/function_calling";
import type { NormalisedMessage, NormalisedTool, Planner, Turn } from "./wire/turn.js";

/** What {@link ScriptedModel} takes at each call. */
export interface ScriptedModelCallOptions extends BaseChatModelCallOptions {
  /** The tools that the model is told of, as `bindTools` leaves them. */
  tools?: ToolDefinition[];
}

/**
 * A chat model for tests, in this process: `reply` reads the conversation and decides. It works wherever
 * a chat model does (`createAgent`, `StateGraph`, classic agents), streaming or not.
 *
 * @example
 * ```ts
 * const model = new ScriptedModel({ reply: () => ({ text: "Done." }) });
 * const agent = createAgent({ model, tools });
 * ```
 */
export class ScriptedModel extends BaseChatModel<ScriptedModelCallOptions> {
  /** What the model was asked, turn by turn; its length is the number of turns. */
  readonly turns: Turn[] = [];
  readonly #reply: Planner;

  constructor({ reply, ...params }: { reply: Planner } & BaseChatModelParams) {
    super(params);
    this.#reply = reply;
  }

  override _llmType(): string {
    return "scripted";
  }

  override bindTools(
    tools: BindToolsInput[],
    options?: Partial<ScriptedModelCallOptions>,
  ): Runnable<BaseLanguageModelInput, AIMessageChunk, ScriptedModelCallOptions> {
    return this.withConfig({
      ...options,
      tools: tools.map((tool) => convertToOpenAITool(tool as Parameters<typeof convertToOpenAITool>[0])),
    });
  }

  override async _generate(messages: BaseMessage[], options: this["ParsedCallOptions"]): Promise<ChatResult> {
    const { text, calls } = await this.#think(messages, options);
    const message = new AIMessage({
      content: text,
      tool_calls: calls.map(({ id, name, args }) => ({ type: "tool_call" as const, id, name, args })),
      additional_kwargs: inOpenAIForm(calls),
    });
    return { generations: [{ text, message }] };
  }

  override async *_streamResponseChunks(
    messages: BaseMessage[],
    options: this["ParsedCallOptions"],
    runManager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    const { text, calls } = await this.#think(messages, options);
    const chunks = [
      ...text.split(/(?<= )/).map((word) => new AIMessageChunk({ content: word })),
      ...calls.map(
        ({ id, name, args }, index) =>
          new AIMessageChunk({
            content: "",
            tool_call_chunks: [{ type: "tool_call_chunk", id, name, args: JSON.stringify(args), index }],
            additional_kwargs: inOpenAIForm(calls, index),
          }),
      ),
    ];
    for (const message of chunks) {
      options.signal?.throwIfAborted();
      const chunk = new ChatGenerationChunk({ text: message.text, message });
      yield chunk;
      await runManager?.handleLLMNewToken(message.text, undefined, undefined, undefined, undefined, {
        chunk,
      });
    }
  }

  async #think(messages: BaseMessage[], options: this["ParsedCallOptions"]) {
    options.signal?.throwIfAborted();
    const turn = {
      messages: messages.map(normalise(messages)),
      tools: (options.tools ?? []).map(normaliseTool),
    };
    this.turns.push(turn);
    const planned = await this.#reply(turn);
    return {
      text: "text" in planned ? planned.text : "",
      calls: ("toolCalls" in planned ? planned.toolCalls : []).map(({ name, args }) => ({
        id: `call_${randomUUID()}`,
        name,
        args: { ...args },
      })),
    };
  }
}

interface Call {
  id: string;
  name: string;
  args: Record<string, unknown>;
}

// `createOpenAIToolsAgent` reads calls only where OpenAI's client leaves them a second time.
function inOpenAIForm(calls: readonly Call[], only?: number): Record<string, unknown> {
  if (calls.length === 0) return {};
  const toolCalls = calls.map(({ id, name, args }, index) => ({
    index,
    id,
    type: "function",
    function: { name, arguments: JSON.stringify(args) },
  }));
  return { tool_calls: only === undefined ? toolCalls : toolCalls.slice(only, only + 1) };
}

function normalise(all: readonly BaseMessage[]): (message: BaseMessage) => NormalisedMessage {
  return (message) => {
    if (AIMessage.isInstance(message))
      return {
        role: "assistant",
        text: message.text,
        toolCalls: (message.tool_calls ?? []).map(({ id = "", name, args }) => ({ id, name, args })),
      };
    if (ToolMessage.isInstance(message)) {
      const callId = message.tool_call_id;
      const call = all
        .flatMap((each) => (AIMessage.isInstance(each) ? (each.tool_calls ?? []) : []))
        .find(({ id }) => id === callId);
      return { role: "tool", callId, name: call?.name ?? message.name ?? "", text: message.text };
    }
    return { role: message.type === "system" ? "system" : "user", text: message.text };
  };
}

function normaliseTool({ function: { name, description = "", parameters } }: ToolDefinition): NormalisedTool {
  return { name, description, schema: parameters };
}
