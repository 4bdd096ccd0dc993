import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { onTestFinished } from "vitest";
import { programFile } from "../../support/programs.js";

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

/** What starts the command: Node, and its first arguments. */
export function program(): readonly [string, string] {
  return [process.execPath, programFile("command")];
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
}

/** Runs the command for the test that is running; it is killed after the test. */
export function startCommand(
  words: readonly string[],
  { env = {}, preload, terminal = false, ownSession = false }: StartOptions = {},
): CommandProcess {
  const loaded =
    preload === undefined ? [] : ["--import", `data:text/javascript,${encodeURIComponent(preload)}`];
  const command = [process.execPath, ...loaded, programFile("command"), ...words];
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
