import {
  fstatSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { TerminalStreams } from "./terminal.js";
import { systemCode } from "./system-code.js";

/** How often a process looks whether the terminal is free, in milliseconds. */
const pollMs = 100;

/** Gives the terminal to the next question. */
export type EndTurn = () => void;

/**
 * Waits until no other process of this user has a question at the same terminal. A process that has died has none.
 *
 * @param ended - aborts when the question is not to be asked any more
 * @throws the reason of an abort; `Error` where it cannot be told who has the terminal
 */
export async function terminalTurn(streams: TerminalStreams, ended: AbortSignal): Promise<EndTurn> {
  const terminal = terminalName(streams);
  if (terminal === undefined) return () => undefined;
  const path = join(lockFolder(), `${terminal}.lock`);
  const own = `${path}.${process.pid}.${crypto.randomUUID()}`;
  writeFileSync(own, String(process.pid), { mode: 0o600, flag: "wx" });
  try {
    while (!isTaken(own, path)) {
      removeOfDead(path, own);
      await setTimeout(pollMs, undefined, { signal: ended });
    }
  } finally {
    rmSync(own, { force: true });
  }
  return () => {
    if (holderOf(path) === process.pid) rmSync(path, { force: true });
  };
}

/** Whether the lock is ours now. A link is made whole, with its content, or not at all. */
function isTaken(own: string, path: string): boolean {
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    throw error;
  }
}

/** Removes the lock of a process that is gone. */
function removeOfDead(path: string, own: string): void {
  const holder = holderOf(path);
  if (holder === undefined || isAlive(holder)) return;
  const aside = `${own}.aside`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  // Somebody else may have been faster, and what was moved is their lock.
  const moved = holderOf(aside);
  if (moved !== undefined && isAlive(moved)) isTaken(aside, path);
  rmSync(aside, { force: true });
}

function holderOf(path: string): number | undefined {
  try {
    const holder = Number(readFileSync(path, "utf8"));
    return Number.isSafeInteger(holder) && holder > 0 ? holder : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) !== "ESRCH";
  }
}

/** The folder of locks, which nobody but this user can write to. */
function lockFolder(): string {
  const { uid } = userInfo();
  const folder = join(tmpdir(), `langchain-1password-${uid}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { mode, uid: owner } = lstatSync(folder);
  const isOwn = process.platform === "win32" || (owner === uid && (mode & 0o022) === 0);
  if (isOwn) return folder;
  throw new Error(`"${folder}" belongs to another user, and whose turn it is at the terminal is not known`);
}

/** A name for a terminal that every process has for it; `undefined` for one that only this process has. */
function terminalName({ input }: TerminalStreams): string | undefined {
  const { fd } = input as { fd?: unknown };
  if (typeof fd !== "number") return undefined;
  const device = controllingDevice();
  const { rdev } = fstatSync(fd);
  // `/dev/tty` is another device for each session, with one number.
  return rdev === alias ? `tty-${device ?? "any"}` : `tty-${rdev}`;
}

/** The number of `/dev/tty` itself on Linux (5, 0). */
const alias = 0x500;

/**
 * The number of the terminal that this process was started in; `undefined` where the system does not tell it.
 *
 * @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
function controllingDevice(): number | undefined {
  try {
    const facts = readFileSync("/proc/self/stat", "utf8");
    const device = Number(facts.slice(facts.lastIndexOf(")") + 2).split(" ")[4]);
    return device > 0 ? device : undefined;
  } catch {
    return undefined;
  }
}
