import { Command, MemorySaver } from "@langchain/langgraph";
import { ToolManager } from "langchain-1password";
import { startSandbox } from "langchain-1password/sandbox";
import { createAgent, humanInTheLoopMiddleware, type AgentMiddleware } from "langchain";
import { chooseModel } from "./support/model.js";

/** The same by LangChain's own middleware, which asks before the tool is called; the description shows the person. */
export async function main(): Promise<void> {
  await using sandbox = await startSandbox({ users: 250 });
  const { model, names } = await chooseModel();
  await using manager = new ToolManager({ ...sandbox, names });
  const interruptOn = await manager.interruptOn();
  // The casts are for LangChain's own types, which do not compile with `exactOptionalPropertyTypes`.
  const middleware = [humanInTheLoopMiddleware({ interruptOn } as never) as unknown as AgentMiddleware];
  const tools = await manager.getTools();
  const agent = createAgent({ model, tools, middleware, checkpointer: new MemorySaver() });
  const thread = { configurable: { thread_id: "one" } };

  const task = "m.scott@example.com has left: find them, check, suspend, confirm.";
  const paused = await agent.invoke({ messages: [{ role: "user", content: task }] }, thread);
  const [open] = (paused as unknown as Paused).__interrupt__;
  console.log(open?.value.actionRequests[0]?.description);

  console.log("\nThe answer: approve");
  const resumed = await agent.invoke(new Command({ resume: { decisions: [{ type: "approve" }] } }), thread);
  console.log(`The agent says: ${resumed.messages.at(-1)?.text ?? ""}`);
  const person = sandbox.users.find(({ email }) => email === "m.scott@example.com");
  console.log(`In the account itself they are ${person?.state ?? "not there"}.`);
}

interface Paused {
  readonly __interrupt__: readonly {
    readonly value: { readonly actionRequests: { description: string }[] };
  }[];
}
