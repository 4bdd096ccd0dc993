import { randomUUID, type KeyObject } from "node:crypto";
import { open, stat, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { ToolsetError } from "../errors/toolset-error.js";
import { firstPrev, longestLine, newline, sealLine, type ChainHead } from "./audit-line.js";
import { lastingTrouble, openingTrouble, writingTrouble } from "./audit-trouble.js";
import { readRange, readTail, type FileTail } from "./file-tail.js";
import { syncFolder } from "./sync-folder.js";
import { systemCode } from "./system-code.js";

/** By which a file is known again, whatever it is called. */
interface FileIdentity {
  readonly dev: bigint;
  readonly ino: bigint;
}

/** How much of the end of its last line a writer looks for: the whole hash, which no other line has. */
const lookedFor = 80;

/**
 * A log that was opened, and the chain of what is written to it. After the first failure it is of no more use: the
 * next one begins a chain of its own, so that no chain goes on behind a record that may be lost.
 */
export class AuditWriter {
  readonly #path: string;
  readonly #key: KeyObject | undefined;
  readonly #handle: FileHandle;
  readonly #identity: FileIdentity;
  readonly #follows: ChainHead | undefined;
  readonly #writer = randomUUID();
  #seq = 0;
  #prev = firstPrev;
  /** The end of the last line that was written here, and where that is in the file. */
  #last: { readonly bytes: Buffer; readonly end: number } | undefined;
  #hasLostFile = false;

  private constructor(
    path: string,
    key: KeyObject | undefined,
    handle: FileHandle,
    identity: FileIdentity,
    follows: ChainHead | undefined,
  ) {
    this.#path = path;
    this.#key = key;
    this.#handle = handle;
    this.#identity = identity;
    this.#follows = follows;
  }

  /**
   * @param follows - the end of the chain that this one goes on from, in a file that is no longer at the path
   * @throws {@link ToolsetError} `audit_unavailable`
   */
  static async open(
    path: string,
    key: KeyObject | undefined,
    follows: ChainHead | undefined,
  ): Promise<AuditWriter> {
    let handle: FileHandle | undefined;
    try {
      handle = await open(path, "a+", 0o600);
      await makePrivate(path, handle);
      await syncFolder(dirname(path));
      return new AuditWriter(path, key, handle, await handle.stat({ bigint: true }), follows);
    } catch (error) {
      await handle?.close();
      throw error instanceof ToolsetError ? error : openingTrouble(path, error);
    }
  }

  /** The last record that was written here, or that was to be gone on from where there is none. */
  get head(): ChainHead | undefined {
    return this.#seq === 0 ? this.#follows : { writer: this.#writer, seq: this.#seq - 1, hash: this.#prev };
  }

  /** Whether a failure was that the file was deleted or cut off, so that what was written before is known. */
  get hasLostFile(): boolean {
    return this.#hasLostFile;
  }

  /**
   * Whether another file is at the path, or none, and this one is elsewhere: the log was rotated.
   *
   * @throws {@link ToolsetError} `audit_unavailable`
   */
  async isElsewhere(): Promise<boolean> {
    try {
      const { dev, ino } = await stat(this.#path, { bigint: true });
      return dev !== this.#identity.dev || ino !== this.#identity.ino;
    } catch (error) {
      if (systemCode(error) !== "ENOENT") throw writingTrouble(this.#path, error);
      // One that was deleted is found so by the record that is written to it.
      return (await this.#handle.stat()).nlink > 0;
    }
  }

  /**
   * Writes a record, by one `write`. It is safe only after {@link sync}.
   *
   * @param body - the record as JSON
   * @returns its line
   * @throws {@link ToolsetError} `audit_unavailable`
   */
  async append(body: string): Promise<string> {
    try {
      return await this.#append(body);
    } catch (error) {
      throw error instanceof ToolsetError ? error : writingTrouble(this.#path, error);
    }
  }

  /** @throws {@link ToolsetError} `audit_unavailable` */
  async sync(): Promise<void> {
    try {
      await this.#handle.datasync();
    } catch (error) {
      throw writingTrouble(this.#path, error);
    }
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  async #append(body: string): Promise<string> {
    await this.#checkLast();
    const tail = await readTail(this.#handle);
    if (tail === undefined) throw noLog(this.#path);
    const { size: at, torn } = tail;
    const follows = this.#seq === 0 ? this.#follows : undefined;
    const place = { writer: this.#writer, seq: this.#seq, at, prev: this.#prev, follows, torn };
    const { text, hash } = sealLine(body, place, this.#key);
    const bytes = Buffer.from(`${torn.length === 0 ? "" : "\n"}${text}\n`);
    if (bytes.length > longestLine) {
      const size = `${bytes.length} bytes, and a line may have ${longestLine}`;
      throw lastingTrouble(`A record for the audit log "${this.#path}" has ${size}. Shorten its texts.`);
    }
    const { bytesWritten } = await this.#handle.write(bytes);
    // The system says why only when it takes nothing at all.
    if (bytesWritten < bytes.length) throw Object.assign(new Error("Cut short."), { code: "ENOSPC" });
    const end = await this.#checkPlace(tail, bytes);
    this.#last = { bytes: bytes.subarray(-lookedFor), end };
    this.#seq += 1;
    this.#prev = hash;
    return text;
  }

  /** Whether the last line that was written here is where it was: a file that is emptied in place loses records. */
  async #checkLast(): Promise<void> {
    if (this.#last === undefined) return;
    const { bytes, end } = this.#last;
    if ((await readRange(this.#handle, end - bytes.length, end)).equals(bytes)) return;
    this.#hasLostFile = true;
    throw new ToolsetError(
      "audit_unavailable",
      `The audit log "${this.#path}" was cut off or overwritten while it was open: what this process had written is ` +
        `no longer in its place, and this record was not written. Rotate a log by renaming it (logrotate's "create"), ` +
        `never by emptying it ("copytruncate"). The next record begins a chain that names the last one.`,
    );
  }

  /**
   * Whether what was written is in the file, on a line of its own: between the look at the end of the file and the
   * write, another process may have left something half written.
   *
   * @returns where it ends
   */
  async #checkPlace(tail: FileTail, bytes: Buffer): Promise<number> {
    const { size, nlink } = await this.#handle.stat();
    if (nlink === 0) throw this.#lost("It was deleted.");
    if (size === tail.size + bytes.length) return size;
    const since = await readRange(this.#handle, tail.size, size);
    const place = since.indexOf(bytes);
    if (place < 0) throw this.#lost("It was cut off or overwritten.");
    if (place === 0 || bytes[0] === newline || since[place - 1] === newline) {
      return tail.size + place + bytes.length;
    }
    throw new ToolsetError(
      "audit_unavailable",
      `A record for the audit log "${this.#path}" came onto a line that another process had left half written. ` +
        "Write it again.",
    );
  }

  #lost(how: string): ToolsetError {
    this.#hasLostFile = true;
    return new ToolsetError(
      "audit_unavailable",
      `A record is no longer in the audit log "${this.#path}", to which it was just written. ${how} ` +
        "Find out who changes the file.",
    );
  }
}

/**
 * Refuses what is no audit log, before anything is written to it, and takes the rights of others to the file away.
 */
async function makePrivate(path: string, handle: FileHandle): Promise<void> {
  const status = await handle.stat();
  if (!status.isFile()) throw noLog(path);
  if (status.size > 0 && (await readRange(handle, 0, 1)).toString() !== "{") throw noLog(path);
  if (process.platform !== "win32" && (status.mode & 0o077) !== 0) await handle.chmod(0o600);
}

function noLog(path: string): ToolsetError {
  return lastingTrouble(
    `"${path}" is no audit log. Give another path, or move away what is there; nothing was written to it.`,
  );
}
