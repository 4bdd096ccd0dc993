import type { KeyObject } from "node:crypto";
import type { ChainHead } from "./audit-line.js";
import { AuditWriter } from "./audit-writer.js";

interface Waiting {
  readonly body: string;
  readonly resolve: (line: string) => void;
  readonly reject: (error: unknown) => void;
}

interface Written extends Waiting {
  readonly line: string;
}

/** Writes records one after another, and makes those that came together durable together. */
export class GroupCommit {
  readonly #path: string;
  readonly #key: KeyObject | undefined;
  readonly #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;
  #writer: AuditWriter | undefined;
  /** The end of a chain in a file that is no longer at the path, until a durable record names it. */
  #follows: ChainHead | undefined;

  constructor(path: string, key: KeyObject | undefined) {
    this.#path = path;
    this.#key = key;
  }

  /**
   * @param body - a record as JSON
   * @returns its line, once it is durable
   */
  write(body: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ body, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Closes the file once everything is written. */
  async close(): Promise<void> {
    await this.#running;
    await this.#writer?.close();
    this.#writer = undefined;
  }

  async #run(): Promise<void> {
    // Those that are given at the same moment, as by parallel calls, share the first sync as well.
    await Promise.resolve();
    while (this.#waiting.length > 0) await this.#commit(this.#waiting.splice(0));
    this.#running = undefined;
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    let written: Written[] = [];
    for (const waiting of batch) {
      try {
        if ((await this.#writer?.isElsewhere()) === true) {
          await this.#settle(written);
          written = [];
          await this.#leaveFile();
        }
        this.#writer ??= await AuditWriter.open(this.#path, this.#key, this.#follows);
        written.push({ ...waiting, line: await this.#writer.append(waiting.body) });
      } catch (error) {
        await this.#settle(written);
        written = [];
        // Of other failures it is not known which record is the last one in the file.
        if (this.#writer?.hasLostFile === true) await this.#leaveFile();
        else await this.#abandonWriter();
        waiting.reject(error);
      }
    }
    await this.#settle(written);
  }

  async #settle(written: readonly Written[]): Promise<void> {
    if (written.length === 0) return;
    try {
      await this.#writer?.sync();
      this.#follows = undefined;
      for (const { resolve, line } of written) resolve(line);
    } catch (error) {
      for (const { reject } of written) reject(error);
      await this.#abandonWriter();
    }
  }

  /** Leaves a file whose last record is known, which the next one will name. */
  async #leaveFile(): Promise<void> {
    this.#follows = this.#writer?.head ?? this.#follows;
    await this.#abandonWriter();
  }

  async #abandonWriter(): Promise<void> {
    const writer = this.#writer;
    if (writer === undefined) return;
    this.#writer = undefined;
    // The error that matters is already known.
    await writer.close().catch(() => undefined);
  }
}
