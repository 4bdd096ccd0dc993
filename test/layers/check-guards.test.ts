import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { guard, isToolsetError, ToolManager, type GuardOptions } from "langchain-1password";
import { someCredentials, someId } from "../support/credentials.js";
import { thrownBy } from "../support/errors.js";
import { readEmailAddress } from "../../src/email-address.js";

const ask = () => ({ decision: "approve" });

/** Both ways in, and what an id is there. */
const takers: [string, (options: object) => unknown, RegExp][] = [
  ["ToolManager", (options) => new ToolManager({ ...someCredentials, ...options }), /^[A-Z0-9]{26}$/],
  ["guard", (options) => guard([], options), /^[^\s*]+$/],
];

const isOneOf =
  (...allowed: unknown[]) =>
  (value: unknown) =>
    allowed.includes(value);
const isPositive = (value: unknown) => Number.isFinite(value) && (value as number) > 0;
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

/** What fits each option, said here a second time and in other words. */
const fits = (isId: RegExp): Record<keyof GuardOptions, (value: unknown) => boolean> => ({
  identity: isOneOf("required", "optional", "off"),
  repeats: isOneOf(true, false),
  dryRun: isOneOf(true, false),
  requireReason: isOneOf(true, false),
  onWarning: (value) => typeof value === "function",
  actor: (value) => typeof value === "string" && /\S/.test(value),
  protect: (value) =>
    typeof value === "function" || (Array.isArray(value) && [...(value as unknown[])].every(isProtectable)),
  taskUsers: (value) =>
    Array.isArray(value) &&
    [...(value as unknown[])].every(
      (one) =>
        typeof one === "string" &&
        (one.includes("@") ? /^[^*]+$/.test(readEmailAddress(one).address ?? "*") : isId.test(one)),
    ),
  maxWrites: (value) =>
    isObject(value) &&
    Number.isSafeInteger(value.count) &&
    Number(value.count) >= 0 &&
    isPositive(value.windowMs),
  audit: (value) => isObject(value) && typeof value.write === "function",
  approval: (value) => {
    if (!isObject(value) || typeof value.ask !== "function") return false;
    const { ask: _ask, key, store, ttlMs, when, ...others } = value;
    return (
      Object.keys(others).length === 0 &&
      (key === undefined ||
        ((typeof key === "string" || key instanceof Uint8Array) && (key as string).length >= 16)) &&
      (store === undefined || isStore(store)) &&
      (key === undefined || (isObject(store) && "remember" in store)) &&
      (ttlMs === undefined || isPositive(ttlMs)) &&
      (when === undefined || when === "always")
    );
  },
});

function isStore(store: unknown): boolean {
  if (!isObject(store)) return false;
  const [consume, ...others] = [store.consume, store.remember, store.recall].map((one) => typeof one);
  return consume === "function" && others.filter((one) => one === "function").length !== 1;
}

function isProtectable(entry: unknown): boolean {
  if (typeof entry === "function") return true;
  if (typeof entry !== "string") return false;
  if (/^[A-Z0-9]{26}$/.test(entry)) return true;
  if (/^\*@(?:[^\s@*.]+\.)*[^\s@*.]+[\s.]*$/.test(entry)) return true;
  return !entry.includes("*") && readEmailAddress(entry).address !== undefined;
}

const storeWith = (methods: readonly string[]) =>
  Object.fromEntries(methods.map((name) => [name, () => undefined]));
const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
});
const odd = fc.constantFrom(
  ...([Number.NaN, Infinity, -1, 0, 0.5, 2 ** 53, null, Symbol("s"), () => true, [], {}] as const),
  ...(["", " ", "required ", "Off", "true", new Date(Number.NaN), new Proxy({}, {})] as const),
);
const misspelt = [
  ...[someId.toLowerCase(), `${someId}A`, "", "*", "@", "*@", "@example.com", "**@x.com", "a*@x.com"],
  ...["*@*.x.com", "*@a@b", "a b@c", "m.scott", " *@example.com", "*@x.*", "*@b*", "a@b*"],
];
const entry = fc.oneof(
  fc.constantFrom(someId, "m.scott@example.com", "*@example.com", ...misspelt),
  fc.string({ unit: fc.constantFrom("*", "@", "a", ".", " ") }),
  anything,
  fc.constant(() => false),
);
const mixed = (own: fc.Arbitrary<unknown>) => fc.oneof(own, odd, anything);
const values: Record<keyof GuardOptions, fc.Arbitrary<unknown>> = {
  identity: mixed(fc.constantFrom("required", "optional", "off")),
  repeats: mixed(fc.boolean()),
  dryRun: mixed(fc.boolean()),
  requireReason: mixed(fc.boolean()),
  onWarning: mixed(fc.constant(() => undefined)),
  actor: mixed(fc.string()),
  protect: mixed(fc.array(entry, { maxLength: 3 })),
  taskUsers: mixed(fc.array(entry, { maxLength: 3 })),
  maxWrites: fc.oneof(
    fc.record({ count: mixed(fc.integer()), windowMs: fc.constant(1000) }, { requiredKeys: [] }),
    fc.record({ count: fc.constant(10), windowMs: mixed(fc.double()) }, { requiredKeys: [] }),
    odd,
    anything,
  ),
  audit: mixed(fc.record({ write: mixed(fc.constant(() => undefined)) })),
  approval: mixed(
    fc.record(
      {
        ask: fc.oneof({ weight: 5, arbitrary: fc.constant(ask) }, odd),
        key: mixed(fc.oneof(fc.string({ maxLength: 32 }), fc.uint8Array({ maxLength: 32 }))),
        store: mixed(fc.subarray(["consume", "remember", "recall"]).map(storeWith)),
        ttlMs: mixed(fc.double()),
        when: mixed(fc.constant("always")),
        until: anything,
      },
      { requiredKeys: ["ask"] },
    ),
  ),
};

describe.each(takers)("%s", (_taker, take, isId) => {
  test.each(Object.keys(values) as (keyof GuardOptions)[])(
    "takes what fits %s, and refuses everything else by naming it",
    (option) => {
      fc.assert(
        fc.property(values[option], (value) => {
          if (value === undefined || fits(isId)[option](value)) {
            take({ [option]: value });
            return;
          }
          try {
            take({ [option]: value });
          } catch (error) {
            if (!isToolsetError(error)) throw error;
            expect(error.code).toBe("invalid_argument");
            expect(error.text).toMatch(new RegExp(`^"${option}[."]|is not an option of ${option}\\.`));
            expect(error.text.length).toBeLessThan(400);
            return;
          }
          expect.unreachable("it was taken");
        }),
      );
    },
  );

  test("refuses an option that nobody knows, and lists those there are", () => {
    const error = thrownBy(() => take({ protects: [] }));
    expect(error.text).toMatch(/"protects" is not an option.*identity, protect, taskUsers, maxWrites/);
  });

  test("refuses to ask past a budget that there is none of", () => {
    const error = thrownBy(() => take({ approval: { ask, when: "past-budget" } }));
    expect(error.text).toMatch(/^"approval\.when" is "past-budget".*"maxWrites"/);
    const maxWrites = { count: 1, windowMs: 1000 };
    expect(() => take({ approval: { ask, when: "past-budget" }, maxWrites })).not.toThrow();
  });

  test("refuses every entry that would protect nobody, and shows it", () => {
    for (const word of misspelt) {
      const error = thrownBy(() => take({ protect: ["m.scott@example.com", word] }));
      expect(error.text).toMatch(/^"protect" .*, which does not fit\. Give a list of ids, whole emails/);
      expect(error.text).toContain(JSON.stringify(word));
    }
  });

  test("shows a text in the place of a list, and what a budget is made of", () => {
    const text = thrownBy(() => take({ protect: "m.scott@example.com" })).text;
    expect(text).toMatch(/^"protect" is or holds "m\.scott@example\.com".* Give a list of/);
    const budget = thrownBy(() => take({ maxWrites: 5 })).text;
    expect(budget).toBe(
      '"maxWrites" takes an object of options, and was given 5. There are: count, windowMs.',
    );
  });

  test("lists each option once", () => {
    const { text } = thrownBy(() => take({ zzz: 1 }));
    expect(text.match(/onWarning/g)).toHaveLength(1);
  });

  test("never shows a key, whatever is wrong with it", () => {
    const bytes = new Uint8Array(15).fill(65);
    const short = ["271828182845", "271828182845904", bytes];
    for (const key of [271_828_182_845, ["271828182845"], { key: "271828182845" }, ...short]) {
      const store = storeWith(["consume", "remember", "recall"]);
      const error = thrownBy(() => take({ approval: { ask, key, store } }));
      expect(error.text).toMatch(/^"approval\.key"/);
      expect(error.message).not.toMatch(/271828|65|AAA/);
    }
  });
});
