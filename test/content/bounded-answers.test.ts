import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { withinDepth } from "../../src/content/bounded-depth.js";
import { boundedText, longestText } from "../../src/content/bounded-text.js";
import { dataText } from "../../src/content/data-text.js";

function nested(depth: number): unknown {
  let value: unknown = "inside";
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { value };
  return value;
}

describe("data of others", () => {
  test("are kept as they are where they are not deep", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 20 }), (value) => {
        expect(withinDepth(value)).toBe(value);
      }),
    );
    const date = { at: new Date(0) };
    expect(withinDepth(date)).toBe(date);
  });

  test.each([101, 1000, 200_000])("lose what lies %i deep", (depth) => {
    const kept = withinDepth(nested(depth));
    expect(JSON.stringify(kept)).toMatch(/nested too deep/);
    expect(JSON.stringify(kept).length).toBeLessThan(2000);
  });

  test("that hold themselves, big numbers or what throws are told all the same", () => {
    const circle: unknown[] = [];
    circle.push(circle);
    expect(dataText(circle)).toContain("nested too deep");
    expect(dataText({ big: 2n ** 70n })).toContain("1180591620717411303424");
    const throwing = {
      toJSON: () => {
        throw new Error("no");
      },
    };
    expect(dataText({ throwing })).toBe("Done; the answer cannot be shown.");
    expect(dataText(undefined)).toBe("Done; there is nothing to show.");
  });
});

describe("a text for a model", () => {
  test("is what it was, up to the bound", () => {
    expect(boundedText("a".repeat(longestText))).toBe("a".repeat(longestText));
  });

  test("loses its middle past the bound, and says how much", () => {
    const text = boundedText(`first\n${"x".repeat(longestText)}\ncursor exactly "abc"`);
    expect(text.length).toBeLessThanOrEqual(longestText);
    expect(text).toMatch(/^first\n/);
    expect(text).toMatch(/cursor exactly "abc"$/);
    const left = Number(/\((\d+) of \d+ characters are left out here/.exec(text)?.[1]);
    expect(left).toBeGreaterThan(0);
  });
});
