import { ToolManager } from "langchain-1password";
import { startSandbox } from "langchain-1password/sandbox";
import { createAgent } from "langchain";
import { chooseModel } from "./support/model.js";

/** `createAgent` with the tools of one account, in front of a sandbox. */
export async function main(): Promise<void> {
  await using sandbox = await startSandbox({ users: 250 });
  const { model, names } = await chooseModel();

  // For a real account: OP_ACCOUNT_ID, OP_CLIENT_ID and OP_CLIENT_SECRET, and no `...sandbox`.
  await using manager = new ToolManager({ ...sandbox, names, backoff: true });
  const agent = createAgent({ model, tools: await manager.getTools() });

  const { messages } = await agent.invoke({
    messages: [
      { role: "user", content: "m.scott@example.com has left: find them, check, suspend, confirm." },
    ],
  });
  for (const message of messages)
    console.log(message.type.padEnd(6) + message.text.replaceAll("\n", "\n      "));

  const leaver = sandbox.users.find(({ email }) => email === "m.scott@example.com");
  console.log(`\nIn the account itself, ${leaver?.email ?? ""} is ${leaver?.state ?? ""}.`);
}
