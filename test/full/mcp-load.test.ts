import { describe, expect, test } from "vitest";
import type { Sandbox } from "langchain-1password/sandbox";
import { defaultClient, pinnedClient, type ConnectedClient, type McpClient } from "../support/mcp.js";
import { callInTurn, useLoadServer } from "../support/mcp-load.js";
import { useSandbox } from "../support/sandbox.js";

const sessions = 64;
const samplesInThird = 7;
const read = "get_single_1_password_user_by_id";

/** As many clients as there are sessions; in the 2026 era, which has none, as many callers. */
function connectAll(client: McpClient, url: string): Promise<ConnectedClient[]> {
  return Promise.all(Array.from({ length: sessions }, () => client.connect(url)));
}

/** Reads the person whose turn it is, and says what is wrong with the answer. */
async function readOne(
  client: ConnectedClient,
  { users }: Sandbox,
  number: number,
): Promise<string | undefined> {
  const { id, email } = users[number % users.length]!;
  const { isError, content, structuredContent } = await client.callTool(read, { id });
  const isRight =
    isError !== true &&
    structuredContent?.id === id &&
    structuredContent.email === email &&
    content[0]?.text?.includes(id) === true;
  return isRight ? undefined : `call ${number} for ${id}: ${JSON.stringify({ isError, content })}`;
}

/** How often each person was read, by the path's last part. */
function readsIn({ requests }: Sandbox): Map<string, number> {
  const reads = new Map<string, number>();
  for (const { method, path, status } of requests) {
    if (method !== "GET" || status !== 200) continue;
    const id = path.split("/").at(-1)!;
    reads.set(id, (reads.get(id) ?? 0) + 1);
  }
  return reads;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

describe.each([
  { title: "10,000 calls over 64 sessions", client: defaultClient, calls: 10_000 },
  { title: "3,000 calls of 64 clients without sessions", client: pinnedClient, calls: 3_000 },
])("$title", ({ client, calls }) => {
  test("get their own answers each, and leave nothing behind in the heap", { timeout: 300_000 }, async () => {
    const sandbox = await useSandbox({ users: 500 });
    const server = await useLoadServer({ credentials: { ...sandbox }, backoff: false });
    const connected = await connectAll(client, server.url);
    const own = new Set(connected.map(({ sessionId }) => sessionId));
    expect(own.size).toBe(client.era === "2025" ? sessions : 1);

    const blocks = 3 * samplesInThird;
    const wrong: string[] = [];
    const heap: number[] = [];
    let answered = 0;
    for (let block = 0; block < blocks; block += 1) {
      const range = {
        from: Math.floor((calls * block) / blocks),
        to: Math.floor((calls * (block + 1)) / blocks),
      };
      await callInTurn(connected, range, async (one, number) => {
        const problem = await readOne(one, sandbox, number);
        if (problem !== undefined) wrong.push(problem);
        answered += 1;
      });
      heap.push(await server.heap());
    }

    expect(wrong.slice(0, 3)).toEqual([]);
    expect(answered).toBe(calls);
    const reads = readsIn(sandbox);
    for (const [index, { id }] of sandbox.users.entries()) {
      expect(reads.get(id)).toBe(Math.ceil((calls - index) / sandbox.users.length));
    }
    const second = median(heap.slice(samplesInThird, 2 * samplesInThird));
    const last = median(heap.slice(2 * samplesInThird));
    expect(last / second).toBeLessThan(1.05);
  });
});

test.each([{ client: defaultClient }, { client: pinnedClient }])(
  "640 calls at once against 200 a second all get their answers, from $client.name",
  { timeout: 120_000 },
  async ({ client }) => {
    const sandbox = await useSandbox({
      users: 640,
      rateLimit: { limit: 200, windowMs: 1000, headers: "draft-6" },
    });
    const server = await useLoadServer({ credentials: { ...sandbox }, backoff: true });
    const connected = await connectAll(client, server.url);
    // A 2026 client lists the tools before its first call, and the calls would come too slowly to meet the limit.
    await Promise.all(connected.map((one) => one.listTools()));
    const answers = await Promise.allSettled(
      sandbox.users.map((_user, number) => readOne(connected[number % sessions]!, sandbox, number)),
    );
    const failed = answers.filter((answer) => answer.status === "rejected" || answer.value !== undefined);
    expect(failed.slice(0, 3)).toEqual([]);
    expect(answers).toHaveLength(640);
    expect([...readsIn(sandbox).values()]).toEqual(Array.from({ length: 640 }, () => 1));
  },
);
