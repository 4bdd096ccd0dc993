import { ToolManager, isToolsetError } from "langchain-1password";
import { startSandbox } from "langchain-1password/sandbox";
import { createAgent } from "langchain";
import { chooseModel } from "./support/model.js";

/** Reads only: an agent that can look at everybody and has nothing to change anybody with. */
export async function main(): Promise<void> {
  await using sandbox = await startSandbox({ users: 250 });
  const { model, names } = await chooseModel();
  await using manager = new ToolManager({ ...sandbox, names, readOnly: true });
  const tools = await manager.getTools();
  console.log(`Tools: ${tools.map(({ name }) => name).join(", ")}\n`);

  const agent = createAgent({ model, tools });
  for (const question of ["How many users do we have?", "m.scott@example.com has left: suspend them."]) {
    const { messages } = await agent.invoke({ messages: [{ role: "user", content: question }] });
    console.log(`${question}\n  ${messages.at(-1)?.text.replaceAll("\n", "\n  ") ?? ""}\n`);
  }

  // A tool that changes people is not refused: there is none.
  try {
    await manager.getTools({ methods: ["write"] });
  } catch (error) {
    if (!isToolsetError(error)) throw error;
    console.log(`Asking for the writes all the same: ${error.code}\n  ${error.text}`);
  }
}
