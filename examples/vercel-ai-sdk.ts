import {
  generateText,
  jsonSchema,
  stepCountIs,
  tool,
  type ModelMessage,
  type ToolApprovalResponse,
} from "ai";
import { ToolManager } from "langchain-1password";
import { startSandbox } from "langchain-1password/sandbox";
import { offlineAiSdkModel } from "./support/offline-ai-sdk-model.js";

/** The same tools in the Vercel AI SDK: three lines make each one, and every write pauses for an approval. */
export async function main(): Promise<void> {
  await using sandbox = await startSandbox({ users: 250 });
  await using manager = new ToolManager({ ...sandbox, backoff: true });
  const tools = Object.fromEntries(
    (await manager.getTools()).map((each) => [
      each.name,
      tool({
        description: each.description,
        inputSchema: jsonSchema<Record<string, unknown>>(each.schema),
        execute: (args) => each.invoke(args),
        needsApproval: each.descriptor.kind === "write",
      }),
    ]),
  );

  const model = offlineAiSdkModel();
  const messages: ModelMessage[] = [
    { role: "user", content: "m.scott@example.com has left: find them, check, suspend, confirm." },
  ];
  const stateNow = () =>
    sandbox.users.find(({ email }) => email === "m.scott@example.com")?.state ?? "not there";
  for (;;) {
    const { response, content, text } = await generateText({
      model,
      tools,
      messages,
      stopWhen: stepCountIs(10),
    });
    messages.push(...response.messages);
    const results = response.messages.flatMap(({ role, content: parts }) => (role === "tool" ? parts : []));
    for (const part of results) if (part.type === "tool-result") console.log(`called    ${part.toolName}`);

    const requests = content.filter((part) => part.type === "tool-approval-request");
    if (requests.length === 0) {
      console.log(`\n${text}\nIn the account itself they are ${stateNow()}.`);
      return;
    }
    const approvals = requests.map(({ approvalId, toolCall }): ToolApprovalResponse => {
      console.log(
        `paused    before ${toolCall.toolName} ${JSON.stringify(toolCall.input)}; they are ${stateNow()}`,
      );
      // A program that is in use asks a person here.
      return { type: "tool-approval-response", approvalId, approved: true };
    });
    messages.push({ role: "tool", content: approvals });
    console.log(`approved  ${approvals.length} call`);
  }
}
