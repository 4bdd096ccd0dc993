import type { BaseMessage } from "@langchain/core/messages";
import { MemorySaver, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { ToolNode, toolsCondition } from "@langchain/langgraph/prebuilt";
import { ToolManager } from "langchain-1password";
import { startSandbox } from "langchain-1password/sandbox";
import { chooseModel } from "./support/model.js";

/** A `StateGraph` of one's own around a `ToolNode`; its thread remembers one request when the next one comes. */
export async function main(): Promise<void> {
  await using sandbox = await startSandbox({ users: 250 });
  const { model, names } = await chooseModel();
  await using manager = new ToolManager({ ...sandbox, names, backoff: true });
  const tools = await manager.getTools();
  const boundModel = model.bindTools?.(tools) ?? model;

  const graph = new StateGraph(MessagesAnnotation)
    .addNode("model", async ({ messages }) => ({ messages: [await boundModel.invoke(messages)] }))
    .addNode("tools", new ToolNode(tools))
    .addEdge(START, "model")
    .addConditionalEdges("model", toolsCondition, ["tools", "__end__"])
    .addEdge("tools", "model")
    .compile({ checkpointer: new MemorySaver() });

  const thread = { configurable: { thread_id: "service-desk" } };
  const requests = [
    "m.scott@example.com has left: suspend them.",
    "m.scott@example.com is back: reactivate them.",
  ];
  for (const request of requests) {
    console.log(`\n${request}`);
    const updates = await graph.stream(
      { messages: [{ role: "user", content: request }] },
      { ...thread, streamMode: "updates" },
    );
    for await (const update of updates) {
      for (const [node, { messages = [] }] of Object.entries(
        update as Record<string, { messages?: BaseMessage[] }>,
      )) {
        for (const message of messages)
          console.log(`  ${node}: ${message.text.replaceAll("\n", "\n         ")}`);
      }
    }
    const person = sandbox.users.find(({ email }) => email === "m.scott@example.com");
    console.log(`  In the account itself they are ${person?.state ?? "not there"}.`);
  }
}
