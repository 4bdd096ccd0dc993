import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { someId } from "../support/credentials.js";
import { alternate, startOnePersonServer } from "./side-by-side.js";
import type { BenchTable } from "./table.js";

// Short blocks, so that what else the machine does meets every server as often as the others.
const blocks = 300;
const callsInBlock = 10;
/** Calls of each server that are not counted: the compilers of all processes are still at work. */
const warmUpCalls = 1000;
const eras = ["2025", "2026"] as const;
type Era = (typeof eras)[number];

/** The tool that every server has. */
export const benchTool = "get_single_1_password_user_by_id";

/** The servers that are compared. */
export type BenchServerName = keyof typeof servers;

const servers = {
  bareConstant: "the SDK alone, a constant",
  ownConstant: "ours, a constant",
  bareFetch: "the SDK alone, one request to the account",
  ownRead: "ours, one request to the account",
} as const;
const names = Object.keys(servers) as BenchServerName[];

/** What a call over MCP costs beside the official SDK alone, over HTTP and in both eras. */
export async function run(): Promise<BenchTable> {
  using account = await startOnePersonServer();
  const running = await Promise.all(names.map((name) => startServer(name, account.baseUrl)));
  try {
    const latencies = new Map<string, number[]>();
    const contestants: Record<string, () => Promise<unknown>> = {};
    for (const era of eras) {
      for (const [index, name] of names.entries()) {
        const call = await caller(running[index]?.url ?? "", era, name);
        const own: number[] = [];
        latencies.set(`${era} ${name}`, own);
        contestants[`${era} ${name}`] = async () => {
          const start = performance.now();
          await call();
          own.push(performance.now() - start);
        };
      }
    }
    await alternate(contestants, { blocks, callsInBlock });
    const at = (era: Era, name: BenchServerName, share: number) =>
      percentile(latencies.get(`${era} ${name}`) ?? [], share);
    const ratio = (era: Era, name: BenchServerName, to: BenchServerName, share: number) =>
      at(era, name, share) / at(era, to, share);
    return {
      title: `One call over MCP and HTTP, ${blocks - warmUpCalls / callsInBlock} alternating blocks of ${callsInBlock} calls`,
      rows: eras.flatMap((era) =>
        names.map((name) => ({
          era,
          server: servers[name],
          "p50 in ms": at(era, name, 0.5).toFixed(3),
          "p99 in ms": at(era, name, 0.99).toFixed(3),
          "p50 to the SDK's constant": ratio(era, name, "bareConstant", 0.5).toFixed(2),
          "p99 to the SDK's constant": ratio(era, name, "bareConstant", 0.99).toFixed(2),
        })),
      ),
      checks: eras.flatMap((era) => [
        {
          name: `${era}: p99 of a read to that of the SDK's constant`,
          value: ratio(era, "ownRead", "bareConstant", 0.99),
          limit: 3,
        },
        {
          name: `${era}: p99 of a constant to that of the SDK's`,
          value: ratio(era, "ownConstant", "bareConstant", 0.99),
          limit: 2,
        },
      ]),
    };
  } finally {
    for (const { stop } of running) stop();
  }
}

async function startServer(
  name: BenchServerName,
  baseUrl: string,
): Promise<{ url: string; stop: () => void }> {
  const child = fork(fileURLToPath(new URL("./mcp-server.ts", import.meta.url)), [name, baseUrl], {
    execArgv: process.execArgv,
  });
  const [port] = (await once(child, "message")) as [number];
  return { url: `http://127.0.0.1:${port}/mcp`, stop: () => child.disconnect() };
}

/** A client that costs as little as can be: what a client costs would hide what servers do. */
async function caller(url: string, era: Era, server: BenchServerName): Promise<() => Promise<void>> {
  const name = server === "ownConstant" ? "get_constant" : benchTool;
  const headers: Record<string, string> = {
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
  };
  const post = async (body: object) => {
    const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
    return { response, text: await response.text() };
  };
  const params: Record<string, unknown> = { name, arguments: { id: someId } };
  if (era === "2025") {
    const clientInfo = { name: "bench", version: "1.0.0" };
    const greeting = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo };
    const { response } = await post({ jsonrpc: "2.0", id: 0, method: "initialize", params: greeting });
    headers["mcp-session-id"] = response.headers.get("mcp-session-id") ?? "";
    headers["mcp-protocol-version"] = "2025-11-25";
    await post({ jsonrpc: "2.0", method: "notifications/initialized" });
  } else {
    Object.assign(headers, {
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": "tools/call",
      "mcp-name": name,
    });
    params._meta = {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientInfo": { name: "bench", version: "1.0.0" },
      "io.modelcontextprotocol/clientCapabilities": {},
    };
  }
  let id = 0;
  return async () => {
    id += 1;
    const { response, text } = await post({ jsonrpc: "2.0", id, method: "tools/call", params });
    if (response.status !== 200 || !text.includes(someId)) {
      throw new Error(`The ${server} server answered a ${era} call with ${response.status}: ${text}`);
    }
  };
}

function percentile(latencies: readonly number[], share: number): number {
  const sorted = latencies.slice(warmUpCalls).sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;
}
