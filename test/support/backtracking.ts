import { parsePattern, type Pattern } from "../../src/patterns/parse-pattern.js";

type Instruction =
  | { op: "read"; reader: RegExp }
  | { op: "split"; first: number; second: number }
  | { op: "jump"; to: number }
  | { op: "start" | "end" | "boundary" }
  | { op: "look"; program: Instruction[]; behind: boolean }
  | { op: "match" };

/**
 * Counts the steps that a backtracking matcher takes to find every match of a pattern in a text: the same work as of
 * `text.replace(pattern, …)` with `g`, by count and so independent of the machine.
 *
 * @param most - where counting stops
 * @returns the steps, and how many instructions the pattern is made of
 */
export function countSteps(
  source: string,
  flags: string,
  text: string,
  most: number,
): { steps: number; size: number } {
  const pattern = parsePattern(source, flags);
  if (pattern === null) throw new Error(`/${source}/${flags} is not understood.`);
  const program = compile(pattern, flags);
  const characters = Array.from(text);
  let steps = 0;

  /** Where a match that begins at a place ends; -1 for none. */
  function run(code: Instruction[], from: number, direction: 1 | -1): number {
    const stack: [at: number, place: number][] = [[0, from]];
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      let [at, place] = top;
      for (;;) {
        steps += 1;
        if (steps > most) return characters.length;
        const instruction = code[at]!;
        if (instruction.op === "match") return place;
        if (instruction.op === "jump") at = instruction.to;
        else if (instruction.op === "split") {
          stack.push([instruction.second, place]);
          at = instruction.first;
        } else if (instruction.op === "read") {
          const character = characters[direction === 1 ? place : place - 1];
          if (character === undefined || !instruction.reader.test(character)) break;
          place += direction;
          at += 1;
        } else if (holds(instruction, place)) at += 1;
        else break;
      }
    }
    return -1;
  }

  function holds(instruction: Instruction, place: number): boolean {
    if (instruction.op === "start") {
      return place === 0 || (flags.includes("m") && characters[place - 1] === "\n");
    }
    if (instruction.op === "end") return place === characters.length;
    if (instruction.op !== "look") return true;
    // Whether it asks for this or for its absence: the matcher looks, and may go on.
    run(instruction.program, place, instruction.behind ? -1 : 1);
    return true;
  }

  for (let place = 0; place <= characters.length && steps <= most;) {
    const end = run(program, place, 1);
    place = end > place ? end : place + 1;
    // V8 does not search on for what only the start fulfils.
    if (source.startsWith("^") && !flags.includes("m") && !source.includes("|")) break;
  }
  return { steps, size: sizeOf(program) };
}

function sizeOf(program: readonly Instruction[]): number {
  return program.reduce((sum, one) => sum + (one.op === "look" ? sizeOf(one.program) + 1 : 1), 0);
}

function compile(pattern: Pattern, flags: string): Instruction[] {
  const code: Instruction[] = [];
  const emit = (node: Pattern): void => {
    switch (node.kind) {
      case "character":
        code.push({ op: "read", reader: new RegExp(`^(?:${node.source})$`, flags.replace(/[gmy]/g, "")) });
        break;
      case "sequence":
        node.parts.forEach(emit);
        break;
      case "choice": {
        const ends: { op: "jump"; to: number }[] = [];
        node.options.forEach((option, index) => {
          const isLast = index === node.options.length - 1;
          const split = { op: "split" as const, first: code.length + 1, second: 0 };
          if (!isLast) code.push(split);
          emit(option);
          if (isLast) return;
          const end = { op: "jump" as const, to: 0 };
          ends.push(end);
          code.push(end);
          split.second = code.length;
        });
        for (const end of ends) end.to = code.length;
        break;
      }
      case "repeat": {
        for (let copy = 0; copy < node.min; copy += 1) emit(node.part);
        if (node.max === Infinity) {
          const split = { op: "split" as const, first: code.length + 1, second: 0 };
          code.push(split);
          const from = code.length - 1;
          emit(node.part);
          code.push({ op: "jump", to: from });
          split.second = code.length;
        } else {
          const splits = Array.from({ length: node.max - node.min }, () => {
            const split = { op: "split" as const, first: code.length + 1, second: 0 };
            code.push(split);
            emit(node.part);
            return split;
          });
          for (const split of splits) split.second = code.length;
        }
        break;
      }
      case "ahead":
      case "behind": {
        const part = node.kind === "behind" ? backwards(node.part) : node.part;
        const program = compile(part, flags);
        code.push({ op: "look", program, behind: node.kind === "behind" });
        break;
      }
      default:
        code.push({ op: node.kind });
    }
  };
  emit(pattern);
  code.push({ op: "match" });
  return code;
}

function backwards(pattern: Pattern): Pattern {
  switch (pattern.kind) {
    case "sequence":
      return { ...pattern, parts: pattern.parts.map(backwards).reverse() };
    case "choice":
      return { ...pattern, options: pattern.options.map(backwards) };
    case "repeat":
      return { ...pattern, part: backwards(pattern.part) };
    default:
      return pattern;
  }
}

const samples = [
  ...Array.from({ length: 127 }, (_, code) => String.fromCharCode(code)),
  "é",
  "\u200b",
  "…",
  "😀",
];

/**
 * Texts that a backtracking matcher may be slow on: for each part of a pattern what it reads, once and next to what
 * its neighbours read, over and over; with what comes before it in front, and with an end that does not fit.
 */
export function adversarialTexts(source: string, flags: string, length: number): string[] {
  const pattern = parsePattern(source, flags);
  if (pattern === null) throw new Error(`/${source}/${flags} is not understood.`);
  const read = charactersOf(pattern).map((one) => {
    const reader = new RegExp(`^(?:${one})$`, flags.replace(/[gmy]/g, ""));
    return samples
      .filter((sample) => reader.test(sample))
      .slice(0, 4)
      .concat(samples.findLast((s) => reader.test(s)) ?? []);
  });
  const starts = read.map((_, index) =>
    read
      .slice(0, index)
      .map(([first]) => first ?? "")
      .join(""),
  );
  const pumps = read.flatMap((choices, index) => {
    const [next = ""] = read[index + 1] ?? [];
    const [first = ""] = choices;
    return [...choices, first + next].map((pump) => ({ pump, start: starts[index] ?? "" }));
  });
  const texts = pumps
    .filter(({ pump }) => pump !== "")
    .flatMap(({ pump, start }) => {
      const run = pump.repeat(Math.ceil(length / pump.length));
      return [run, `${run}\0`, `${start}${run}\0`, `${start}${run}${start}`];
    });
  return [...new Set(texts)];
}

function charactersOf(pattern: Pattern): string[] {
  switch (pattern.kind) {
    case "character":
      return [pattern.source];
    case "sequence":
      return pattern.parts.flatMap(charactersOf);
    case "choice":
      return pattern.options.flatMap(charactersOf);
    case "repeat":
    case "ahead":
    case "behind":
      return charactersOf(pattern.part);
    default:
      return [];
  }
}
