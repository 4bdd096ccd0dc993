import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { tool } from "@langchain/core/tools";
import { ToolManager, usersApi } from "langchain-1password";
import { z } from "zod";
import { someCredentials, someId } from "../support/credentials.js";
import { median, type BenchTable } from "./table.js";

const blocks = 20;
const callsInBlock = 200;

/** What a call of one of our tools costs beside LangChain's own `tool()` around a bare `fetch`. */
export async function run(): Promise<BenchTable> {
  const server = fork(fileURLToPath(new URL("./one-person-server.ts", import.meta.url)), [], {
    execArgv: process.execArgv,
  });
  try {
    const port = await new Promise<number>((resolve) =>
      server.once("message", (message) => resolve(Number(message))),
    );
    const baseUrl = `http://127.0.0.1:${port}`;
    const ours = await new ToolManager({ source: usersApi({ ...someCredentials, baseUrl }) }).getTool(
      "get_single_1_password_user_by_id",
    );
    const read = async (id: string) => {
      const url = `${baseUrl}/v1/accounts/${someCredentials.accountId}/users/${id}`;
      const response = await fetch(url, { headers: { authorization: "Bearer token-1" } });
      return JSON.stringify(await response.json());
    };
    const peer = tool(async ({ id }) => read(id), {
      name: "get",
      description: "Reads a user.",
      schema: z.object({ id: z.string() }),
    });
    const contestants = {
      "bare fetch": () => read(someId),
      "LangChain's tool() around it": () => peer.invoke({ id: someId }),
      "our tool": () => ours.invoke({ id: someId }),
    };
    const times = await alternate(contestants);
    const base = median(times["LangChain's tool() around it"]);
    return {
      title: `One call of a tool, ${blocks} alternating blocks of ${callsInBlock} calls`,
      rows: Object.entries(times).map(([name, values]) => ({
        call: name,
        "ms a call": median(values).toFixed(3),
        "to LangChain's tool()": (median(values) / base).toFixed(2),
      })),
      checks: [
        { name: "our tool to LangChain's tool()", value: median(times["our tool"]) / base, limit: 1.25 },
      ],
    };
  } finally {
    server.disconnect();
  }
}

async function alternate<Name extends string>(
  contestants: Record<Name, () => Promise<unknown>>,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(contestants) as Name[];
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  // The first round warms up and is not counted.
  for (let block = 0; block <= blocks; block += 1) {
    for (const name of names) {
      const start = performance.now();
      for (let call = 0; call < callsInBlock; call += 1) await contestants[name]();
      if (block > 0) times[name].push((performance.now() - start) / callsInBlock);
    }
  }
  return times;
}
