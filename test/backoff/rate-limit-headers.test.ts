import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRateLimit, rateLimitOf } from "../../src/backoff/rate-limit-headers.js";

const now = Date.parse("2026-11-05T12:00:00Z");
const nowS = now / 1000;
const read = (headers: Record<string, string>) => parseRateLimit(headers, now);
const known = (part: Partial<NonNullable<ReturnType<typeof read>>>) => ({
  limit: null,
  remaining: null,
  resetMs: null,
  retryAfterMs: null,
  ...part,
});

describe("the forms that servers send", () => {
  const twenty = known({ limit: 20, remaining: 3, resetMs: 12_000 });

  it.each<[string, Record<string, string>]>([
    ["draft 6", { "ratelimit-limit": "20", "ratelimit-remaining": "3", "ratelimit-reset": "12" }],
    ["x-ratelimit", { "x-ratelimit-limit": "20", "x-ratelimit-remaining": "3", "x-ratelimit-reset": "12" }],
    [
      "x-rate-limit",
      { "x-rate-limit-limit": "20", "x-rate-limit-remaining": "3", "x-rate-limit-reset": "12" },
    ],
    ["draft 7", { ratelimit: "limit=20, remaining=3, reset=12", "ratelimit-policy": "20;w=60" }],
    ["draft 8", { ratelimit: '"default";r=3;t=12', "ratelimit-policy": '"default";q=20;w=60' }],
    ["draft 8 with a token", { ratelimit: "default; r=3; t=12", "ratelimit-policy": "default; q=20; w=60" }],
    [
      "Unix seconds",
      { "ratelimit-limit": "20", "ratelimit-remaining": "3", "ratelimit-reset": `${nowS + 12}` },
    ],
    [
      "Unix milliseconds",
      { "ratelimit-limit": "20", "ratelimit-remaining": "3", "ratelimit-reset": `${now + 12_000}` },
    ],
    [
      "the policy that old drafts put beside the limit",
      { "ratelimit-limit": "20, 20;w=60, 500;w=3600", "ratelimit-remaining": "3", "ratelimit-reset": "12" },
    ],
  ])("%s", (_, headers) => {
    expect(read(headers)).toEqual(twenty);
  });

  it("retry-after is read in seconds and as any of the three HTTP dates", () => {
    for (const value of [
      "90",
      "Thu, 05 Nov 2026 12:01:30 GMT",
      "Thursday, 05-Nov-26 12:01:30 GMT",
      "Thu Nov  5 12:01:30 2026",
    ]) {
      expect(read({ "retry-after": value }), value).toEqual(known({ retryAfterMs: 90_000 }));
    }
  });

  it("where a draft 8 limit names no reset, its window is the longest it can take", () => {
    expect(read({ ratelimit: '"a";r=0', "ratelimit-policy": '"a";q=5;w=10, "b";q=9;w=60' })).toEqual(
      known({ limit: 5, remaining: 0, resetMs: 10_000 }),
    );
  });

  it("what a newer form leaves out is taken from an older one", () => {
    expect(read({ ratelimit: '"a";r=4', "ratelimit-reset": "7", "x-ratelimit-remaining": "90" })).toEqual(
      known({ remaining: 4, resetMs: 7_000 }),
    );
  });
});

describe("several limits at once", () => {
  it("the one with the fewest requests left counts", () => {
    expect(
      read({
        ratelimit: '"minute";r=9;t=30, "day";r=2;t=40000',
        "ratelimit-policy": '"minute";q=10;w=60, "day";q=1000;w=86400',
      }),
    ).toEqual(known({ limit: 1000, remaining: 2, resetMs: 40_000_000 }));
  });

  it("of two with nothing left, the later reset counts", () => {
    expect(read({ ratelimit: '"a";r=0;t=3, "b";r=0;t=30, "c";r=0;t=5' })?.resetMs).toBe(30_000);
  });

  it("headers sent twice are read as several limits, in draft 6 and in draft 7", () => {
    const expected = known({ limit: 50, remaining: 0, resetMs: 9_000 });
    expect(
      read({ "ratelimit-limit": "20, 50", "ratelimit-remaining": "5, 0", "ratelimit-reset": "1, 9" }),
    ).toEqual(expected);
    expect(read({ ratelimit: "limit=20, remaining=5, reset=1, limit=50, remaining=0, reset=9" })).toEqual(
      expected,
    );
  });

  it("of two retry-after values, dates or seconds, the longer one counts", () => {
    expect(read({ "retry-after": "5, 20" })?.retryAfterMs).toBe(20_000);
    expect(
      read({ "retry-after": "Thu, 05 Nov 2026 12:00:05 GMT, Thu, 05 Nov 2026 12:00:20 GMT" })?.retryAfterMs,
    ).toBe(20_000);
  });
});

describe("clocks that differ", () => {
  const headers = (date: string) => ({ "x-ratelimit-reset": `${nowS + 100}`, date });

  it("by more than two seconds: an instant is taken on the server's clock", () => {
    expect(read(headers("Thu, 05 Nov 2026 12:01:00 GMT"))?.resetMs).toBe(40_000);
    expect(read(headers("Thu, 05 Nov 2026 11:59:00 GMT"))?.resetMs).toBe(160_000);
  });

  it("by two seconds or less: our own clock is the finer one", () => {
    expect(read(headers("Thu, 05 Nov 2026 12:00:02 GMT"))?.resetMs).toBe(100_000);
    expect(read(headers("not a date"))?.resetMs).toBe(100_000);
  });

  it("seconds from now need no clock", () => {
    expect(read({ "ratelimit-reset": "8", date: "Thu, 05 Nov 2026 18:00:00 GMT" })?.resetMs).toBe(8_000);
  });
});

describe("nonsense", () => {
  it.each(
    [
      "-1",
      "NaN",
      "Infinity",
      "1e3",
      "0x10",
      "soon",
      "",
      "2026-11-05T12:00:30Z",
      "99999999999999999999",
      `${now}000`,
    ].filter((value) => value !== "2026"),
  )("a reset of %j is not known, rather than 0", (value) => {
    expect(read({ "ratelimit-reset": value, "ratelimit-remaining": "0" })?.resetMs).toBeNull();
    expect(read({ "retry-after": value })).toBeNull();
  });

  it("an instant that is just over is now, and one that long is over is not known", () => {
    expect(read({ "ratelimit-reset": `${nowS - 3}` })?.resetMs).toBe(0);
    expect(read({ "ratelimit-reset": `${nowS - 3600}` })).toBeNull();
    expect(read({ "retry-after": "Thu, 05 Nov 2020 12:00:00 GMT" })).toBeNull();
  });

  it("a time more than a year away is in another unit", () => {
    expect(read({ "retry-after": `${60 * 60 * 24 * 500}` })).toBeNull();
    expect(read({ "retry-after": `${60 * 60 * 24 * 365}` })?.retryAfterMs).toBe(31_536_000_000);
  });

  it("nothing that can be used is null", () => {
    expect(read({})).toBeNull();
    expect(read({ ratelimit: "\u0000;;", "ratelimit-policy": "((" })).toBeNull();
  });
});

it("artifacts show a limit, and not retry-after", () => {
  expect(rateLimitOf({ "ratelimit-remaining": "3", "retry-after": "5" }, now)).toEqual({
    limit: null,
    remaining: 3,
    resetMs: null,
  });
  expect(rateLimitOf({ "retry-after": "5" }, now)).toBeNull();
});

describe("whatever a server sends", () => {
  const number = fc.oneof(
    fc.integer().map(String),
    fc.double().map(String),
    fc.bigInt().map(String),
    fc.constantFrom("-0", "NaN", "Infinity", "-Infinity", "1e999", "٣", "0.5", "1,2", "2026-11-05T12:00:30Z"),
  );
  const value = fc.oneof(
    number,
    fc.string(),
    fc.tuple(number, number, number).map(([a, b, c]) => `limit=${a}, remaining=${b}, reset=${c}`),
    fc.array(fc.tuple(number, number).map(([r, t]) => `"x";r=${r};t=${t}`)).map((items) => items.join(", ")),
    fc.tuple(number, number).map(([q, w]) => `"x";q=${q};w=${w}`),
    fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
  );
  const name = fc.constantFrom(
    "ratelimit",
    "ratelimit-policy",
    "ratelimit-limit",
    "ratelimit-remaining",
    "ratelimit-reset",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "retry-after",
    "date",
  );

  it("the reading never throws, and its numbers are whole, finite and not negative", () => {
    fc.assert(
      fc.property(fc.dictionary(name, value), fc.integer({ min: 0, max: 4e12 }), (headers, at) => {
        const parsed = parseRateLimit(headers, at);
        for (const read of Object.values(parsed ?? {})) {
          if (read === null) continue;
          expect(Number.isSafeInteger(read) && read >= 0 && !Object.is(read, -0), String(read)).toBe(true);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("what is written in a form is read from it", () => {
    const natural = fc.integer({ min: 0, max: 1_000_000 });
    fc.assert(
      fc.property(natural, natural, natural, (limit, remaining, reset) => {
        const expected = known({ limit, remaining, resetMs: reset * 1000 });
        expect(
          read({
            "ratelimit-limit": `${limit}`,
            "ratelimit-remaining": `${remaining}`,
            "ratelimit-reset": `${reset}`,
          }),
        ).toEqual(expected);
        expect(read({ ratelimit: `limit=${limit}, remaining=${remaining}, reset=${reset}` })).toEqual(
          expected,
        );
        expect(
          read({ ratelimit: `"a";r=${remaining};t=${reset}`, "ratelimit-policy": `"a";q=${limit}` }),
        ).toEqual(expected);
      }),
    );
  });
});
