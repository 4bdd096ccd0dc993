import { createHash } from "node:crypto";

/** The letters and digits of RFC 4648's base32, of which the account's ids are made. */
export const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Letters and digits. */
export const alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** A stream of numbers that looks random and is the same whenever it starts from the same seed. */
export interface Random {
  /** A whole number from 0 up to, and without, `end`. */
  below(end: number): number;
  /** True in a share of cases, 0 to 1. */
  chance(share: number): boolean;
  pick<Item>(items: readonly [Item, ...Item[]]): Item;
  /** So many characters of an alphabet. */
  text(alphabet: string, length: number): string;
  /** Puts a list in another order, in place. */
  shuffle(items: unknown[]): void;
}

/**
 * A stream of its own for each purpose, so that one more draw for one of them changes none of the others.
 * The generator is sfc32 of PractRand, started from a hash of the seed and the purpose.
 *
 * @see https://pracrand.sourceforge.net/
 */
export function randomFrom(seed: number, purpose: string): Random {
  const start = createHash("sha256").update(`${seed}/${purpose}`).digest();
  let a = start.readInt32LE(0);
  let b = start.readInt32LE(4);
  let c = start.readInt32LE(8);
  let counter = start.readInt32LE(12);
  const fraction = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  const below = (end: number) => Math.floor(fraction() * end);
  return {
    below,
    chance: (share) => fraction() < share,
    pick: (items) => items[below(items.length)] ?? items[0],
    text: (alphabet, length) => {
      let text = "";
      for (let i = 0; i < length; i++) text += alphabet.charAt(below(alphabet.length));
      return text;
    },
    shuffle: (items) => {
      for (let i = items.length - 1; i > 0; i--) {
        const j = below(i + 1);
        [items[i], items[j]] = [items[j], items[i]];
      }
    },
  };
}
