import { HumanMessage, type BaseMessage, type ToolMessage } from "@langchain/core/messages";
import { ToolManager } from "langchain-1password";
import { startSandbox } from "langchain-1password/sandbox";
import { chooseModel } from "./support/model.js";

const mostTurns = 12;

/** No agent framework: `bindTools`, and a loop of one's own that makes the calls. */
export async function main(): Promise<void> {
  await using sandbox = await startSandbox({ users: 250 });
  const { model, names } = await chooseModel();
  // "all": whatever goes wrong is an answer for the model, so that this loop needs no `catch`.
  await using manager = new ToolManager({ ...sandbox, names, backoff: true, handleErrors: "all" });
  const tools = await manager.getTools();
  const boundModel = model.bindTools?.(tools) ?? model;

  const messages: BaseMessage[] = [
    new HumanMessage("m.scott@example.com has left: find, check, suspend, confirm."),
  ];
  for (let turn = 1; turn <= mostTurns; turn += 1) {
    const answer = await boundModel.invoke(messages);
    messages.push(answer);
    if (answer.text !== "") console.log(answer.text);
    if (answer.tool_calls === undefined || answer.tool_calls.length === 0) return;
    for (const call of answer.tool_calls) {
      const tool = tools.find(({ name }) => name === call.name);
      if (tool === undefined) throw new Error(`The model called "${call.name}", which is no tool of ours.`);
      const result = (await tool.invoke({ ...call, type: "tool_call" })) as ToolMessage;
      messages.push(result);
      console.log(
        `  ${call.name} ${JSON.stringify(call.args)}\n  -> ${result.text.replaceAll("\n", "\n     ")}`,
      );
    }
  }
  throw new Error(`The model was not done after ${mostTurns} turns.`);
}
