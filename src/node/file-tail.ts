import type { FileHandle } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import {
  canBeChanged,
  canBeHalfWritten,
  longestPiece,
  mostPieces,
  newline,
  tornPiece,
  type TornPiece,
} from "./audit-line.js";

/** How a file ends. */
export interface FileTail {
  /** Its length in bytes. */
  readonly size: number;
  /**
   * What stands behind the last newline, and before it the lines that are half written as well: whoever was to tell
   * of them was killed. The oldest is the first. Empty where the file ends with a newline.
   */
  readonly torn: readonly TornPiece[];
}

/** How long an end without a newline must stay as it is to count as torn: another process may be writing it. */
const settleMs = 10;

/** Reads how a file ends; `undefined` where its last line is longer than any in an audit log. */
export async function readTail(handle: FileHandle): Promise<FileTail | undefined> {
  let { size } = await handle.stat();
  while (size > 0 && (await readRange(handle, size - 1, size))[0] !== newline) {
    await wait(settleMs);
    const settled = await handle.stat();
    if (settled.size === size) {
      const piece = await lineBefore(handle, size);
      if (piece === undefined) return undefined;
      const start = size - piece.length;
      return { size, torn: [...(await piecesBefore(handle, start)), tornPiece(start, piece)] };
    }
    size = settled.size;
  }
  return { size, torn: [] };
}

/** Reads the bytes from `start` to before `end`; fewer where the file ends earlier. */
export async function readRange(handle: FileHandle, start: number, end: number): Promise<Buffer> {
  const bytes = Buffer.alloc(Math.max(0, end - start));
  let filled = 0;
  while (filled < bytes.length) {
    const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, start + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

/** The lines just before a byte, as far as they can be half written. */
async function piecesBefore(handle: FileHandle, next: number): Promise<TornPiece[]> {
  const pieces: TornPiece[] = [];
  while (next > 0 && pieces.length < mostPieces) {
    const piece = await lineBefore(handle, next - 1);
    if (piece === undefined || !canBeHalfWritten(piece) || canBeChanged(piece)) break;
    next -= piece.length + 1;
    pieces.unshift(tornPiece(next, piece));
  }
  return pieces;
}

/** The line that ends before a byte; `undefined` where it is longer than any in an audit log. */
async function lineBefore(handle: FileHandle, end: number): Promise<Buffer | undefined> {
  for (let length = 2 ** 14; ; length *= 8) {
    const start = Math.max(0, end - length);
    const bytes = await readRange(handle, start, end);
    const line = bytes.subarray(bytes.lastIndexOf(newline) + 1);
    if (line.length > longestPiece) return undefined;
    if (line.length < bytes.length || start === 0) return line;
  }
}
