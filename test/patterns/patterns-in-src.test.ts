import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { isLinearPattern } from "../../src/patterns/linear-pattern.js";
import { adversarialTexts, countSteps } from "../support/backtracking.js";
import { patternsIn } from "./patterns-in-src.js";

const { known, unknown } = patternsIn(fileURLToPath(new URL("../../src", import.meta.url)));

test("every regular expression of the source is found", () => {
  expect(known.length).toBeGreaterThan(90);
  const shown = known.map(({ place, source }) => `${place.replace(/:\d+$/, "")} ${source}`);
  expect(shown).toContain("user.ts ^[A-Z0-9]{26}$");
  expect(shown.some((one) => one.startsWith("backoff/http-time.ts ^(?:Mon|"))).toBe(true);
});

test("those that are made of what is not known in advance are few, and each is safe for a reason", () => {
  const reasons: Record<string, string> = {
    "openapi/tool-names.ts": "one bounded class between ^ and $",
    "patterns/alphabet.ts": "reads one character at a time",
    "patterns/parse-pattern.ts": "reads nothing: whether it compiles is the question",
    "sandbox/request-check.ts": "made of the documented paths, whose parameters hold no slash",
  };
  expect([...new Set(unknown.map(({ file }) => file))].sort()).toEqual(Object.keys(reasons).sort());
});

describe("takes time in proportion to the text, whatever the text", () => {
  test.each(known)("$place /$source/$flags", ({ source, flags }) => {
    expect(isLinearPattern(source, flags), "not known to be linear by its form").toBe(true);
    for (const text of adversarialTexts(source, flags, 300)) {
      const { steps, size } = countSteps(source, flags, text, 1e6);
      expect(steps, text.slice(0, 30)).toBeLessThanOrEqual(3 * size * (text.length + 2));
    }
  });

  test("also where JavaScript itself runs them, on long texts", () => {
    const slow = known.filter(({ source, flags }) => {
      const pattern = new RegExp(source, flags.replace("y", "").replace("g", "") + "g");
      return adversarialTexts(source, flags, 20_000).some((text) => {
        // A pause of the machine is not the pattern's: what is slow is slow three times.
        return [1, 2, 3].every(() => {
          const since = performance.now();
          text.replace(pattern, "");
          return performance.now() - since > 80;
        });
      });
    });
    expect(slow).toEqual([]);
  });
});
