import { readdir, readFile, unlink } from "node:fs/promises";
import { join } from "node:path";

const pauseMs = 60_000;
const mostAtOnce = 256;

/** Clocks differ, and an approval may be judged just as it ends. */
const graceMs = 60_000;

/** Removes the files of approvals that have ended, some at a time. */
export class ExpiredApprovals {
  readonly #folder: string;
  #nextAt = 0;
  #from = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Looks at some files at the first call, and then once a minute. What goes wrong costs nobody an approval. */
  async removeNowAndThen(): Promise<void> {
    const now = Date.now();
    if (now < this.#nextAt) return;
    this.#nextAt = now + pauseMs;
    try {
      const names = await readdir(this.#folder);
      if (this.#from >= names.length) this.#from = 0;
      const some = names.slice(this.#from, this.#from + mostAtOnce);
      for (const name of some) if (!(await removeIfExpired(join(this.#folder, name), now))) this.#from += 1;
    } catch {
      // The files stay until the next time.
    }
  }
}

async function removeIfExpired(path: string, now: number): Promise<boolean> {
  try {
    // Whole, because half a number is another time.
    const end = /^\{"expiresAt":([^}]+)\}\n$/.exec(await readFile(path, "utf8"))?.[1];
    if (!(Number(end) + graceMs < now)) return false;
    await unlink(path);
    return true;
  } catch {
    // Another process was faster, or it is no file.
    return false;
  }
}
