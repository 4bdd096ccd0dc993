import type { BaseChatModel, BindToolsInput } from "@langchain/core/language_models/chat_models";
import {
  type AIMessageChunk,
  type BaseMessage,
  HumanMessage,
  SystemMessage,
  type ToolCall,
  type ToolMessage,
} from "@langchain/core/messages";
import { concat } from "@langchain/core/utils/stream";

/** A tool, as far as a loop of one's own needs it. */
export type RunnableTool = BindToolsInput & { name: string; invoke(call: ToolCall): Promise<unknown> };

/**
 * A loop of one's own around `bindTools`: asks the model, runs the calls it makes, hands back the results,
 * until it answers in words.
 *
 * @returns every message of the conversation
 */
export async function converse(
  model: BaseChatModel & Required<Pick<BaseChatModel, "bindTools">>,
  tools: readonly RunnableTool[],
  { streaming = false, system = "You are an offboarding assistant." } = {},
): Promise<BaseMessage[]> {
  const bound = model.bindTools([...tools]);
  const messages: BaseMessage[] = [new SystemMessage(system), new HumanMessage("Please help.")];
  for (;;) {
    const answer = streaming ? await gather(await bound.stream(messages)) : await bound.invoke(messages);
    messages.push(answer);
    if (!answer.tool_calls?.length) return messages;
    for (const call of answer.tool_calls) {
      const tool = tools.find(({ name }) => name === call.name);
      if (tool === undefined) throw new Error(`The model called "${call.name}", which it was not given.`);
      messages.push((await tool.invoke({ ...call, type: "tool_call" })) as ToolMessage);
    }
  }
}

async function gather(stream: AsyncIterable<AIMessageChunk>): Promise<AIMessageChunk> {
  let whole: AIMessageChunk | undefined;
  for await (const chunk of stream) whole = whole === undefined ? chunk : concat(whole, chunk);
  if (whole === undefined) throw new Error("The stream was empty.");
  return whole;
}
