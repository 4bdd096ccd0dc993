import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tool, type StructuredTool } from "@langchain/core/tools";
import { ToolManager, usersApi, type ApprovalAnswer, type ToolsetEvent } from "langchain-1password";
import { startSandbox } from "langchain-1password/sandbox";
import { ScriptedModel } from "../support/scripted-model.js";
import { z } from "zod";
import { somebody, someId } from "../support/credentials.js";

/** What the README's snippets take for granted: an account, a model, and systems around them. */

export const sandbox = await startSandbox({
  users: 50,
  rateLimit: { limit: 200, windowMs: 1000, headers: "draft-6" },
});

export const { accountId, clientId, clientSecret, integratedAccountId } = sandbox;
export const apiKey = sandbox.trutoApiKey;
export const credentials = { accountId, clientId, clientSecret };
export const vault = { read: (_reference: string) => Promise.resolve(clientSecret) };
export const serviceDesk = { read: (number: number) => ({ number, leaver: "m.scott@example.com" }) };
export const someoneSaysYes = (_question: string) => Promise.resolve(true);
export const model = new ScriptedModel({ reply: () => ({ text: "Done." }) });
export const id = someId;
export const executives = new Set(["ceo@example.com"]);
export const askTheServiceDesk = (): Promise<ApprovalAnswer> =>
  Promise.resolve({ decision: "approve", approver: "desk@example.com" });
const folder = await mkdtemp(join(tmpdir(), "readme-"));
const done = () => "Done.";
export const addToGroup = tool(done, {
  name: "add_to_group",
  description: "Adds a user to a group.",
  schema: z.object({ member: z.object({ user_id: z.string() }) }),
});
export const rotateKey = tool(done, {
  name: "rotate_key",
  description: "Rotates a key.",
  schema: z.object({}),
});
export const directory = { user: (_id: string) => Promise.resolve(somebody) };
export const auditPath = join(folder, "audit.jsonl");
await writeFile(auditPath, "");
export const auditKey = "a key of 32 random bytes or more";
export const approvalFolder = join(folder, "approvals");
export const approvalKey = "another key of 32 random bytes..";
export const port = 0;
export const mcpToken = "a-token-of-32-characters-or-more";
export const adminToken = "another-token-of-32-characters-or-more";
export const serversFile = join(folder, "servers.json");
export const leavers = ["m.scott@example.com", "nobody@example.com"];
export const progress = { show: (_event: ToolsetEvent) => undefined };
/** An account that limits the first suspension, for the snippet that catches it. */
const limited = await startSandbox({
  faults: [
    { operation: "suspend", do: { kind: "status", status: 429, headers: { "ratelimit-reset": "7" } } },
  ],
});
export const manager = new ToolManager({ source: usersApi({ ...limited }) });
export const otherTools: StructuredTool[] = await manager.getTools();

/** Ends what was started here. */
export async function closeWorld(): Promise<void> {
  await sandbox.close();
  await limited.close();
  await rm(folder, { recursive: true });
}
