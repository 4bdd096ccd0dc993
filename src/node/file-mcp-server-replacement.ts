import { randomUUID } from "node:crypto";
import { link, open, rename, stat, unlink, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { syncFolder } from "./sync-folder.js";
import { systemCode } from "./system-code.js";

/** Who changes a file holds it for milliseconds; after so long it was killed. */
const abandonedMs = 10_000;

/** How long others are waited for: somewhat longer than it takes to see that one of them was killed. */
const patienceMs = 15_000;

/**
 * Replaces a file as a whole, by one process at a time, as Git replaces its index: the new content is written to
 * `<path>.lock`, which only one can create, and then renamed. Whoever reads sees the old file or the new one, also
 * when a process is killed in between. What it leaves behind is taken away after ten seconds.
 *
 * @param path - of the file
 * @param next - reads the file and gives its new text, while nobody else changes it; `undefined` to leave it
 */
export async function replaceFile(path: string, next: () => Promise<string | undefined>): Promise<void> {
  const lock = `${path}.lock`;
  const giveUpAt = performance.now() + patienceMs;
  for (;;) {
    const handle = await takeLock(lock, giveUpAt);
    try {
      if (await replace(path, lock, handle, next)) return;
    } finally {
      await handle.close();
    }
  }
}

/** @returns `false` when the lock was taken away meanwhile, so that somebody else may have changed the file */
async function replace(
  path: string,
  lock: string,
  handle: FileHandle,
  next: () => Promise<string | undefined>,
): Promise<boolean> {
  let isHeld = true;
  try {
    const text = await next();
    if (text !== undefined) {
      await handle.writeFile(text);
      await handle.sync();
    }
    // This process may have slept for longer than others wait.
    isHeld = await isSameFile(lock, handle);
    if (!isHeld || text === undefined) return isHeld;
    await rename(lock, path);
    isHeld = false;
    await syncFolder(dirname(path));
    return true;
  } finally {
    if (isHeld && (await isSameFile(lock, handle))) await unlink(lock);
  }
}

async function takeLock(lock: string, giveUpAt: number): Promise<FileHandle> {
  for (;;) {
    try {
      return await open(lock, "wx", 0o600);
    } catch (error) {
      if (systemCode(error) !== "EEXIST" || performance.now() > giveUpAt) throw error;
    }
    await removeAbandoned(lock);
    await wait(5 + Math.random() * 20);
  }
}

async function removeAbandoned(lock: string): Promise<void> {
  const found = await statOf(lock);
  // From the future, too: clocks are set back.
  if (found === undefined || Math.abs(Date.now() - Number(found.mtimeMs)) < abandonedMs) return;
  const aside = `${lock}.${randomUUID()}`;
  try {
    await rename(lock, aside);
    const moved = await stat(aside, { bigint: true });
    // Another process may have removed it first, and a third may have the lock already: that one gets it back.
    if (moved.ino !== found.ino) await link(aside, lock);
  } catch (error) {
    // Gone, or there is a new one, whose owner goes on.
    if (!["ENOENT", "EEXIST"].includes(systemCode(error) ?? "")) throw error;
  } finally {
    await unlink(aside).catch(() => undefined);
  }
}

async function isSameFile(path: string, handle: FileHandle): Promise<boolean> {
  const [there, own] = [await statOf(path), await handle.stat({ bigint: true })];
  return there?.ino === own.ino && there.dev === own.dev;
}

async function statOf(path: string) {
  try {
    return await stat(path, { bigint: true });
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
