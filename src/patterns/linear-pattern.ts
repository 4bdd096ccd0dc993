import { atStart, compileAutomaton, type Automaton } from "./automaton.js";
import { parsePattern, type Pattern } from "./parse-pattern.js";

/** The longest pattern that is looked at, in UTF-16 code units. */
const longestPattern = 1000;

/** So many ways through a pattern may be tried one by one. */
const mostWays = 10_000;

/** The longest text that a look ahead or behind may compare wherever it stands. */
const longestLook = 64;

/**
 * Whether a regular expression is known to take no more time than in proportion to the text, however the text was
 * made: used once, or with `g` over all of a text.
 *
 * A backtracking engine is slow where it comes to the same place of the pattern at the same place of the text in
 * more than one way, because it tries everything behind that place again each time. So a pattern is taken for linear
 * where no text leads to any place of it in two ways. For a pattern without `^` this includes the ways that begin
 * further on in the text: `\s+$` looks at a run of blanks from each of them.
 *
 * What is not understood (backreferences, modifiers, the flag `v`) is not known to be linear.
 *
 * @see https://doi.org/10.1007/978-3-642-31606-7 for the ambiguity of automata as the cause of slow matching
 * (Weideman et al. build on it in "Analyzing Matching Time Behavior of Backtracking Regular Expression Matchers")
 * @see https://owasp.org/www-community/attacks/Regular_expression_Denial_of_Service_-_ReDoS
 */
export function isLinearPattern(source: string, flags = "u"): boolean {
  if (source.length > longestPattern) return false;
  const pattern = parsePattern(source, flags);
  return pattern !== null && isLinear(pattern, flags);
}

function isLinear(pattern: Pattern, flags: string): boolean {
  const leading = leadingLooks(pattern, flags);
  return (
    // What is looked at once, from the text's start, may be of any length.
    leading.every((look) => isUnambiguous(fromHere(look), flags)) &&
    looksIn(pattern)
      .filter((look) => !leading.includes(look))
      .every((look) => longest(look.part) <= longestLook && isUnambiguous(fromHere(look), flags)) &&
    isUnambiguous(pattern, flags)
  );
}

/** The looks ahead that stand before everything else, behind the `^` that only the text's start fulfils. */
function leadingLooks(pattern: Pattern, flags: string): Look[] {
  const parts = pattern.kind === "sequence" && !flags.includes("m") ? pattern.parts : [];
  const isLeading = (part: Pattern) => part.kind === "start" || part.kind === "ahead";
  const end = parts.findIndex((part) => !isLeading(part));
  const leading = parts.slice(0, end === -1 ? parts.length : end);
  if (!leading.some(({ kind }) => kind === "start")) return [];
  return leading.filter((part): part is Look => part.kind === "ahead");
}

/** What a look reads, in the order in which it reads it. */
function fromHere({ kind, part }: Look): Pattern {
  return { kind: "sequence", parts: [{ kind: "start" }, kind === "behind" ? reversed(part) : part] };
}

function reversed(pattern: Pattern): Pattern {
  switch (pattern.kind) {
    case "sequence":
      return { kind: "sequence", parts: pattern.parts.map(reversed).reverse() };
    case "choice":
      return { kind: "choice", options: pattern.options.map(reversed) };
    case "repeat":
      return { ...pattern, part: reversed(pattern.part) };
    default:
      return pattern;
  }
}

type Look = Extract<Pattern, { kind: "ahead" | "behind" }>;

/** Every look ahead or behind in a pattern, those inside of others included. */
function looksIn(pattern: Pattern): Look[] {
  switch (pattern.kind) {
    case "sequence":
      return pattern.parts.flatMap(looksIn);
    case "choice":
      return pattern.options.flatMap(looksIn);
    case "repeat":
      return looksIn(pattern.part);
    case "ahead":
    case "behind":
      return [pattern, ...looksIn(pattern.part)];
    default:
      return [];
  }
}

/** The length of the longest text that a pattern matches, in characters. */
function longest(pattern: Pattern): number {
  switch (pattern.kind) {
    case "character":
      return 1;
    case "sequence":
      return pattern.parts.reduce((sum, part) => sum + longest(part), 0);
    case "choice":
      return Math.max(...pattern.options.map(longest));
    case "repeat": {
      const length = longest(pattern.part);
      return length === 0 ? 0 : length * pattern.max;
    }
    default:
      return 0;
  }
}

function isUnambiguous(pattern: Pattern, flags: string): boolean {
  const automaton = compileAutomaton(pattern, flags);
  return automaton !== null && (!meetsItself(automaton) || isShort(automaton));
}

/** Whether all ways through a pattern without repetitions are so few that each may be tried. */
function isShort({ edges }: Automaton): boolean {
  const ways = new Map<number, number>();
  const countFrom = (state: number): number => {
    const known = ways.get(state);
    if (known !== undefined) return known;
    // Where a way comes back to a state while it is being counted, there are ways without end.
    ways.set(state, Infinity);
    const count = (edges[state] ?? []).reduce((sum, next) => sum + countFrom(next), 1);
    ways.set(state, count);
    return count;
  };
  return countFrom(atStart) <= mostWays;
}

/** Whether some text leads to one state in two ways, and from there on may still fail to match. */
function meetsItself({ states, follow, isFree }: Automaton): boolean {
  const seen = new Set<number>();
  const open: (readonly [number, number])[] = [];
  // From a state that ends the match without a condition nothing is tried twice: the match is found.
  const isMeeting = (one: number, other: number): boolean => {
    if (one === other) return !isFree(one);
    const pair = Math.min(one, other) * states + Math.max(one, other);
    if (!seen.has(pair)) open.push([one, other]);
    seen.add(pair);
    return false;
  };
  for (let state = 0; state < states; state += 1) {
    for (const next of follow(state)) {
      for (const [index, one] of next.entries()) {
        if (next.slice(index + 1).some((other) => isMeeting(one, other))) return true;
      }
    }
  }
  for (let pair = open.pop(); pair !== undefined; pair = open.pop()) {
    const others = follow(pair[1]);
    for (const [symbol, next] of follow(pair[0]).entries()) {
      for (const one of next) {
        if (others[symbol]?.some((other) => isMeeting(one, other)) === true) return true;
      }
    }
  }
  return false;
}
