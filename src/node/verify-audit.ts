import { open, type FileHandle } from "node:fs/promises";
import { resolve } from "node:path";
import { ToolsetError } from "../errors/toolset-error.js";
import { refuseOption, refuseUnknownOptions } from "../option-error.js";
import { checkText } from "../sources/option-checks.js";
import { AuditChains } from "./audit-chains.js";
import {
  canBeHalfWritten,
  longestPiece,
  mostPieces,
  readLine,
  readLineBehind,
  type ChainHead,
  type WholeLine,
} from "./audit-line.js";
import { readingTrouble } from "./audit-trouble.js";
import { DanglingIntents, type DanglingIntent } from "./dangling-intents.js";
import { linesOf, type FileLine } from "./file-lines.js";
import { sealKey } from "./seal-key.js";
import { TornLines, type TornLine } from "./torn-lines.js";

/** How a log is verified. */
export interface VerifyAuditOptions {
  /** The key that the log was written with. @default none: the log has none */
  key?: string | Uint8Array | undefined;
}

/** What a log turned out to be. */
export interface AuditVerification {
  /** Whether every line is accounted for. */
  readonly ok: boolean;
  /** How many records were accepted; up to the first line that was not. */
  readonly records: number;
  /**
   * The first line that was not accepted, counted from 1, and why; where several files were given, also in which. What
   * comes after it was not judged.
   */
  readonly brokenAt?: { readonly file?: string; readonly line: number; readonly reason: string };
  /**
   * Where the first file goes on from: the last records of chains in files that were not given. Left out where it is
   * the beginning. Compare them with what was verified before those files went.
   */
  readonly continues?: readonly ChainHead[];
  /**
   * Intents without an outcome, among the records that were read. Of a process that was killed it is not known
   * whether its last write took effect; of one that is still running it is not known yet.
   */
  readonly danglingIntents: readonly DanglingIntent[];
  /**
   * Lines that were left half written, by a process that was killed or a disk that was full. They break nothing:
   * nobody was told that such a record was written. Where several files were given, each says in which it is.
   */
  readonly torn: readonly (TornLine & { readonly file?: string })[];
}

const emptyReason = "It is empty: it was put in.";
const untoldReason =
  "It is no whole record, and no later record says that it was found half written: it was changed or put in.";

/**
 * Verifies a log that {@link auditFile} wrote: every line belongs to a chain, and every chain is whole from its
 * first record on. It reads the file from beginning to end without holding it in memory, also while it is written.
 *
 * A log that was rotated is verified as a whole by giving its files, uncompressed, in the order in which they were
 * written. Then it shows as well that one of them is missing, or has lost its end: the first record that a writer puts
 * into a new file names its last one in the old file. What the first of the files goes on from is only reported.
 *
 * What it shows: a line that was changed, repeated or moved within its chain, and one that was put in or taken out,
 * provided that more was recorded after it. What it cannot show:
 *
 * - The end of the last file may be missing, with a key or without: nothing that is left knows of it. An empty file
 *   verifies. Compare `records`, or the last `hash`, with what `onRecord` has sent elsewhere.
 * - Without a key, anybody who can write to the file can make all of it anew, hashes included. With a key that takes
 *   the key; but another log that was sealed with the same one can be put in its place.
 *
 * @param path - the file, or the files of a log that was rotated, the oldest first
 * @throws {@link ToolsetError} `audit_unavailable` for a file that cannot be read, `invalid_argument` for an option
 * that does not fit
 *
 * @example
 * ```ts
 * const { ok, brokenAt, danglingIntents } = await verifyAudit("/var/log/offboarding/audit.jsonl", { key });
 * if (!ok) console.error(brokenAt);
 * await verifyAudit(["audit.jsonl.2", "audit.jsonl.1", "audit.jsonl"], { key });
 * for (const { operation, userId } of danglingIntents) console.warn(`Look whether ${operation} of ${userId} was done.`);
 * ```
 */
export async function verifyAudit(
  path: string | readonly string[],
  options: VerifyAuditOptions = {},
): Promise<AuditVerification> {
  const paths: readonly string[] = Array.isArray(path) ? path : [path];
  if (paths.length === 0) throw refuseOption("path", "is an empty list", "Give the path of the file.");
  for (const one of paths) checkText("path", one, "Give the path of the file.");
  refuseUnknownOptions(options, ["key"] satisfies (keyof VerifyAuditOptions)[], "verifyAudit");
  const key = sealKey(options.key);
  const chains = new AuditChains(key);
  const intents = new DanglingIntents();
  const torn: (TornLine & { file?: string })[] = [];
  let records = 0;
  let brokenAt: AuditVerification["brokenAt"];
  for (const one of paths) {
    const result = await verifyFile(resolve(one), chains, intents);
    const where = paths.length === 1 ? {} : { file: one };
    records += result.records;
    torn.push(...result.torn.map((line) => ({ ...where, ...line })));
    if (result.brokenAt !== undefined) {
      brokenAt = { ...where, ...result.brokenAt };
      break;
    }
    chains.nextFile();
  }
  return {
    ok: brokenAt === undefined,
    records,
    ...(brokenAt === undefined ? {} : { brokenAt }),
    ...(chains.before.length === 0 ? {} : { continues: chains.before }),
    danglingIntents: intents.list(),
    torn,
  };
}

async function verifyFile(file: string, chains: AuditChains, intents: DanglingIntents): Promise<FileResult> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, "r");
    return await new Verification(handle, chains, intents).run(linesOf(handle, longestPiece));
  } catch (error) {
    throw error instanceof ToolsetError ? error : readingTrouble(file, error);
  } finally {
    await handle?.close();
  }
}

/** What one file turned out to be. */
interface FileResult {
  readonly records: number;
  readonly brokenAt: Break | undefined;
  readonly torn: readonly TornLine[];
}

/** The first line that cannot be accepted. */
interface Break {
  readonly line: number;
  readonly reason: string;
}

class Verification {
  readonly #chains: AuditChains;
  readonly #torn: TornLines;
  readonly #intents: DanglingIntents;
  #records = 0;
  #previous: "record" | "piece" | "empty" | "nothing" = "nothing";

  constructor(handle: FileHandle, chains: AuditChains, intents: DanglingIntents) {
    this.#chains = chains;
    this.#intents = intents;
    this.#torn = new TornLines(handle);
  }

  async run(lines: AsyncIterable<FileLine>): Promise<FileResult> {
    let last = 0;
    for await (const line of lines) {
      const problem = await this.#judge(line);
      if (problem !== undefined) return this.#result(problem);
      last = line.number;
    }
    return this.#result(this.#previous === "empty" ? { line: last, reason: emptyReason } : undefined);
  }

  async #judge(line: FileLine): Promise<Break | undefined> {
    const { number, bytes } = line;
    if (bytes.length > longestPiece) return { line: number, reason: "It is longer than any record." };
    if (bytes.length === 0) return this.#judgeEmpty(line);
    const whole = readLine(bytes);
    // A record that finds the end of the file half written begins with a newline. When another process has ended
    // that line meanwhile, this newline leaves an empty one.
    if (this.#previous === "empty" && whole !== undefined && whole.chain.torn === undefined) {
      return { line: number - 1, reason: emptyReason };
    }
    return whole === undefined ? this.#judgePiece(line) : this.#judgeRecord(line, whole);
  }

  #judgeEmpty({ number }: FileLine): Break | undefined {
    const previous = this.#previous;
    this.#previous = "empty";
    if (previous === "record") return undefined;
    return { line: previous === "empty" ? number - 1 : number, reason: emptyReason };
  }

  #judgePiece(line: FileLine): Break | undefined {
    this.#previous = "piece";
    if (this.#holdsRefusedRecord(line)) {
      this.#previous = "record";
      this.#torn.addTold(line);
      this.#torn.acceptBefore(line.number);
      return undefined;
    }
    if (line.isEnded) {
      this.#torn.add(line, this.#records);
      return this.#torn.untoldCount > mostPieces ? { line: line.number, reason: untoldReason } : undefined;
    }
    if (!canBeHalfWritten(line.bytes)) {
      return { line: line.number, reason: "It has no newline, and is not half written: it was changed." };
    }
    // Nobody has come to tell of what the file ends with.
    this.#torn.addTold(line);
    this.#torn.acceptBefore(line.number);
    return undefined;
  }

  /** Whether a record came onto a line that was half written, at most but for its newline. */
  #holdsRefusedRecord({ bytes, start }: FileLine): boolean {
    const behind = readLineBehind(bytes);
    if (behind === undefined) return false;
    const { line, piece } = behind;
    const whole = readLine(piece);
    const isLeft = whole === undefined ? canBeHalfWritten(piece) : this.#chains.end(whole, start);
    return isLeft && this.#chains.end(line, start);
  }

  async #judgeRecord({ number, start, bytes }: FileLine, whole: WholeLine): Promise<Break | undefined> {
    this.#previous = "record";
    const reason = this.#chains.follow(whole, start, start + bytes.length + 1);
    if (reason !== undefined) return { line: number, reason };
    const { torn = [] } = whole.chain;
    for (const piece of torn) {
      if (await this.#torn.tell(piece, start)) continue;
      const what = `It found ${piece.bytes} bytes half written at byte ${piece.at}`;
      return { line: number, reason: `${what}, and they are not there: they were changed or taken out.` };
    }
    // What it did not find, and stands just before it, was left after its writer had looked at the end of the file.
    if (torn.length > 0) this.#torn.acceptBefore(number);
    this.#records += 1;
    this.#intents.add(whole.record);
    return undefined;
  }

  #result(problem: Break | undefined): FileResult {
    const untold = this.#torn.firstUntold;
    const brokenAt =
      untold !== undefined && (problem === undefined || untold.line < problem.line)
        ? { line: untold.line, reason: untoldReason }
        : problem;
    return {
      records: brokenAt === problem ? this.#records : (untold?.records ?? 0),
      brokenAt,
      torn: this.#torn.list(),
    };
  }
}
