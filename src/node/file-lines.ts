import type { FileHandle } from "node:fs/promises";
import { newline } from "./audit-line.js";
import { readRange } from "./file-tail.js";

/** A line of a file, as bytes. */
export interface FileLine {
  /** Counted from 1. */
  readonly number: number;
  /** Where it begins, in bytes. */
  readonly start: number;
  /** Without its newline. */
  readonly bytes: Buffer;
  /** Whether a newline is behind it. */
  readonly isEnded: boolean;
}

const blockLength = 2 ** 20;

/**
 * Reads a file line by line, as far as it goes now.
 *
 * @param longest - in bytes: a line that is longer comes as one that is not ended, and is the last
 */
export async function* linesOf(handle: FileHandle, longest: number): AsyncGenerator<FileLine> {
  const { size } = await handle.stat();
  let number = 1;
  let start = 0;
  let rest: Buffer = Buffer.alloc(0);
  for (let read = 0; read < size && rest.length <= longest;) {
    const block = await readRange(handle, read, Math.min(size, read + blockLength));
    if (block.length === 0) break;
    read += block.length;
    const bytes = rest.length === 0 ? block : Buffer.concat([rest, block]);
    let from = 0;
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, from)) {
      yield { number, start, bytes: bytes.subarray(from, end), isEnded: true };
      number += 1;
      start += end + 1 - from;
      from = end + 1;
    }
    rest = bytes.subarray(from);
  }
  if (rest.length > 0) yield { number, start, bytes: rest, isEnded: false };
}
