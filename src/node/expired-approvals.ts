import { randomBytes } from "node:crypto";
import { link, open, readdir, rename, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "./system-code.js";

const minuteMs = 60_000;

/** Clocks differ, and an approval may be judged just as it ends. */
const graceMs = 60_000;

/** How many files are looked at when a minute has passed, and at every other call: more than a call adds. */
const maxPerMinute = 256;
const maxPerCall = 8;

/** So many calls after a listing of the folder, there is another one, whatever the time. */
const callsPerListing = 1024;

/** Where the end of a file stands at its beginning. */
const headLength = 64;

/** How long a file that was being written may be found unfinished, in milliseconds: its process is gone. */
const abandonedMs = 3_600_000;

/** Ends of the names of files that hold a text, and of those that are being written or removed. */
export const textEnding = ".text";
export const temporaryEnding = ".tmp";

/**
 * Removes the files of what has ended, so many at a call. A folder is listed once, worked off, and listed again.
 * Several processes may do it at once.
 */
export class ExpiredApprovals {
  readonly #folder: string;
  #names: string[] = [];
  #nextMinuteAt = 0;
  #callsSinceListing = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Looks at some files. What goes wrong costs nobody an approval. */
  async removeSome(): Promise<void> {
    const now = Date.now();
    const isNewMinute = now >= this.#nextMinuteAt;
    if (isNewMinute) this.#nextMinuteAt = now + minuteMs;
    this.#callsSinceListing += 1;
    try {
      if (this.#names.length === 0 && (isNewMinute || this.#callsSinceListing >= callsPerListing)) {
        this.#callsSinceListing = 0;
        this.#names = await readdir(this.#folder);
      }
      const some = this.#names.splice(0, isNewMinute ? maxPerMinute : maxPerCall);
      for (const name of some) await removeIfEnded(join(this.#folder, name), now);
    } catch {
      // The files stay until the next time.
    }
  }
}

async function removeIfEnded(path: string, now: number): Promise<void> {
  try {
    if (path.endsWith(temporaryEnding)) {
      if ((await stat(path)).mtimeMs + abandonedMs < now) await unlink(path);
    } else if (await hasEnded(path, now)) {
      if (path.endsWith(textEnding)) await removeText(path, now);
      else await unlink(path);
    }
  } catch {
    // Another process was faster, or it is no file.
  }
}

/** Whether a file says at its beginning that it ended before the grace. */
async function hasEnded(path: string, now: number): Promise<boolean> {
  const handle = await open(path, "r");
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(headLength), 0, headLength, 0);
    // With what follows the number, because half a number is another time.
    const end = /^\{"expiresAt":([^,}]+)[,}]/.exec(buffer.toString("utf8", 0, bytesRead))?.[1];
    return Number(end) + graceMs < now;
  } finally {
    await handle.close();
  }
}

/**
 * Removes a text that has ended. Unlike an approval, which is taken once, a text may be put in the place of another
 * at any time, also between a look at it and its removal: so it is taken away first, and put back if it is a new one.
 */
async function removeText(path: string, now: number): Promise<void> {
  const taken = `${path}.${randomBytes(8).toString("hex")}${temporaryEnding}`;
  await rename(path, taken);
  if (!(await hasEnded(taken, now))) {
    await link(taken, path).catch((error: unknown) => {
      // One that is newer still is there already.
      if (systemCode(error) !== "EEXIST") throw error;
    });
  }
  await unlink(taken);
}
