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
import { systemCode } from "./system-code.js";

/** How often a process looks whether the terminal is free, in milliseconds. */
const pollMs = 100;

/** Gives the terminal to the next question. */
export type EndTurn = () => void;

/**
 * Waits until no other process of this user has a question at the same terminal. A process that has died has none.
 *
 * @param descriptor - a file descriptor of the terminal
 * @param ended - aborts when the question is not to be asked any more
 * @throws the reason of an abort; `Error` where it cannot be told who has the terminal
 */
export async function terminalTurn(descriptor: number, ended: AbortSignal): Promise<EndTurn> {
  const terminal = terminalName(descriptor);
  const path = join(lockFolder(), `${terminal}.lock`);
  const own = `${path}.${process.pid}.${crypto.randomUUID()}`;
  const holder = `${process.pid} ${startOf(process.pid) ?? ""}`;
  writeFileSync(own, holder, { mode: 0o600, flag: "wx" });
  try {
    while (!isTaken(own, path)) {
      removeOfDead(path, own);
      await setTimeout(pollMs, undefined, { signal: ended });
    }
  } finally {
    rmSync(own, { force: true });
  }
  return () => {
    if (holderOf(path)?.pid === process.pid) rmSync(path, { force: true });
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

/** The process that holds a lock. */
interface Holder {
  readonly pid: number;
  /** When it was started, by the system's own count; empty where that is not known. */
  readonly start: string;
}

function holderOf(path: string): Holder | undefined {
  try {
    const [id, start = ""] = readFileSync(path, "utf8").split(" ");
    const pid = Number(id);
    return Number.isSafeInteger(pid) && pid > 0 ? { pid, start } : undefined;
  } catch {
    return undefined;
  }
}

function isAlive({ pid, start }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (systemCode(error) === "ESRCH") return false;
  }
  // Another process may have got the number since, in a container most likely this one.
  const now = startOf(pid);
  return start === "" || now === undefined || now === start;
}

/** When a process was started; `undefined` where the system does not tell it. */
function startOf(pid: number): string | undefined {
  return processFact(pid, 19);
}

/**
 * A fact about a process, counted from behind its name.
 *
 * @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
function processFact(pid: number, index: number): string | undefined {
  try {
    const facts = readFileSync(`/proc/${pid}/stat`, "utf8");
    return facts.slice(facts.lastIndexOf(")") + 2).split(" ")[index];
  } catch {
    return undefined;
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

/** The number of `/dev/tty` on Linux (5, 0): another terminal for each session, with one number. */
const alias = 0x500;

/** A name for a terminal that every process of this system has for it. */
function terminalName(descriptor: number): string {
  const { rdev } = fstatSync(descriptor);
  const device = Number(processFact(process.pid, 4));
  if (process.platform === "linux" && rdev !== alias) return `terminal-${rdev}`;
  // Where the system does not tell which one it is, all of this user's take turns.
  return `terminal-${device > 0 ? device : "any"}`;
}
