import { appendFileSync } from "node:fs";
import { auditAccess, ToolManager, usersApi, type AuditRecord, type AuditSink } from "langchain-1password";
import { auditFile } from "langchain-1password/node";
import { startsSuspension, type KillPoint } from "./kill-points.js";

// A process of its own: it audits people with `fix`, and is killed at a named point of one of them.

interface Order {
  readonly credentials: { baseUrl: string; accountId: string; clientId: string; clientSecret: string };
  readonly path: string;
  readonly emails: string[];
  /** Where to be killed; left out, it goes on to the end. */
  readonly kill?: { readonly point: KillPoint; readonly person: number };
}

const { credentials, path, emails, kill } = JSON.parse(process.argv[2] ?? "{}") as Order;
let intents = 0;

function at(point: KillPoint): void {
  if (kill?.point === point && intents >= kill.person) process.kill(process.pid, "SIGKILL");
}

const file = auditFile(path);
const sink: AuditSink = {
  async write(record: AuditRecord) {
    const isIntent = record.unmapped.phase === "intent";
    if (isIntent) intents += 1;
    at(isIntent ? "before-intent" : "before-outcome");
    if (kill?.point === (isIntent ? "mid-intent" : "mid-outcome") && intents >= kill.person) {
      // What a write leaves that the machine did not finish.
      appendFileSync(path, JSON.stringify(record).slice(0, 100));
      at(isIntent ? "mid-intent" : "mid-outcome");
    }
    await file.write(record);
    at(isIntent ? "after-intent" : "after-outcome");
  },
};

const send: typeof fetch = async (input, init) => {
  const isSuspension = startsSuspension(input);
  if (!isSuspension) {
    if (intents >= (kill?.person ?? Infinity)) at("before-read");
    return fetch(input, init);
  }
  at("before-send");
  const answering = fetch(input, init);
  if (kill?.point === "after-send" && intents >= kill.person) {
    // The request is on its way: the answer to one that was sent after it says that it has left.
    await new Promise((resolve) => setTimeout(resolve, 3));
    at("after-send");
  }
  const answer = await answering;
  at("after-headers");
  const reader = answer.clone().body?.getReader();
  await reader?.read();
  at("half-answer");
  const text = await answer.text();
  at("after-answer");
  return new Response(text, answer);
};

const manager = new ToolManager({ source: usersApi({ ...credentials, fetch: send }), audit: sink });
const report = await auditAccess(manager, { emails, state: "SUSPENDED", fix: true });
await file.close();
process.stdout.write(JSON.stringify({ stopped: report.stopped ?? null }));
