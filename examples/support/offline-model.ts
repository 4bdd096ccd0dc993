import type { BaseLanguageModelInput, ToolDefinition } from "@langchain/core/language_models/base";
import {
  BaseChatModel,
  type BaseChatModelCallOptions,
  type BindToolsInput,
} from "@langchain/core/language_models/chat_models";
import {
  AIMessage,
  HumanMessage,
  ToolMessage,
  type AIMessageChunk,
  type BaseMessage,
} from "@langchain/core/messages";
import type { ChatResult } from "@langchain/core/outputs";
import type { Runnable } from "@langchain/core/runnables";
import { convertToOpenAITool } from "@langchain/core/utils/function_calling";
import { nextStep, type Step } from "./plan.js";
import type { PastCall } from "./situation.js";

interface OfflineModelCallOptions extends BaseChatModelCallOptions {
  /** The tools that the model is told of, as `bindTools` leaves them. */
  tools?: ToolDefinition[];
}

/** What the offline planner says of itself. */
export const offlineNotice = "offline planner: no model was called";

/**
 * A chat model without a model: it plans by rules from the task, the tools bound to it and the results that it
 * reads, so that the examples run without a key and without a network. It knows nothing but how to look up,
 * count, suspend and reactivate people.
 *
 * @example
 * ```ts
 * const agent = createAgent({ model: new OfflineModel({}), tools: await manager.getTools() });
 * ```
 */
export class OfflineModel extends BaseChatModel<OfflineModelCallOptions> {
  override _llmType(): string {
    return "offline";
  }

  override bindTools(
    tools: BindToolsInput[],
    options?: Partial<OfflineModelCallOptions>,
  ): Runnable<BaseLanguageModelInput, AIMessageChunk, OfflineModelCallOptions> {
    return this.withConfig({
      ...options,
      tools: tools.map((tool) => convertToOpenAITool(tool as Parameters<typeof convertToOpenAITool>[0])),
    });
  }

  override _generate(messages: BaseMessage[], options: this["ParsedCallOptions"]): Promise<ChatResult> {
    options.signal?.throwIfAborted();
    const start = messages.findLastIndex((message) => HumanMessage.isInstance(message));
    const step = nextStep({
      task: messages[start]?.text ?? "",
      tools: (options.tools ?? []).map(({ function: { name, parameters } }) => ({
        name,
        schema: parameters,
      })),
      calls: callsIn(messages.slice(start + 1)),
    });
    const message = messageOf(step);
    return Promise.resolve({ generations: [{ text: message.text, message }] });
  }
}

function messageOf({ say, call }: Step): AIMessage {
  if (call === undefined) return new AIMessage(`${say}\n(${offlineNotice})`);
  const id = `call_${crypto.randomUUID()}`;
  return new AIMessage({
    content: say,
    tool_calls: [{ type: "tool_call", id, name: call.name, args: { ...call.args } }],
  });
}

function callsIn(messages: readonly BaseMessage[]): PastCall[] {
  const results = new Map(
    messages
      .filter((message) => ToolMessage.isInstance(message))
      .map((message) => [message.tool_call_id, message]),
  );
  return messages
    .filter((message) => AIMessage.isInstance(message))
    .flatMap(({ tool_calls: calls = [] }) => calls)
    .flatMap(({ id = "", name, args }) => {
      const result = results.get(id);
      return result === undefined
        ? []
        : [{ name, args, text: result.text, isError: result.status === "error" }];
    });
}
