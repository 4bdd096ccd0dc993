import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { onTestFinished } from "vitest";
import { useFolder } from "./temporary-folder.js";

/** A process that does one of the tasks in child-process.ts. */
export interface Child {
  /** What it has told so far. */
  readonly told: readonly unknown[];
  /** Resolves when it tells something more. */
  tells(): Promise<unknown>;
  /** Lets it begin, where it waits for that. */
  start(): void;
  kill(): void;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string | null>;
}

/** Starts a child, told which file or folder it works on, its task and what that takes. */
export type StartChild = (path: string, ...task: string[]) => Child;

/**
 * For children that run plain JavaScript, bundled once: compiling in each of them would take longer than what
 * they do.
 *
 * @param limit - in the shell's blocks: how long a file a child may write
 */
export async function useChildren(limit?: number): Promise<StartChild> {
  const program = join(await useFolder(), "child-process.mjs");
  await build({
    entryPoints: [fileURLToPath(new URL("child-process.ts", import.meta.url))],
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    outfile: program,
  });
  const plain = [process.execPath, program];
  const before = limit === undefined ? plain : ["sh", "-c", `ulimit -f ${limit} && exec "$0" "$@"`, ...plain];
  return (...args) => {
    const child = spawn(before[0]!, [...before.slice(1), ...args], { stdio: ["pipe", "pipe", "inherit"] });
    const told: unknown[] = [];
    const lines = createInterface(child.stdout);
    lines.on("line", (line) => told.push(JSON.parse(line)));
    // One that was killed reads nothing any more.
    child.stdin.on("error", () => undefined);
    const ended = once(child, "close").then(([code, signal]) => (code ?? signal) as number | string | null);
    onTestFinished(async () => {
      child.kill("SIGKILL");
      await ended;
    });
    return {
      told,
      tells: () => Promise.race([once(lines, "line"), ended]),
      start: () => void child.stdin.write("\n"),
      kill: () => void child.kill("SIGKILL"),
      ended,
    };
  };
}
