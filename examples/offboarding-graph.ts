import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { Command, INTERRUPT, type Interrupt } from "@langchain/langgraph";
import type { ApprovalAnswer, ApprovalRequest } from "langchain-1password";
import { startSandbox, type Sandbox } from "langchain-1password/sandbox";
import { openCheckpoints } from "./offboarding-graph/checkpoints.js";
import { offboardingGraph, type WaitRequest } from "./offboarding-graph/graph.js";
import type { GraphReport } from "./offboarding-graph/report.js";
import { openManager, readSettings, type Settings } from "./offboarding-graph/settings.js";

const email = "m.scott@example.com";

/**
 * The durable graph without a server. Everything is opened anew for each step, as three processes would that know
 * nothing of each other. It is always in front of a sandbox, because nobody is there to approve.
 */
export async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "offboarding-graph-"));
  try {
    const settings = readSettings(folder);
    await using sandbox = await startSandbox({ users: 250, directorySync: { afterMs: settings.waitMs / 2 } });
    const offboarding: Offboarding = { settings, sandbox, thread: randomUUID() };
    console.log(`Threads are kept in ${settings.databaseUrl === undefined ? "SQLite" : "PostgreSQL"}.`);

    const first = await step(offboarding, { email, reason: "HR-1234" });
    const request = first[INTERRUPT]?.[0]?.value as ApprovalRequest;
    const { person, consequence, reason } = request;
    console.log(`\nThe first process has stopped, to ask: ${request.action} ${person?.display_name ?? ""}`);
    console.log(
      `  <${person?.email ?? ""}>, ${person?.state ?? ""}, because of ${reason ?? ""}?\n  ${consequence}`,
    );

    const answer: ApprovalAnswer = {
      decision: "approve",
      requestId: request.id,
      approver: "it.lead@example.com",
    };
    const second = await step(offboarding, new Command({ resume: answer }));
    const { waitUntil } = second[INTERRUPT]?.[0]?.value as WaitRequest;
    console.log(
      `\nThe second one was given a yes, has suspended them (read again: ${stateIn(sandbox)}), and has`,
    );
    console.log(`  stopped until ${new Date(waitUntil).toISOString()}.`);

    await setTimeout(waitUntil - Date.now());
    const { report } = await step(offboarding, new Command({ resume: "the time has come" }));
    console.log(`\nThe third one has looked again: ${report?.outcome ?? ""}\n  ${report?.text ?? ""}`);
    for (const next of report?.next_steps ?? []) console.log(`  - ${next}`);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What each process is told anew. */
interface Offboarding {
  readonly settings: Settings;
  readonly sandbox: Sandbox;
  readonly thread: string;
}

interface StepEnd {
  readonly [INTERRUPT]?: Interrupt[];
  readonly report: GraphReport | null;
}

type Input = Parameters<ReturnType<typeof offboardingGraph>["invoke"]>[0];

async function step({ settings, sandbox, thread }: Offboarding, input: Input): Promise<StepEnd> {
  await using open = openManager(settings, { ...sandbox });
  const checkpoints = await openCheckpoints(settings);
  try {
    const graph = offboardingGraph({ ...open, ...checkpoints, waitMs: settings.waitMs });
    return await graph.invoke(input, { configurable: { thread_id: thread } });
  } finally {
    await checkpoints.close();
  }
}

function stateIn({ users }: Sandbox): string {
  return users.find((user) => user.email === email)?.state ?? "not there";
}
