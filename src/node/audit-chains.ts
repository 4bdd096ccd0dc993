import type { KeyObject } from "node:crypto";
import { firstPrev, type ChainHead, type WholeLine } from "./audit-line.js";

/** Where a chain has got to. */
interface ChainEnd {
  readonly seq: number;
  readonly hash: string;
  /** Where its last line ends, in bytes. */
  readonly end: number;
  /** Which file it is in, counted from 0. */
  readonly file: number;
}

/** Nothing comes after this. */
const ended: ChainEnd = { seq: Infinity, hash: "", end: Infinity, file: -1 };

/** Follows every chain of one or more files, and says in words where one breaks. */
export class AuditChains {
  readonly #key: KeyObject | undefined;
  readonly #ends = new Map<string, ChainEnd>();
  /** Chains that another one goes on from, by their writers. More than one may, where the first was not durable. */
  readonly #left = new Map<string, ChainHead>();
  readonly #before: ChainHead[] = [];
  #file = 0;

  constructor(key: KeyObject | undefined) {
    this.#key = key;
  }

  /** The ends of chains that the first file goes on from, and that are in no file here. */
  get before(): readonly ChainHead[] {
    return this.#before;
  }

  /** Goes on with the next file. */
  nextFile(): void {
    this.#file += 1;
  }

  /**
   * @param start - where the line begins, in bytes
   * @param end - where it ends, its newline included
   * @returns why it cannot be accepted; `undefined` where it can, and its chain has gone on
   */
  follow(line: WholeLine, start: number, end: number): string | undefined {
    const problem = this.#problem(line, start) ?? this.#linkProblem(line);
    if (problem !== undefined) return problem;
    const { writer, seq, hash, follows } = line.chain;
    this.#ends.set(writer, { seq, hash, end, file: this.#file });
    if (follows !== undefined) this.#leave(follows);
    return undefined;
  }

  /**
   * Follows a chain to a record that is not one: it came onto a line that was half written, and nobody was told that
   * it was recorded. A writer begins another chain after that.
   *
   * @param start - where the whole of that line begins, in bytes
   * @returns whether it can be accepted as that, and its chain has ended
   */
  end(line: WholeLine, start: number): boolean {
    const problem = this.#problem(line, start);
    if (problem === undefined) this.#ends.set(line.chain.writer, ended);
    return problem === undefined;
  }

  #problem(line: WholeLine, start: number): string | undefined {
    return this.#sealProblem(line) ?? this.#orderProblem(line) ?? this.#placeProblem(line, start);
  }

  #linkProblem({ chain: { follows } }: WholeLine): string | undefined {
    if (follows === undefined) return undefined;
    const { writer, seq, hash } = follows;
    const known = this.#left.get(writer) ?? this.#ends.get(writer);
    const what = `It goes on from record ${seq} of writer ${writer}`;
    if (known === undefined) {
      if (this.#file === 0) return undefined;
      return `${what}, which is in no file before: one was left out or taken away. Give all of them, the oldest first.`;
    }
    if (known.seq < seq)
      return `${what}, and record ${known.seq} is the last one before: the end was cut off.`;
    if (known.seq === seq && known.hash === hash) return undefined;
    return `${what}, which is not the last one before: that one was exchanged or added.`;
  }

  #leave(head: ChainHead): void {
    if (!this.#ends.has(head.writer)) this.#before.push(head);
    this.#left.set(head.writer, head);
    this.#ends.set(head.writer, ended);
  }

  #sealProblem(line: WholeLine): string | undefined {
    const { chain } = line;
    const isKeyed = chain.alg === "hmac-sha256";
    if (isKeyed && this.#key === undefined) {
      return 'It is sealed with a key. Give that "key" to verify it.';
    }
    if (!isKeyed && this.#key !== undefined) {
      return (
        'It is not sealed with a key, and one was given. Leave "key" out if this log has none; ' +
        "if it has one, somebody else wrote this line."
      );
    }
    if (line.hash(this.#key) === chain.hash) return undefined;
    return isKeyed
      ? "Its hash does not fit: it was changed, or sealed with another key."
      : "Its hash does not fit: it was changed.";
  }

  #orderProblem({ chain: { writer, seq, prev } }: WholeLine): string | undefined {
    const end = this.#ends.get(writer);
    const next = end === undefined ? 0 : end.seq + 1;
    const what = `It is record ${seq} of writer ${writer}`;
    if (seq < next) return `${what}, which was there already: it was repeated or moved.`;
    if (seq > next) return `${what}, and record ${next} was to come: that one was taken out or moved.`;
    if (prev !== (end?.hash ?? firstPrev)) {
      return `${what}, and does not follow the one before: that one was exchanged.`;
    }
    if (end === undefined || end.file === this.#file) return undefined;
    return `${what}, whose chain is in another file: it was moved.`;
  }

  #placeProblem({ chain: { writer, at } }: WholeLine, start: number): string | undefined {
    if (start < at) {
      return `It was written behind byte ${at} and stands at byte ${start}: something before it was taken out.`;
    }
    const end = this.#ends.get(writer)?.end ?? 0;
    if (at < end) {
      // Whoever looks at the end of the file sees at least what they have written themselves.
      return `It was written behind byte ${at}, within the record before it: something was put in before that one.`;
    }
    return undefined;
  }
}
