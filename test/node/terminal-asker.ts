// Asks at the terminal that it is started in, in a process of its own.
import type { Context } from "langchain-1password";
import { askInTerminal } from "langchain-1password/node";

const person = {
  id: "A".repeat(26),
  email: "ann@example.com",
  display_name: "Ann",
  state: "ACTIVE",
  create_time: "2025-01-01T00:00:00Z",
} as const;
const request = {
  id: "request",
  action: "suspend",
  person,
  consequence: `Asked by process ${process.pid}.`,
  expiresAt: Date.now() + 60_000,
};
const answer = await askInTerminal()(request, { signal: new AbortController().signal } as Context);
process.stderr.write(`\nANSWER ${process.pid} ${(answer as { decision: string }).decision}\n`);
process.exit();
