import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import type { Client, Interrupt } from "@langchain/langgraph-sdk";
import { expect, test, vi, type TestContext } from "vitest";
import type { ApprovalRequest } from "langchain-1password";
import { verifyAudit } from "langchain-1password/node";
import type { Sandbox } from "langchain-1password/sandbox";
import type { WaitRequest } from "../../examples/offboarding-graph/graph.js";
import type { GraphReport } from "../../examples/offboarding-graph/report.js";
import { wakeDue } from "../../examples/offboarding-graph/wake.js";
import { suspensionsIn } from "../durable/suspensions-in.js";
import { useFolder } from "../node/temporary-folder.js";
import { useGraphServer } from "../support/graph-server.js";
import { usePostgres } from "../support/postgres.js";
import { useSandbox } from "../support/sandbox.js";

type RunPayload = Parameters<Client["runs"]["wait"]>[2];

/** What a run answers: what the graph stopped with, or its state at the end. */
interface GraphEnd {
  __interrupt__?: Interrupt[];
  report?: GraphReport;
}

const execute = promisify(execFile);
const root = fileURLToPath(new URL("../../", import.meta.url));
const email = "m.scott@example.com";

/** The example behind the development server, its account a sandbox in this process, which outlives the server. */
async function useOffboarding(context: TestContext, sandbox: Sandbox) {
  const folder = await useFolder();
  const server = await useGraphServer(context, "examples/offboarding-graph/langgraph.json", {
    OP_ACCOUNT_ID: sandbox.accountId,
    OP_CLIENT_ID: sandbox.clientId,
    OP_CLIENT_SECRET: sandbox.clientSecret,
    OP_BASE_URL: sandbox.baseUrl,
    OFFBOARDING_FOLDER: folder,
    OFFBOARDING_WAIT_MS: "1500",
  });
  const thread = randomUUID();
  return {
    server,
    thread,
    audit: join(folder, "audit.jsonl"),
    /** Runs until the graph stops, or ends. */
    run: async (payload: RunPayload) => {
      const end = await server.client.runs.wait(thread, "offboarding", { ...payload, ifNotExists: "create" });
      return end as GraphEnd;
    },
  };
}

test(
  "an offboarding survives a server that is killed while it asks, and one that ends while it waits",
  { timeout: 120_000 },
  async (context) => {
    const sandbox = await useSandbox({ users: 50, directorySync: { afterMs: 100, emails: [email] } });
    const { server, run, audit } = await useOffboarding(context, sandbox);

    const asking = await run({ input: { email, reason: "HR-1234" } });
    const request = asking.__interrupt__?.[0]?.value as ApprovalRequest;
    expect(request).toMatchObject({
      action: "suspend",
      person: { email, state: "ACTIVE" },
      reason: "HR-1234",
    });
    expect(suspensionsIn(sandbox)).toEqual([]);

    await server.restart("SIGKILL");
    const answer = { decision: "approve", requestId: request.id, approver: "it.lead@example.com" };
    const waiting = await run({ command: { resume: answer } });
    const { waitUntil } = waiting.__interrupt__?.[0]?.value as WaitRequest;
    expect(waitUntil).toBeGreaterThan(Date.now() - 60_000);
    expect(suspensionsIn(sandbox)).toEqual([200]);

    await server.restart("SIGTERM");
    const due = await vi.waitUntil(async () => (await wakeDue(server.client))[0], { timeout: 60_000 });
    const { report } = (await server.client.runs.join(due.thread_id, due.run_id)) as GraphEnd;
    expect(report).toMatchObject({ outcome: "reactivated", states: ["ACTIVE", "SUSPENDED", "ACTIVE"] });
    expect(report?.text).toContain("Remove them from the directory first");
    expect(await wakeDue(server.client)).toEqual([]);

    // The same yes, once more: the person is active again, and stays so.
    expect(await run({ command: { resume: answer } })).toMatchObject({ report });
    expect(suspensionsIn(sandbox)).toEqual([200]);
    expect(await verifyAudit(audit)).toMatchObject({ ok: true, records: 2, danglingIntents: [] });
  },
);

test(
  "an offboarding whose server is killed while it suspends goes on from there, and suspends nobody twice",
  { timeout: 120_000 },
  async (context) => {
    const sandbox = await useSandbox({
      users: 50,
      faults: [{ operation: "suspend", do: { kind: "delay", ms: 60_000 } }],
    });
    const { server, thread, run, audit } = await useOffboarding(context, sandbox);
    const asking = await run({ input: { email } });
    const { id } = asking.__interrupt__?.[0]?.value as ApprovalRequest;
    const resume = { decision: "approve", requestId: id, approver: "it.lead@example.com" };
    const { run_id } = await server.client.runs.create(thread, "offboarding", { command: { resume } });
    await vi.waitUntil(() => suspensionsIn(sandbox).length === 1, { timeout: 60_000 });
    await server.restart("SIGKILL");

    // Where the server had written down that it was at work, it waits for that work for good.
    await server.client.runs.delete(thread, run_id).catch(() => undefined);
    await run({ input: null });
    await vi.waitUntil(async () => (await wakeDue(server.client)).length > 0, { timeout: 60_000 });
    const end = await vi.waitUntil(
      async () => {
        const { values } = await server.client.threads.getState<GraphEnd>(thread);
        return values.report;
      },
      { timeout: 60_000 },
    );
    expect(end).toMatchObject({ outcome: "suspended", states: ["ACTIVE", "SUSPENDED", "SUSPENDED"] });
    expect(suspensionsIn(sandbox)).toHaveLength(1);
    // The log says what is true: it was about to be sent, and nobody saw what came of it.
    expect(await verifyAudit(audit)).toMatchObject({ ok: true, danglingIntents: [{ operation: "suspend" }] });
  },
);

test(
  "by itself, the example keeps its threads in Postgres where it is told to",
  { timeout: 120_000 },
  async (context) => {
    const url = await usePostgres(context);
    const { stdout } = await execute(
      process.execPath,
      ["--import", "tsx", "examples/run.ts", "offboarding-graph"],
      {
        cwd: root,
        env: { PATH: process.env.PATH, OFFBOARDING_DATABASE_URL: url, OFFBOARDING_WAIT_MS: "500" },
      },
    );
    expect(stdout).toContain("Threads are kept in PostgreSQL.");
    expect(stdout).toContain("reactivated");
    const checkpointer = PostgresSaver.fromConnString(url);
    context.onTestFinished(() => checkpointer.end());
    const kept = [];
    for await (const { checkpoint } of checkpointer.list({})) kept.push(checkpoint.id);
    expect(kept.length).toBeGreaterThan(5);
  },
);
