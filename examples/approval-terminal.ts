import { ToolManager } from "langchain-1password";
import { askInTerminal } from "langchain-1password/node";
import { startSandbox } from "langchain-1password/sandbox";
import { createAgent } from "langchain";
import { chooseModel } from "./support/model.js";

/** The same by a function of one's own, here a question at this terminal. Where there is none, nobody can say yes. */
export async function main(): Promise<void> {
  await using sandbox = await startSandbox({ users: 250 });
  const { model, names } = await chooseModel();
  // Left out, it is the terminal that the process was started in, even where standard input is something else.
  const terminal = { input: process.stdin, output: process.stdout };
  await using manager = new ToolManager({
    ...sandbox,
    names,
    approval: { ask: askInTerminal({ terminal }) },
  });
  const agent = createAgent({ model, tools: await manager.getTools() });

  const task = "m.scott@example.com has left: find them, check, suspend, confirm.";
  const { messages } = await agent.invoke({ messages: [{ role: "user", content: task }] });
  console.log(`The agent says: ${messages.at(-1)?.text ?? ""}`);
  const person = sandbox.users.find(({ email }) => email === "m.scott@example.com");
  console.log(`In the account itself they are ${person?.state ?? "not there"}.`);
}
