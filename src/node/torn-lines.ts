import type { FileHandle } from "node:fs/promises";
import { canBeChanged, canBeHalfWritten, newline, tornPiece, type TornPiece } from "./audit-line.js";
import type { FileLine } from "./file-lines.js";
import { readRange } from "./file-tail.js";

/** A line that was left half written, and is accounted for. */
export interface TornLine {
  /** Counted from 1. */
  readonly line: number;
  /** Its length, without a newline. */
  readonly bytes: number;
}

/** A line that is no record, and that no record has told of yet. */
interface UntoldLine extends TornLine {
  /** How many records were accepted before it. */
  readonly records: number;
  readonly canBeHalfWritten: boolean;
}

/** Holds what records say that they found half written against what is in the file. */
export class TornLines {
  readonly #handle: FileHandle;
  readonly #untold = new Map<number, UntoldLine>();
  readonly #told: TornLine[] = [];

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** The first line that no record has told of. */
  get firstUntold(): UntoldLine | undefined {
    return this.#untold.values().next().value;
  }

  get untoldCount(): number {
    return this.#untold.size;
  }

  /** Takes in a line that is no record; a later record has to tell of it. */
  add({ number, start, bytes }: FileLine, records: number): void {
    this.#untold.set(start, {
      line: number,
      bytes: bytes.length,
      records,
      canBeHalfWritten: canBeHalfWritten(bytes) && !canBeChanged(bytes),
    });
  }

  /** Takes in a line that is no record, and shows itself how that came. */
  addTold({ number, bytes }: FileLine): void {
    this.#told.push({ line: number, bytes: bytes.length });
  }

  /** Accepts the lines just before one that was to tell of them, as far as they can be half written. */
  acceptBefore(number: number): void {
    for (const [start, { line, bytes, canBeHalfWritten }] of [...this.#untold].reverse()) {
      number -= 1;
      if (line !== number || !canBeHalfWritten) break;
      this.#untold.delete(start);
      this.#told.push({ line, bytes });
    }
  }

  /**
   * Takes in what a record says that it found. What looked half written may have been half way: another process
   * wrote it to its end afterwards.
   *
   * @param before - where the record begins
   * @returns whether it is there
   */
  async tell({ at, bytes, sha256 }: TornPiece, before: number): Promise<boolean> {
    if (at + bytes >= before) return false;
    if (at > 0 && (await readRange(this.#handle, at - 1, at))[0] !== newline) return false;
    const piece = await readRange(this.#handle, at, at + bytes);
    if (tornPiece(at, piece).sha256 !== sha256) return false;
    const line = this.#untold.get(at);
    if (line?.bytes === bytes) {
      this.#untold.delete(at);
      this.#told.push({ line: line.line, bytes });
    }
    return true;
  }

  /** Those that are accounted for, in the order of the file. */
  list(): TornLine[] {
    return this.#told.sort((a, b) => a.line - b.line);
  }
}
