/** The characters that a pattern tells apart. */
export interface Alphabet {
  /** One of each class, by index. */
  readonly symbols: readonly number[];
  /** Whether a state reads the characters of a class. */
  readonly reads: (state: number, symbol: number) => boolean;
}

const ascii = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));

/**
 * Sorts all characters into classes that no state of a pattern tells apart. What is not ASCII is one class: a state
 * that may read any of it is taken to read all of it, which finds more ways through a pattern and never fewer.
 *
 * @param characters - what each state reads, as it is written in the pattern
 */
export function alphabetOf(characters: readonly string[], flags: string): Alphabet {
  const plainFlags = flags.replace(/[gmy]/g, "");
  const rows = new Map<string, string>();
  for (const source of new Set(characters)) {
    const reader = new RegExp(`^(?:${source})$`, plainFlags);
    const isAscii = readsAsciiAlone(source) && !(flags.includes("i") && flags.includes("u"));
    rows.set(source, ascii.map((one) => (reader.test(one) ? "1" : "0")).join("") + (isAscii ? "0" : "1"));
  }
  const columns = new Map<string, number>();
  for (let symbol = 0; symbol <= ascii.length; symbol += 1) {
    const column = [...rows.values()].map((row) => row[symbol]).join("");
    if (!columns.has(column)) columns.set(column, symbol);
  }
  return {
    symbols: [...columns.values()],
    reads: (state, symbol) => rows.get(characters[state] ?? "")?.[symbol] === "1",
  };
}

/** Whether a character, escape or class is known to hold nothing but ASCII. */
function readsAsciiAlone(source: string): boolean {
  if (source.startsWith("[^") || source === ".") return false;
  return /^(?:[\x20-\x5b\x5d-\x7e]|\\[dwtnrfv0\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e])*$/.test(source);
}
