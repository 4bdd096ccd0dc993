import { Command, interrupt, MemorySaver } from "@langchain/langgraph";
import { askByInterrupt, ToolManager, type ApprovalRequest } from "langchain-1password";
import { startSandbox } from "langchain-1password/sandbox";
import { createAgent } from "langchain";
import { chooseModel } from "./support/model.js";

/** A change that waits for a person's yes, by LangGraph's interrupt: once approved, once rejected. */
export async function main(): Promise<void> {
  await using sandbox = await startSandbox({ users: 250 });
  const { model, names } = await chooseModel();
  await using manager = new ToolManager({
    ...sandbox,
    names,
    identity: "required",
    approval: { ask: askByInterrupt(interrupt) },
  });
  const agent = createAgent({ model, tools: await manager.getTools(), checkpointer: new MemorySaver() });

  for (const decision of ["reject", "approve"] as const) {
    const thread = { configurable: { thread_id: decision } };
    const task = "m.scott@example.com has left: find them, check, suspend, confirm.";
    const paused = await agent.invoke({ messages: [{ role: "user", content: task }] }, thread);
    const request = requestIn(paused);
    console.log("The agent asks:");
    console.log(JSON.stringify({ ...request, id: `${request.id.slice(0, 12)}...` }, null, 2));
    console.log(`\nThe answer: ${decision}`);

    // In another process, hours later, this is all that is needed: the thread and the answer.
    const resume = { decision, requestId: request.id, approver: "it.lead@example.com" };
    const { messages } = await agent.invoke(new Command({ resume }), thread);
    console.log(`The agent says: ${messages.at(-1)?.text ?? ""}`);
    const person = sandbox.users.find(({ email }) => email === "m.scott@example.com");
    console.log(`In the account itself they are ${person?.state ?? "not there"}.\n`);
  }
}

function requestIn(paused: object): ApprovalRequest {
  const [open] = (paused as { __interrupt__?: { value: ApprovalRequest }[] }).__interrupt__ ?? [];
  if (open === undefined) throw new Error("The agent asked for nothing.");
  return open.value;
}
