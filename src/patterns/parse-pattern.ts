/** A regular expression as a tree: what can be said of its running time, and nothing about captures. */
export type Pattern =
  /** One character: a literal, an escape, a class or the dot, as it was written. */
  | { readonly kind: "character"; readonly source: string }
  | { readonly kind: "sequence"; readonly parts: readonly Pattern[] }
  | { readonly kind: "choice"; readonly options: readonly Pattern[] }
  | { readonly kind: "repeat"; readonly part: Pattern; readonly min: number; readonly max: number }
  /** `^`, `$`, and `\b` or `\B`. */
  | { readonly kind: "start" | "end" | "boundary" }
  | { readonly kind: "ahead" | "behind"; readonly part: Pattern };

/** How deep groups may stand in each other. */
const deepest = 50;

/**
 * Reads the source of a regular expression that JavaScript compiles.
 *
 * @param source - without the slashes
 * @param flags - `v` is not understood
 * @returns `null` for what JavaScript refuses, and for what is not understood here: backreferences, modifiers
 * @see https://tc39.es/ecma262/#sec-patterns
 */
export function parsePattern(source: string, flags: string): Pattern | null {
  if (flags.includes("v") || !compiles(source, flags)) return null;
  const reader = new PatternReader(source, flags.includes("u"));
  const pattern = reader.choice(0);
  return reader.isAtEnd && !reader.failed ? pattern : null;
}

/** Whether JavaScript takes a regular expression at all. */
export function compiles(source: string, flags: string): boolean {
  try {
    // Some are refused as too large only when they are first run.
    new RegExp(source, flags).test("");
    return true;
  } catch {
    return false;
  }
}

/** Reads by recursive descent what is known to be well-formed. */
class PatternReader {
  readonly #source: string;
  readonly #isUnicode: boolean;
  #at = 0;
  /** Whether something stood there that is not understood. */
  failed = false;

  constructor(source: string, isUnicode: boolean) {
    this.#source = source;
    this.#isUnicode = isUnicode;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#source.length;
  }

  choice(depth: number): Pattern {
    if (depth > deepest) this.failed = true;
    const options = [this.#sequence(depth)];
    while (!this.failed && this.#take("|")) options.push(this.#sequence(depth));
    return options.length === 1 && options[0] !== undefined ? options[0] : { kind: "choice", options };
  }

  #sequence(depth: number): Pattern {
    const parts: Pattern[] = [];
    while (!this.failed && !this.isAtEnd && !this.#sees("|") && !this.#sees(")")) {
      parts.push(this.#quantified(this.#term(depth)));
    }
    return { kind: "sequence", parts };
  }

  #term(depth: number): Pattern {
    if (this.#take("^")) return { kind: "start" };
    if (this.#take("$")) return { kind: "end" };
    if (this.#take("\\b") || this.#take("\\B")) return { kind: "boundary" };
    if (this.#take("(?=") || this.#take("(?!")) return { kind: "ahead", part: this.#group(depth) };
    if (this.#take("(?<=") || this.#take("(?<!")) return { kind: "behind", part: this.#group(depth) };
    if (this.#take("(?:")) return this.#group(depth);
    if (this.#take("(?<")) {
      while (!this.isAtEnd && !this.#take(">")) this.#at += 1;
      return this.#group(depth);
    }
    if (this.#sees("(?")) this.failed = true;
    if (this.#take("(")) return this.#group(depth);
    return { kind: "character", source: this.#character() };
  }

  #group(depth: number): Pattern {
    const inner = this.choice(depth + 1);
    if (!this.#take(")")) this.failed = true;
    return inner;
  }

  #character(): string {
    const from = this.#at;
    if (this.#sees("[")) {
      while (!this.isAtEnd && !this.#take("]")) this.#at += this.#sees("\\") ? 2 : 1;
    } else if (this.#take("\\")) {
      const next = this.#source[this.#at] ?? "";
      // A backreference: what it matches depends on what was matched.
      if ("123456789k".includes(next)) this.failed = true;
      this.#at += this.#escapeLength(next);
    } else {
      this.#at += this.#isUnicode && (this.#source.codePointAt(this.#at) ?? 0) > 0xffff ? 2 : 1;
    }
    return this.#source.slice(from, this.#at);
  }

  /** How long what follows a backslash is. */
  #escapeLength(next: string): number {
    if (next === "x") return this.#isHex(1, 2) ? 3 : 1;
    if (next === "c") return 2;
    const isBraced = this.#source[this.#at + 1] === "{";
    if (this.#isUnicode && isBraced && "pPu".includes(next)) {
      return this.#source.indexOf("}", this.#at) + 1 - this.#at;
    }
    if (next !== "u" || !this.#isHex(1, 4)) return 1;
    const high = Number.parseInt(this.#source.slice(this.#at + 1, this.#at + 5), 16);
    const isPair = high >= 0xd800 && high < 0xdc00 && this.#source.startsWith("\\u", this.#at + 5);
    return this.#isUnicode && isPair ? 11 : 5;
  }

  #isHex(from: number, count: number): boolean {
    const digits = this.#source.slice(this.#at + from, this.#at + from + count);
    return digits.length === count && /^[0-9a-fA-F]+$/.test(digits);
  }

  #quantified(part: Pattern): Pattern {
    const times = this.#times();
    if (times === null) return part;
    this.#take("?");
    return { kind: "repeat", part, ...times };
  }

  #times(): { min: number; max: number } | null {
    if (this.#take("*")) return { min: 0, max: Infinity };
    if (this.#take("+")) return { min: 1, max: Infinity };
    if (this.#take("?")) return { min: 0, max: 1 };
    const [braces, low, comma, high] =
      /^\{(\d{1,9})(?:(,)(\d{0,9}))?\}/.exec(this.#source.slice(this.#at, this.#at + 24)) ?? [];
    if (braces === undefined) {
      // A longer number than is read here is a number all the same.
      if (this.#sees("{") && /^\{\d/.test(this.#source.slice(this.#at, this.#at + 2))) this.failed = true;
      return null;
    }
    this.#at += braces.length;
    const min = Number(low);
    return { min, max: comma === undefined ? min : high === "" ? Infinity : Number(high) };
  }

  #sees(text: string): boolean {
    return this.#source.startsWith(text, this.#at);
  }

  #take(text: string): boolean {
    if (!this.#sees(text)) return false;
    this.#at += text.length;
    return true;
  }
}
