import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import type { Sandbox } from "../../src/sandbox/index.js";

/** What a server under load is made of. */
export interface LoadServerSetup {
  readonly credentials: Pick<Sandbox, "baseUrl" | "accountId" | "clientId" | "clientSecret">;
  readonly backoff: boolean;
}

/** A server under load. */
export interface LoadServer {
  readonly url: string;
  /** How many bytes its heap holds after collection. */
  heap(): Promise<number>;
}

/** Starts a server with the tools that read, in a process of its own, until the test ends. */
export async function useLoadServer(setup: LoadServerSetup): Promise<LoadServer> {
  const path = fileURLToPath(new URL("mcp-load-server.ts", import.meta.url));
  const child = fork(path, [JSON.stringify(setup)], { execArgv: ["--import", "tsx", "--expose-gc"] });
  onTestFinished(async () => {
    child.kill();
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  });
  const [port] = (await once(child, "message")) as [number];
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    heap: async () => {
      const told = once(child, "message") as Promise<[number]>;
      child.send("heap");
      return (await told)[0];
    },
  };
}

/**
 * Makes numbered calls, each client one at a time.
 *
 * @param from - the first number
 * @param to - the number after the last
 */
export async function callInTurn<Client>(
  clients: readonly Client[],
  { from, to }: { from: number; to: number },
  call: (client: Client, number: number) => Promise<void>,
): Promise<void> {
  let next = from;
  await Promise.all(
    clients.map(async (client) => {
      while (next < to) await call(client, next++);
    }),
  );
}
