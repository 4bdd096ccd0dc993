import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isLinearPattern } from "../../src/patterns/linear-pattern.js";
import { adversarialTexts, countSteps } from "../support/backtracking.js";

describe("a pattern is known to be linear", () => {
  test.each([
    ["\\S", "u"],
    ["^[A-Z0-9]{26}$", "u"],
    ["^[a-z0-9]+(-[a-z0-9]+)*$", "u"],
    ["^[^@\\s]+@[^@\\s.]+(?:\\.[^@\\s.]+)+$", "u"],
    ["^.*foo$", "u"],
    ["^a*a*", "u"],
    ["^a*b*c*$", "u"],
    ["^(?=.*\\d)(?=.*[a-z]).{8,}$", "u"],
    ["^(?:(?:25[0-5]|2[0-4]\\d|[01]?\\d\\d?)\\.){3}(?:25[0-5]|2[0-4]\\d|[01]?\\d\\d?)$", "u"],
    ["^(?:(?!\\p{L})[\\p{N}\\p{P}])+$", "u"],
    ["[A-Z]+", "g"],
    ["(?<=^|\\s)\\/\\S+", "g"],
    ["a{3}$", ""],
  ])("/%s/%s", (source, flags) => {
    expect(isLinearPattern(source, flags)).toBe(true);
  });
});

describe("a pattern is not known to be linear", () => {
  test.each([
    ["^(a+)+$", "u", "repetitions within a repetition"],
    ["^(a*)*$", "u", "nothing, any number of times"],
    ["^(a|a)*$", "u", "alternatives that read the same"],
    ["^(a|ab)(c|bc)*$", "u", "alternatives that meet later"],
    ["^a*a*$", "u", "neighbours that read the same"],
    ["^.*,.*$", "u", "a separator that both sides read too"],
    ["^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", "u", "a separator that one side reads too"],
    ["\\s+$", "", "a run that is begun in each of its places"],
    ["a.*b", "", "a search to the end from each of many places"],
    ["^ +at .*$", "gm", "a start that is in many places"],
    ["b(?:b+c)*", "g", "what is looked at behind a match, and again"],
    [`^${"a?".repeat(30)}${"a".repeat(30)}$`, "u", "many that may be left out"],
    ["^(?:[a-z]+x?){2,9}$", "u", "repetitions within a bounded repetition"],
    ["^[a-z]*(?=[a-z]*1)[a-z]*2", "u", "a look ahead from each of many places"],
    ["(?<=a+)b", "u", "a look behind of any length"],
    ["^(\\w+)\\1$", "u", "a backreference"],
    ["^(?<a>x)\\k<a>$", "u", "a named backreference"],
    ["^[[a-z]--[aeiou]]+$", "v", "a flag that is not understood"],
    ["(a", "u", "what does not compile"],
    [`^${"a".repeat(2000)}$`, "u", "one that is longer than is looked at"],
    ["^x{5000}a?x{5000}$", "u", "counts beyond all bounds"],
  ])("/%s/%s: %s", (source, flags) => {
    expect(isLinearPattern(source, flags)).toBe(false);
  });
});

/** Patterns of two letters, so that parts overlap often. */
const pattern = fc.letrec((tie) => ({
  letter: fc.constantFrom("a", "b", "[ab]", "[^a]", "."),
  quantifier: fc.constantFrom("", "", "*", "+", "?", "{2}", "{1,3}", "{2,}", "*?"),
  term: fc.oneof({ maxDepth: 3 }, tie("letter"), tie("letter"), tie("group")),
  group: fc.oneof(
    fc.tuple(tie("sequence"), tie("sequence")).map(([one, other]) => `(?:${String(one)}|${String(other)})`),
    tie("sequence").map((inner) => `(${String(inner)})`),
  ),
  sequence: fc
    .array(fc.tuple(tie("term"), tie("quantifier")), { minLength: 1, maxLength: 3 })
    .map((terms) => terms.map((term) => term.join("")).join("")),
  whole: fc
    .tuple(fc.constantFrom("", "^"), tie("sequence"), fc.constantFrom("", "$", "(?=b)", "\\b"))
    .map((parts) => parts.join("")),
})).whole;

test("a pattern that is taken for linear takes no text more than in proportion to its length", () => {
  let taken = 0;
  fc.assert(
    fc.property(pattern, fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 5 }), (source, pump) => {
      if (!isLinearPattern(source, "u")) return;
      taken += 1;
      const texts = [...adversarialTexts(source, "u", 300), `${pump.join("").repeat(80)}c`];
      for (const text of texts) {
        const { steps, size } = countSteps(source, "u", text, 1e6);
        expect(steps, `/${source}/ on ${text.slice(0, 20)}…`).toBeLessThanOrEqual(
          3 * size * (text.length + 2),
        );
      }
    }),
    { numRuns: 400 },
  );
  expect(taken).toBeGreaterThan(30);
});

test("the counting matcher is as slow as a backtracking one", () => {
  const steps = (source: string, length: number) =>
    countSteps(source, "u", `${"a".repeat(length)}!`, 1e7).steps;
  expect(steps("^(a+)+$", 18)).toBeGreaterThan(2 ** 17);
  expect(steps("a+$", 400) / steps("a+$", 200)).toBeGreaterThan(3.5);
  expect(steps("^a+$", 400) / steps("^a+$", 200)).toBeLessThan(2.1);
});
