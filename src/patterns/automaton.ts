import type { Pattern } from "./parse-pattern.js";
import { alphabetOf } from "./alphabet.js";

/** The states that a pattern's characters make, after Glushkov: a state is "this character was read last". */
export interface Automaton {
  readonly states: number;
  /** Where a state leads, whatever is read. */
  readonly edges: readonly (readonly number[])[];
  /** Where each class of characters leads from a state. */
  readonly follow: (state: number) => readonly (readonly number[])[];
  /** Whether the match may end in a state, whatever follows in the text. */
  readonly isFree: (state: number) => boolean;
}

/** Patterns of more states are not looked at. */
const mostStates = 300;
/** More copies of a repeated part than these are taken for any number of them, which allows more and never less. */
const mostCopies = 100;

/** The text's start, and every later place where a match may begin. */
export const atStart = 0;
const searching = 1;

/** What a part of a pattern adds: where it begins and ends, and whether it may be empty. */
interface Fragment {
  /** States that it may begin in; `true` for those that only the text's start leads to. */
  readonly first: ReadonlyMap<number, boolean>;
  /** States that it may end in; `true` for those that no condition follows. */
  readonly last: ReadonlyMap<number, boolean>;
  /** In how many ways it may be empty. */
  readonly empty: number;
  /** Whether it is empty only under a condition, such as `$` or a look ahead. */
  readonly isConditional: boolean;
  /** Whether it is empty only at the text's start. */
  readonly isAnchored: boolean;
}

const nothing: Fragment = {
  first: new Map(),
  last: new Map(),
  empty: 1,
  isConditional: false,
  isAnchored: false,
};

/**
 * Makes the automaton of a pattern, searched for in a text.
 *
 * @returns `null` where the same characters take two ways through the pattern by its form alone, such as in `(a*)*`,
 * and for one that is too large
 */
export function compileAutomaton(pattern: Pattern, flags: string): Automaton | null {
  const builder = new AutomatonBuilder(flags);
  const whole = builder.build(pattern);
  if (builder.failed) return null;
  const { characters, edges } = builder;
  const free = [...whole.first].filter(([, isAnchored]) => !isAnchored).map(([state]) => state);
  const isSearched = free.length > 0 && !flags.includes("y");
  edges[atStart] = [...whole.first.keys(), ...(isSearched ? [searching] : [])];
  edges[searching] = isSearched ? [...free, searching] : [];
  const { symbols, reads } = alphabetOf(characters, flags);
  const byState = edges.map((next) =>
    symbols.map((symbol) => next.filter((state) => state === searching || reads(state, symbol))),
  );
  return {
    states: edges.length,
    edges,
    follow: (state) => byState[state] ?? [],
    isFree: (state) => whole.last.get(state) === true,
  };
}

class AutomatonBuilder {
  /** What each state reads; the first two read nothing. */
  readonly characters: string[] = ["", ""];
  readonly edges: number[][] = [[], []];
  failed = false;
  readonly #isMultiline: boolean;

  constructor(flags: string) {
    this.#isMultiline = flags.includes("m");
  }

  build(pattern: Pattern): Fragment {
    if (this.failed) return nothing;
    switch (pattern.kind) {
      case "character": {
        const state = this.characters.push(pattern.source) - 1;
        this.edges.push([]);
        if (state > mostStates) this.failed = true;
        const first = new Map([[state, false]]);
        return { ...nothing, first, last: new Map([[state, true]]), empty: 0 };
      }
      case "sequence":
        return pattern.parts.reduce<Fragment>(
          (before, part) => this.#join(before, this.build(part)),
          nothing,
        );
      case "choice":
        return this.#either(pattern.options.map((option) => this.build(option)));
      case "repeat":
        return this.#repeat(pattern.part, pattern.min, pattern.max);
      case "start":
        return { ...nothing, isConditional: true, isAnchored: !this.#isMultiline };
      default:
        return { ...nothing, isConditional: true };
    }
  }

  #join(before: Fragment, after: Fragment): Fragment {
    this.#connect(before.last, after.first);
    const first = new Map(before.first);
    if (before.empty > 0) {
      for (const [state, isAnchored] of after.first) first.set(state, isAnchored || before.isAnchored);
    }
    const last = new Map(after.last);
    if (after.empty > 0) {
      for (const [state, isFree] of before.last) last.set(state, isFree && !after.isConditional);
    }
    if (before.empty > 1 && after.first.size > 0) this.failed = true;
    if (after.empty > 1 && before.last.size > 0) this.failed = true;
    return {
      first,
      last,
      empty: before.empty * after.empty,
      isConditional: before.isConditional || after.isConditional,
      isAnchored: before.isAnchored || after.isAnchored,
    };
  }

  #either(options: readonly Fragment[]): Fragment {
    const empties = options.filter(({ empty }) => empty > 0);
    return {
      first: new Map(options.flatMap(({ first }) => [...first])),
      last: new Map(options.flatMap(({ last }) => [...last])),
      empty: empties.reduce((sum, { empty }) => sum + empty, 0),
      isConditional: empties.every(({ isConditional }) => isConditional),
      isAnchored: empties.length > 0 && empties.every(({ isAnchored }) => isAnchored),
    };
  }

  #repeat(part: Pattern, min: number, max: number): Fragment {
    if (max === 0) return nothing;
    const copies = min <= mostCopies ? min : 1;
    let whole = nothing;
    for (let copy = 0; copy < copies; copy += 1) whole = this.#join(whole, this.build(part));
    if (max === min && copies === min) return whole;
    const more = this.build(part);
    // Nothing, any number of times, is nothing in any number of ways.
    if (more.empty > 0) this.failed = true;
    if (max - min !== 1 || copies !== min) this.#connect(more.last, more.first);
    return this.#join(whole, { ...more, empty: 1, isConditional: false, isAnchored: false });
  }

  #connect(from: ReadonlyMap<number, boolean>, to: ReadonlyMap<number, boolean>): void {
    for (const state of from.keys()) {
      const edges = this.edges[state] ?? [];
      for (const next of to.keys()) {
        if (edges.includes(next)) this.failed = true;
        edges.push(next);
      }
    }
  }
}
