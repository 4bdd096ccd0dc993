import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ToolMessage } from "@langchain/core/messages";
import { ToolManager } from "langchain-1password";
import { auditFile, verifyAudit } from "langchain-1password/node";
import { startSandbox } from "langchain-1password/sandbox";

/** What the guards make of writes that should not be made, and the record of all of it. No model is involved. */
export async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "langchain-1password-"));
  const path = join(folder, "audit.jsonl");
  await using sandbox = await startSandbox({ users: 50 });
  await using audit = auditFile(path);
  await using manager = new ToolManager({
    ...sandbox,
    protect: ["*@board.example.com"],
    maxWrites: { count: 1, windowMs: 60_000 },
    audit,
    actor: "night watch",
  });
  const suspend = await manager.getTool("1_password_users_suspend");
  const [scott, board, third] = [
    sandbox.users.find(({ email }) => email === "m.scott@example.com"),
    ...sandbox.users.filter(({ role, email }) => role === "member" && email !== "m.scott@example.com"),
  ];
  if (scott === undefined || board === undefined || third === undefined) throw new Error("Too few people.");
  board.email = "chair@board.example.com";

  const calls: [what: string, args: Record<string, string>][] = [
    ["an id that belongs to somebody else", { id: third.id, expected_email: scott.email }],
    ["somebody who is protected", { id: board.id }],
    ["the leaver", { id: scott.id, expected_email: scott.email }],
    ["the leaver once more", { id: scott.id, expected_email: scott.email }],
    ["somebody past the budget of one write a minute", { id: third.id }],
  ];
  for (const [index, [what, args]] of calls.entries()) {
    const call = { type: "tool_call" as const, id: `call-${index}`, name: suspend.name, args };
    const message = (await suspend.invoke(call)) as ToolMessage;
    console.log(`Suspend ${what}:\n  ${message.text.replaceAll("\n", "\n  ")}\n`);
  }

  console.log("The record:");
  for (const line of (await readFile(path, "utf8")).trim().split("\n")) {
    const {
      status,
      status_code: code,
      user,
      unmapped,
    } = JSON.parse(line) as {
      status: string;
      status_code?: string;
      user: { email_addr: string };
      unmapped: { phase: string; operation: string };
    };
    console.log(`  ${unmapped.phase.padEnd(9)}${unmapped.operation} ${user.email_addr}  ${code ?? status}`);
  }
  const { ok, records } = await verifyAudit(path);
  console.log(`  ${records} records, the chain ${ok ? "holds" : "is broken"}`);
  await rm(folder, { recursive: true });
}
