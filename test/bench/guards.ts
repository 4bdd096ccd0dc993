import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tool } from "@langchain/core/tools";
import { ToolManager, usersApi, type GuardOptions } from "langchain-1password";
import { auditFile } from "langchain-1password/node";
import { startSandbox } from "langchain-1password/sandbox";
import { z } from "zod";
import { somebody, someCredentials, someId } from "../support/credentials.js";
import { alternate, startOnePersonServer } from "./side-by-side.js";
import { median, type BenchTable } from "./table.js";

const blocks = 12;
const callsInBlock = 100;

/** What each guard adds to a suspension, and all of them beside LangChain's own `tool()` making the same requests. */
export async function run(): Promise<BenchTable> {
  const folder = await mkdtemp(join(tmpdir(), "bench-guards-"));
  try {
    using server = await startOnePersonServer();
    const { baseUrl } = server;
    await using sink = auditFile(join(folder, "audit.jsonl"));
    const expected = { expected_email: somebody.email };
    const ask = () => ({ decision: "approve" as const, approver: "lead@example.com" });
    const inMemory: GuardOptions = {
      protect: ["*@board.example.com"],
      maxWrites: { count: 1_000_000, windowMs: 60_000 },
      approval: { ask },
      audit: { write: () => undefined },
    };
    const suspension = async (guards: GuardOptions, args: object = {}) => {
      const manager = new ToolManager({ source: usersApi({ ...someCredentials, baseUrl }), ...guards });
      const suspend = await manager.getTool("1_password_users_suspend");
      return () => suspend.invoke({ id: someId, ...args });
    };
    const peerOf = (reads: number) => {
      const url = `${baseUrl}/v1/accounts/${someCredentials.accountId}/users/${someId}`;
      const headers = { authorization: "Bearer token-1" };
      const peer = tool(
        async () => {
          for (let read = 0; read < reads; read += 1) await (await fetch(url, { headers })).json();
          return JSON.stringify(await (await fetch(`${url}:suspend`, { method: "POST", headers })).json());
        },
        { name: "suspend", description: "Suspends a user.", schema: z.object({ id: z.string() }) },
      );
      return () => peer.invoke({ id: someId });
    };
    const contestants: Record<string, { requests: number; call: () => Promise<unknown> }> = {
      "LangChain's tool(), 1 request": { requests: 1, call: peerOf(0) },
      "LangChain's tool(), 2 requests": { requests: 2, call: peerOf(1) },
      "LangChain's tool(), 3 requests": { requests: 3, call: peerOf(2) },
      "our tool, no guard": { requests: 1, call: await suspension({}) },
      expected_email: { requests: 2, call: await suspension({}, expected) },
      protect: { requests: 2, call: await suspension({ protect: ["*@board.example.com"] }) },
      maxWrites: {
        requests: 2,
        call: await suspension({ maxWrites: { count: 1_000_000, windowMs: 60_000 } }),
      },
      "audit, in memory": { requests: 2, call: await suspension({ audit: { write: () => undefined } }) },
      "audit, auditFile": { requests: 2, call: await suspension({ audit: sink }) },
      approval: { requests: 3, call: await suspension({ approval: { ask } }) },
      "all, in memory": { requests: 3, call: await suspension(inMemory, expected) },
      "all, auditFile": { requests: 3, call: await suspension({ ...inMemory, audit: sink }, expected) },
    };
    const times = await alternate(
      Object.fromEntries(Object.entries(contestants).map(([name, { call }]) => [name, call])),
      { blocks, callsInBlock },
    );
    const ms = (name: string) => median(times[name] ?? []);
    const peer = (requests: number) =>
      ms(`LangChain's tool(), ${requests} request${requests === 1 ? "" : "s"}`);
    return {
      title: `One suspension, ${blocks} alternating blocks of ${callsInBlock} calls: what each guard adds`,
      rows: Object.entries(contestants).map(([name, { requests }]) => ({
        guard: name,
        requests,
        "ms a call": ms(name).toFixed(3),
        "to tool() with as many requests": (ms(name) / peer(requests)).toFixed(2),
      })),
      checks: [
        {
          name: "reads sent before a suspension with identity and approval that came behind 1,000 of them",
          value: await guardedSuspensionBehindReads(),
          limit: 0,
        },
        {
          name: "all guards in memory to tool() with as many requests",
          value: ms("all, in memory") / peer(3),
          limit: 2.5,
        },
      ],
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** How many reads of others the server saw between a guarded suspension's call and the suspension itself. */
async function guardedSuspensionBehindReads(): Promise<number> {
  const limit = 20;
  await using sandbox = await startSandbox({
    users: 100,
    rateLimit: { limit, windowMs: 1_000, headers: "draft-6" },
  });
  const reading = new AbortController();
  await using manager = new ToolManager({
    ...sandbox,
    backoff: { maxWaitMs: 600_000 },
    identity: "required",
    approval: { ask: () => ({ decision: "approve", approver: "lead@example.com" }) },
  });
  const [get, suspend] = await Promise.all(
    ["get_single_1_password_user_by_id", "1_password_users_suspend"].map((name) => manager.getTool(name)),
  );
  const leaver = sandbox.users.find(({ email }) => email === "m.scott@example.com");
  if (get === undefined || suspend === undefined || leaver === undefined)
    throw new Error("The sandbox is too small.");
  const { id, email } = leaver;
  const others = sandbox.users.filter((user) => user.id !== id);
  const reads = Array.from({ length: 1_000 }, (_, index) =>
    get.invoke({ id: others[index % others.length]?.id ?? id }, { signal: reading.signal }),
  );
  // By then the first window is used up, and the line is closed and long.
  await Promise.all(reads.slice(0, limit - 1));
  const joinedAt = Date.now();
  await suspend.invoke({ id, expected_email: email });
  reading.abort();
  await Promise.allSettled(reads);
  const position = sandbox.requests.findIndex(({ path }) => path.endsWith(":suspend"));
  return sandbox.requests.slice(0, position).filter(({ at, path }) => at > joinedAt && !path.includes(id))
    .length;
}
