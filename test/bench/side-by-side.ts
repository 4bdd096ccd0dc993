import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** A server in a process of its own that knows one person. */
export interface OnePersonServer extends Disposable {
  readonly baseUrl: string;
}

/** Starts a server that neither waits for its client nor slows it down. */
export async function startOnePersonServer(): Promise<OnePersonServer> {
  const child = fork(fileURLToPath(new URL("./one-person-server.ts", import.meta.url)), [], {
    execArgv: process.execArgv,
  });
  const [port] = (await once(child, "message")) as [number];
  return { baseUrl: `http://127.0.0.1:${port}`, [Symbol.dispose]: () => child.disconnect() };
}

/** How long what is compared is run. */
export interface Rounds {
  blocks: number;
  callsInBlock: number;
}

/**
 * Runs calls in alternating blocks, so that what slows the machine down slows all of them.
 *
 * @returns milliseconds a call, for each block
 */
export async function alternate<Name extends string>(
  contestants: Readonly<Record<Name, () => Promise<unknown>>>,
  { blocks, callsInBlock }: Rounds,
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
