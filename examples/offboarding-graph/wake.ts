import { realpathSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { Client, type Run, type Thread } from "@langchain/langgraph-sdk";
import type { WaitRequest } from "./graph.js";

/** Has every offboarding whose wait is over go on. It may run as often as you like, and in several places at once. */
export async function wakeDue(client: Client): Promise<Run[]> {
  const due: Thread[] = [];
  const pageSize = 100;
  for (let offset = 0; ; offset += pageSize) {
    const threads = await client.threads.search({ status: "interrupted", limit: pageSize, offset });
    due.push(...threads.filter(isDue));
    if (threads.length < pageSize) break;
  }
  return Promise.all(
    due.map(({ thread_id }) =>
      client.runs.create(thread_id, "offboarding", {
        command: { resume: "the time has come" },
        multitaskStrategy: "enqueue",
      }),
    ),
  );
}

function isDue({ interrupts }: Thread): boolean {
  const requests = Object.values(interrupts)
    .flat()
    .map(({ value }) => (value ?? {}) as Partial<WaitRequest>);
  return requests.some(({ waitUntil }) => waitUntil !== undefined && waitUntil <= Date.now());
}

/** For a timer of the system, such as cron: `npx tsx examples/offboarding-graph/wake.ts`. */
async function main(): Promise<void> {
  const apiUrl = process.env.LANGGRAPH_API_URL ?? "http://127.0.0.1:2024";
  const runs = await wakeDue(new Client({ apiUrl }));
  for (const { thread_id } of runs) console.log(`${thread_id} goes on`);
}

if (import.meta.url === pathToFileURL(realpathSync(process.argv[1] ?? ".")).href) await main();
