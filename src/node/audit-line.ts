import { createHash, createHmac, type KeyObject } from "node:crypto";
import type { AuditRecord } from "../layers/audit-record.js";

/** A record as it stands in a file, on a line of its own: the record's fields, then its place in a chain. */
export type AuditLine = AuditRecord & { readonly chain: AuditChain };

/**
 * What ties a record to those before it. `chain` is the last field of a line and `hash` the last of `chain`.
 *
 * A program in another language verifies a line so: take `,"hash":"…"` out of its bytes, hash what is left (the
 * newline does not count), and compare.
 */
export interface AuditChain {
  /** Names the chain: a random id, made each time that a file is opened. One file holds a chain for each. */
  readonly writer: string;
  /** The record's number within its chain, from 0. */
  readonly seq: number;
  /**
   * How many bytes the file had when the record was about to be written. It stands there or, where another
   * process came first, later; earlier only if something before it was taken out.
   */
  readonly at: number;
  /** The `hash` of the record before in the same chain; 64 zeros for the first. */
  readonly prev: string;
  /** What `hash` is: a plain hash, or one that needs the key. */
  readonly alg: "sha256" | "hmac-sha256";
  /**
   * In the first record of a chain alone: the last record of the chain that it goes on from. The writer had that one in
   * another file, which was renamed under it, or its file was cut off or deleted.
   */
  readonly follows?: ChainHead;
  /** What was found half written: a process was killed, or the disk was full. */
  readonly torn?: readonly TornPiece[];
  /** 64 hexadecimal digits over the line without this field. */
  readonly hash: string;
}

/** The last record of a chain. */
export type ChainHead = Pick<AuditChain, "writer" | "seq" | "hash">;

/** A line that was never written to its end. */
export interface TornPiece {
  /** Where it begins, in bytes from the beginning of the file. */
  readonly at: number;
  /** Its length in bytes, without a newline. */
  readonly bytes: number;
  /** SHA-256 of those bytes, in hexadecimal. */
  readonly sha256: string;
}

/** Where a record is to stand in a chain. */
interface ChainPlace extends Pick<AuditChain, "writer" | "seq" | "at" | "prev"> {
  readonly follows: ChainHead | undefined;
  readonly torn: readonly TornPiece[];
}

/** A line that is whole, whatever its hash is worth. */
export interface WholeLine {
  readonly record: Readonly<Record<string, unknown>>;
  readonly chain: AuditChain;
  /** What the hash has to be. */
  hash(key: KeyObject | undefined): string;
}

/** What `prev` of the first record in a chain is. */
export const firstPrev = "0".repeat(64);

/** The byte that ends a line. */
export const newline = 10;

/** How long a line may be, in bytes. Records have a few thousand. */
export const longestLine = 2 ** 20;

/** How many lines may be half written one after another: more are no accident. */
export const mostPieces = 100;

/** How long a torn piece may be: a piece of one line, with another one written onto it. */
export const longestPiece = 2 * longestLine;

/** How many objects a record may hold, itself included: a line that holds more is not looked through. */
const mostObjects = 32;

const hashField = /,"hash":"([0-9a-f]{64})"\}\}$/;
const hashFieldLength = ',"hash":""}}'.length + 64;
const lineEndInside = /,"hash":"[0-9a-f]{64}"\}\}./s;
const changedLineEnd = /,"hash":".{67}$|[0-9a-f]{16}"\}\}$/s;

/**
 * Puts a record into a chain.
 *
 * @param body - the record as JSON, an object with at least one field and none named `chain`
 * @returns the line without its newline
 */
export function sealLine(
  body: string,
  place: ChainPlace,
  key: KeyObject | undefined,
): { text: string; hash: string } {
  const { writer, seq, at, prev, follows, torn } = place;
  const alg = key === undefined ? "sha256" : "hmac-sha256";
  const chain = JSON.stringify({
    writer,
    seq,
    at,
    prev,
    alg,
    ...(follows === undefined ? {} : { follows }),
    ...(torn.length === 0 ? {} : { torn }),
  });
  const open = `${body.slice(0, -1)},"chain":${chain.slice(0, -1)}`;
  const hash = digest(key, open);
  return { text: `${open},"hash":"${hash}"}}`, hash };
}

/** Reads a line without its newline; `undefined` for what is no whole record with a chain. */
export function readLine(bytes: Buffer): WholeLine | undefined {
  const fieldStart = bytes.length - hashFieldLength;
  if (fieldStart < 0) return undefined;
  const hash = hashField.exec(bytes.toString("latin1", fieldStart))?.[1];
  if (hash === undefined) return undefined;
  let record: { chain?: unknown };
  try {
    record = JSON.parse(bytes.toString("utf8")) as typeof record;
  } catch {
    return undefined;
  }
  const { chain, ...fields } = record;
  if (!isChain(chain) || chain.hash !== hash) return undefined;
  return { record: fields, chain, hash: (key) => digest(key, bytes.subarray(0, fieldStart)) };
}

/**
 * Reads a line that stands behind something else on the same line; `undefined` where there is none. The other was
 * left half written just before.
 */
export function readLineBehind(bytes: Buffer): { line: WholeLine; piece: Buffer } | undefined {
  let start = bytes.length;
  for (let objects = 0; objects < mostObjects; objects += 1) {
    start = bytes.lastIndexOf('{"', start - 1);
    if (start <= 0) return undefined;
    const line = readLine(bytes.subarray(start));
    if (line !== undefined) return { line, piece: bytes.subarray(0, start) };
  }
  return undefined;
}

/**
 * Whether something can be the beginnings of lines; bytes that the system had room for but did not write are zeros.
 */
export function canBeHalfWritten(piece: Buffer): boolean {
  const text = piece.toString("latin1");
  return /^[{\0]/.test(text) && !lineEndInside.test(text);
}

/** Whether something can be a whole line of which a byte was changed. */
export function canBeChanged(piece: Buffer): boolean {
  return changedLineEnd.test(piece.toString("latin1"));
}

/** Describes what was found half written. */
export function tornPiece(at: number, piece: Buffer): TornPiece {
  return { at, bytes: piece.length, sha256: createHash("sha256").update(piece).digest("hex") };
}

function digest(key: KeyObject | undefined, open: string | Buffer): string {
  const hash = key === undefined ? createHash("sha256") : createHmac("sha256", key);
  return hash.update(open).update("}}").digest("hex");
}

function isChain(value: unknown): value is AuditChain {
  if (typeof value !== "object" || value === null) return false;
  const { writer, seq, at, prev, alg, follows, torn } = value as Partial<Record<keyof AuditChain, unknown>>;
  return (
    typeof writer === "string" &&
    isCount(seq) &&
    isCount(at) &&
    typeof prev === "string" &&
    (alg === "sha256" || alg === "hmac-sha256") &&
    (follows === undefined || (seq === 0 && isHead(follows))) &&
    (torn === undefined || (Array.isArray(torn) && torn.length > 0 && torn.every(isTornPiece)))
  );
}

function isHead(value: unknown): value is ChainHead {
  if (typeof value !== "object" || value === null) return false;
  const { writer, seq, hash } = value as Partial<Record<keyof ChainHead, unknown>>;
  return typeof writer === "string" && isCount(seq) && typeof hash === "string";
}

function isTornPiece(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { at, bytes, sha256 } = value as Partial<Record<keyof TornPiece, unknown>>;
  return isCount(at) && isCount(bytes) && bytes <= longestPiece && typeof sha256 === "string";
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
