import { ToolManager } from "langchain-1password";
import { startSandbox } from "langchain-1password/sandbox";
import { createAgent } from "langchain";
import { askInTerminal } from "./support/ask-in-terminal.js";
import { chooseModel } from "./support/model.js";

/** The same by a function of one's own, here a prompt at this terminal. Where there is none, nobody can say yes. */
export async function main(): Promise<void> {
  await using sandbox = await startSandbox({ users: 250 });
  const { model, names } = await chooseModel();
  await using manager = new ToolManager({ ...sandbox, names, approval: { ask: askInTerminal } });
  const agent = createAgent({ model, tools: await manager.getTools() });

  const task = "m.scott@example.com has left: find them, check, suspend, confirm.";
  const { messages } = await agent.invoke({ messages: [{ role: "user", content: task }] });
  console.log(`The agent says: ${messages.at(-1)?.text ?? ""}`);
  const person = sandbox.users.find(({ email }) => email === "m.scott@example.com");
  console.log(`In the account itself they are ${person?.state ?? "not there"}.`);
}
