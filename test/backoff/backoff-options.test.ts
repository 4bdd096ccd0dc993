import { expect, it } from "vitest";
import { backoffSetup, type BackoffOptions } from "../../src/backoff/backoff-options.js";
import { createGate } from "../../src/backoff/create-gate.js";
import { ToolsetError } from "../../src/errors/toolset-error.js";

it.each<[unknown, string]>([
  [{ maxWaitMs: 0 }, '"maxWaitMs" is 0. It must be a positive number of milliseconds.'],
  [{ maxWaitMs: -5 }, '"maxWaitMs" is -5.'],
  [{ maxWaitMs: Number.NaN }, '"maxWaitMs" is NaN.'],
  [{ maxWaitMs: "60s" }, '"maxWaitMs" is "60s".'],
  [{ maxAttempts: 0 }, '"maxAttempts" is 0. It must be a whole number from 1 on.'],
  [{ maxAttempts: 2.5 }, '"maxAttempts" is 2.5.'],
  [{ onBackoff: "log" }, '"onBackoff" is "log". It must be a function.'],
  [{ gate: {} }, '"gate" is an object. Make one with createGate().'],
  [{ gate: null }, '"gate" is null.'],
  [
    { maxWait: 5 },
    '"maxWait" is not an option of backoff. Did you mean "maxWaitMs"? There are: maxWaitMs, maxAttempts, onBackoff, gate.',
  ],
  [false, '"backoff" is false.'],
  [null, '"backoff" is null.'],
])("%j is refused", (options, text) => {
  const setup = () => backoffSetup(options as BackoffOptions);
  expect(setup).toThrow(text);
  expect(setup).toThrow(ToolsetError);
  expect(setup).toThrow('"code":"invalid_argument"');
});

it("true, and options without a value, stand for the defaults", () => {
  for (const options of [true, {}, { maxWaitMs: undefined, gate: undefined }] as const) {
    expect(backoffSetup(options)).toMatchObject({ maxWaitMs: 60_000, maxAttempts: 6 });
  }
});

it("a given gate is used, and otherwise each setup has one of its own", () => {
  const gate = createGate();
  expect(backoffSetup({ gate }).gate).toBe(gate);
  expect(backoffSetup(true).gate).not.toBe(backoffSetup(true).gate);
});

it("a wait without an end may be asked for", () => {
  expect(backoffSetup({ maxWaitMs: Number.POSITIVE_INFINITY }).maxWaitMs).toBe(Number.POSITIVE_INFINITY);
});
