import { randomUUID, type KeyObject } from "node:crypto";
import { open, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { ToolsetError } from "../errors/toolset-error.js";
import { firstPrev, longestLine, newline, sealLine } from "./audit-line.js";
import { lastingTrouble, openingTrouble, writingTrouble } from "./audit-trouble.js";
import { readRange, readTail, type FileTail } from "./file-tail.js";
import { syncFolder } from "./sync-folder.js";

/**
 * A log that was opened, and the chain of what is written to it. After the first failure it is of no more use: the
 * next one begins a chain of its own, so that no chain goes on behind a record that may be lost.
 */
export class AuditWriter {
  readonly #path: string;
  readonly #key: KeyObject | undefined;
  readonly #handle: FileHandle;
  readonly #writer = randomUUID();
  #seq = 0;
  #prev = firstPrev;

  private constructor(path: string, key: KeyObject | undefined, handle: FileHandle) {
    this.#path = path;
    this.#key = key;
    this.#handle = handle;
  }

  /** @throws {@link ToolsetError} `audit_unavailable` */
  static async open(path: string, key: KeyObject | undefined): Promise<AuditWriter> {
    let handle: FileHandle | undefined;
    try {
      handle = await open(path, "a+", 0o600);
      await makePrivate(path, handle);
      await syncFolder(dirname(path));
      return new AuditWriter(path, key, handle);
    } catch (error) {
      await handle?.close();
      throw error instanceof ToolsetError ? error : openingTrouble(path, error);
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
    const tail = await readTail(this.#handle);
    if (tail === undefined) throw noLog(this.#path);
    const { size: at, torn } = tail;
    const place = { writer: this.#writer, seq: this.#seq, at, prev: this.#prev, torn };
    const { text, hash } = sealLine(body, place, this.#key);
    const bytes = Buffer.from(`${torn.length === 0 ? "" : "\n"}${text}\n`);
    if (bytes.length > longestLine) {
      const size = `${bytes.length} bytes, and a line may have ${longestLine}`;
      throw lastingTrouble(`A record for the audit log "${this.#path}" has ${size}. Shorten its texts.`);
    }
    const { bytesWritten } = await this.#handle.write(bytes);
    // The system says why only when it takes nothing at all.
    if (bytesWritten < bytes.length) throw Object.assign(new Error("Cut short."), { code: "ENOSPC" });
    await this.#checkPlace(tail, bytes);
    this.#seq += 1;
    this.#prev = hash;
    return text;
  }

  /**
   * Whether what was written is in the file, on a line of its own: between the look at the end of the file and the
   * write, another process may have left something half written.
   */
  async #checkPlace(tail: FileTail, bytes: Buffer): Promise<void> {
    const { size, nlink } = await this.#handle.stat();
    if (nlink === 0) throw this.#lost("It was deleted.");
    if (size === tail.size + bytes.length) return;
    const since = await readRange(this.#handle, tail.size, size);
    const place = since.indexOf(bytes);
    if (place < 0) throw this.#lost("It was cut off or overwritten.");
    if (place === 0 || bytes[0] === newline || since[place - 1] === newline) return;
    throw new ToolsetError(
      "audit_unavailable",
      `A record for the audit log "${this.#path}" came onto a line that another process had left half written. ` +
        "Write it again.",
    );
  }

  #lost(how: string): ToolsetError {
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
