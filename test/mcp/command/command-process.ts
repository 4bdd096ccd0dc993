import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, onTestFinished } from "vitest";

/** The command's file, as it is started from the source. */
export const main = fileURLToPath(new URL("../../../src/mcp/command/main.ts", import.meta.url));

/** What is started, and its first arguments. */
export const program = [process.execPath, "--import", "tsx", main] as const;

/** A command that runs. */
export interface CommandProcess {
  readonly child: ChildProcessWithoutNullStreams;
  /** What it has written so far. */
  readonly out: () => string;
  readonly err: () => string;
  /** Resolves with what it has matched, once standard error does. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  /** The same for standard output. */
  shows(pattern: RegExp): Promise<RegExpExecArray>;
  /** Its exit code, or the signal that ended it, once all output is there. */
  readonly ended: Promise<number | string | null>;
}

/** An environment without anything that the command reads. */
export function plainEnvironment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR } = process.env;
  return { PATH, HOME, TMPDIR, ...more };
}

/**
 * The command bundled once for a test file: compiling it for each start takes longer than the start. Packages stay
 * where they are.
 */
export function useBundledCommand(): typeof startCommand {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "bundled-command-"));
    await symlink(
      fileURLToPath(new URL("../../../node_modules", import.meta.url)),
      join(folder, "node_modules"),
    );
    await build({
      entryPoints: [main],
      bundle: true,
      splitting: true,
      packages: "external",
      platform: "node",
      format: "esm",
      target: "node20",
      outExtension: { ".js": ".mjs" },
      outdir: folder,
    });
  });
  afterAll(() => rm(folder, { recursive: true }));
  return (words, options) => startCommand(words, { ...options, start: [join(folder, "main.mjs")] });
}

/** How a command is started. */
export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** JavaScript that runs before it. */
  readonly preload?: string;
  /** Whether it has a terminal: what that shows is the standard output here, and standard input is what is typed. */
  readonly terminal?: boolean;
  /** Whether it is the first of a session, which has no terminal. */
  readonly ownSession?: boolean;
  /** What Node is given before the words. @default the source, by tsx */
  readonly start?: readonly string[];
}

/** Runs the command for the test that is running; it is killed after the test. */
export function startCommand(
  words: readonly string[],
  { env = {}, preload, terminal = false, ownSession = false, start = program.slice(1) }: StartOptions = {},
): CommandProcess {
  const loaded =
    preload === undefined ? [] : ["--import", `data:text/javascript,${encodeURIComponent(preload)}`];
  const command = [process.execPath, ...loaded, ...start, ...words];
  // Nothing of the protocol's streams is the terminal: that is another one, which the command has to open.
  const inTerminal = ["script", "-qefc", `${command.join(" ")} </dev/null 2>&1 | cat`, "/dev/null"];
  const [file = "", ...rest] = terminal ? inTerminal : command;
  return watchedProcess(spawn(file, rest, { env: plainEnvironment(env), detached: ownSession }));
}

/** Listens to a process, and ends it after the test. */
function watchedProcess(child: ChildProcessWithoutNullStreams): CommandProcess {
  let [out, err] = ["", ""];
  // As it comes: a transport may read it as well.
  child.stdout.on("data", (data: Buffer) => (out += data.toString()));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  // One that has ended reads nothing any more.
  child.stdin.on("error", () => undefined);
  const ended = once(child, "close").then(([code, signal]) => (code ?? signal) as number | string | null);
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return {
    child,
    out: () => out,
    err: () => err,
    ended,
    says: (pattern) => matchIn(() => err, pattern, child.stderr, ended),
    shows: (pattern) => matchIn(() => out, pattern, child.stdout, ended),
  };
}

/** Waits for a text that grows until it matches. */
async function matchIn(
  text: () => string,
  pattern: RegExp,
  stream: NodeJS.ReadableStream,
  ended: Promise<unknown>,
): Promise<RegExpExecArray> {
  for (let isOver = false; ;) {
    const found = pattern.exec(text());
    if (found !== null) return found;
    if (isOver) throw new Error(`It ended without ${String(pattern)}:\n${text()}`);
    isOver = await Promise.race([once(stream, "data").then(() => false), ended.then(() => true)]);
  }
}
