import fc from "fast-check";
import { expect, test } from "vitest";
import { plainText } from "../../src/content/plain-text.js";

test.each([
  ["a line break", "Ada\r\nLovelace", "Ada Lovelace"],
  ["an override of direction", "\u202egro.live@eve", "gro.live@eve"],
  ["a zero-width space", "pay\u200bpal", "pay pal"],
  ["a soft hyphen", "in\u00advisible", "in visible"],
  ["a byte order mark", "\ufeffAda", "Ada"],
  ["tag characters", "Ada\u{e0041}\u{e0042}", "Ada"],
  ["an escape sequence", "\u001b[31mred", "[31mred"],
  ["a lone surrogate", "Ada\ud800", "Ada"],
  ["a line separator", "a\u2028b", "a b"],
])("%s does not reach the model", (_what, text, plain) => {
  expect(plainText(text, 100)).toBe(plain);
});

test("names in other scripts stay as they are", () => {
  for (const name of ["Søren Kierkegaard", "李小龍", "محمد", "Ελένη", "O'Brien-Smith, Jr."]) {
    expect(plainText(name, 100)).toBe(name);
  }
});

test("whatever comes in, one bounded line without anything invisible comes out", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary", maxLength: 400 }),
      fc.integer({ min: 1, max: 80 }),
      (text, max) => {
        const plain = plainText(text, max);
        expect(plain.length).toBeLessThanOrEqual(max);
        expect(plain).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect(plain).not.toMatch(/\p{Cs}/u);
      },
    ),
    { numRuns: 500 },
  );
});

test("a text of 10 MB costs no more than its visible part", () => {
  expect(plainText("x".repeat(10_000_000), 10)).toBe("xxxxxxxxx…");
});
