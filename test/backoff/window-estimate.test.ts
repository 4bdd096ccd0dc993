import { expect, it } from "vitest";
import { estimateAfter, type CountedWindow } from "../../src/backoff/window-estimate.js";

const window: CountedWindow = {
  remaining: 0,
  isTold: false,
  isWhole: true,
  succeeded: 20,
  refused: false,
  toldLimit: null,
};

it("a window that was used up without a refusal lets the estimate grow: fast while it is a guess", () => {
  expect(estimateAfter(window, 20)).toBe(22);
  expect(estimateAfter({ ...window, isWhole: false }, 20)).toBe(40);
});

it("a window that was not used up says nothing", () => {
  expect(estimateAfter({ ...window, remaining: 1 }, 20)).toBe(20);
  expect(estimateAfter({ ...window, remaining: null }, null)).toBeNull();
});

it("a refusal shows the limit: by what got through, and the first time by what the server names", () => {
  const refused = { ...window, refused: true };
  expect(estimateAfter(refused, 40)).toBe(20);
  expect(estimateAfter({ ...refused, succeeded: 0 }, 40)).toBe(1);
  expect(estimateAfter({ ...refused, toldLimit: 50 }, null)).toBe(50);
  expect(estimateAfter({ ...refused, toldLimit: 50 }, 50)).toBe(20);
});
