import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Client } from "@langchain/langgraph-sdk";
import type { TestContext } from "vitest";
import { freePort } from "./free-port.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const program = join(root, "node_modules/@langchain/langgraph-cli/dist/cli/cli.mjs");

/** How long it may take to start, in milliseconds; it takes some three seconds. */
const patienceMs = 30_000;

/** A running LangGraph development server. */
export interface GraphServer {
  readonly client: Client;
  /** Ends the server, and starts it again on what it has left: asked to end, or killed without a word. */
  restart(signal: "SIGTERM" | "SIGKILL"): Promise<void>;
}

/**
 * Starts the LangGraph development server for the test that is running, and ends it after the test. What it keeps
 * goes into a temporary folder.
 *
 * @param config - the path of a `langgraph.json`, from the root of the repository
 * @param variables - its whole environment, but for `PATH`
 */
export async function useGraphServer(
  { onTestFinished }: TestContext,
  config: string,
  variables: Record<string, string>,
): Promise<GraphServer> {
  const folder = await mkdtemp(join(tmpdir(), "graph-server-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const copy = join(folder, "langgraph.json");
  await writeFile(copy, JSON.stringify({ graphs: await graphsOf(join(root, config), folder) }));
  const env = { PATH: process.env.PATH, LANGGRAPH_CLI_NO_ANALYTICS: "1", NO_COLOR: "1", ...variables };
  const port = await freePort();
  const start = async () => {
    const options = ["--no-browser", "--host", "127.0.0.1", "--port", String(port), "--config", copy];
    const server = spawn(process.execPath, [program, "dev", ...options], {
      cwd: root,
      env,
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own: the program that is spawned starts others, which are to be killed with it.
      detached: true,
    });
    onTestFinished(() => end(server, "SIGKILL"));
    await ready(server);
    return server;
  };
  let server = await start();
  return {
    client: new Client({ apiUrl: `http://127.0.0.1:${port}` }),
    restart: async (signal) => {
      await end(server, signal);
      server = await start();
    },
  };
}

/** Its graphs, by their paths from a folder; the server takes no absolute ones. */
async function graphsOf(config: string, folder: string): Promise<Record<string, string>> {
  const { graphs } = JSON.parse(await readFile(config, "utf8")) as { graphs: Record<string, string> };
  return Object.fromEntries(
    Object.entries(graphs).map(([name, path]) => [name, relative(folder, resolve(dirname(config), path))]),
  );
}

async function ready(server: ChildProcess): Promise<void> {
  const lines: string[] = [];
  await new Promise<void>((resolve, reject) => {
    for (const input of [server.stdout, server.stderr]) {
      createInterface({ input: input! }).on("line", (line) => {
        lines.push(line);
        if (line.includes("Server running at")) resolve();
      });
    }
    server.once("error", reject);
    const fail = () => reject(new Error(`The server did not start:\n${lines.join("\n")}`));
    server.once("close", fail);
    // It watches its files, so that a graph which cannot be loaded does not end it.
    setTimeout(fail, patienceMs).unref();
  });
}

async function end(server: ChildProcess, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
  // Its output is closed only when the last one of the group has ended.
  if (server.pid === undefined || server.stdout?.closed === true) return;
  const closed = once(server, "close");
  process.kill(signal === "SIGKILL" ? -server.pid : server.pid, signal);
  await closed;
}
