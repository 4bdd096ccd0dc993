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

  it("two durations in words are one, which is as long as both", () => {
    expect(read({ "retry-after": "1 minute, 5 seconds" })).toEqual(known({ retryAfterMs: 65_000 }));
    expect(read({ "retry-after": "60s, 5s" })).toEqual(known({ retryAfterMs: 60_000 }));
  });

  it.each([
    ["seconds with a fraction", "29.5"],
    ["seconds with a stray semicolon", "29.5;"],
    ["seconds in quotes", '"29.5"'],
    ["minutes and seconds in words, with a comma between them", "0 minutes, 29.5 seconds"],
    ["seconds with their unit", "29.5s"],
    ["seconds in words", "29.5 seconds"],
    ["milliseconds with their unit", "29500ms"],
    ["a duration as Go writes it", "0m29.5s"],
    ["a duration by ISO 8601", "PT29.5S"],
    ["Unix seconds with a fraction", `${nowS + 29.5}`],
    ["Unix milliseconds", `${now + 29_500}`],
    ["Unix microseconds", `${now + 29_500}000`],
    ["Unix nanoseconds", `${now + 29_500}000000`],
    ["RFC 3339", "2026-11-05T12:00:29.5Z"],
    ["RFC 3339 with an offset", "2026-11-05T14:00:29.500+02:00"],
    ["RFC 3339 with a space", "2026-11-05 12:00:29.5 UTC"],
    ["a time as Go writes it", "2026-11-05 07:00:29.5 -0500"],
  ])("a wait may be told as %s", (_, value) => {
    expect(read({ "retry-after": value })).toEqual(known({ retryAfterMs: 29_500 }));
    expect(read({ "x-ratelimit-remaining": "0", "x-ratelimit-reset": value })).toEqual(
      known({ remaining: 0, resetMs: 29_500 }),
    );
  });

  it.each([
    "Thu, 05 Nov 2026 12:01:30 UTC",
    "Thu, 05 Nov 2026 12:01:30 UT",
    "Thu, 05 Nov 2026 12:01:30 +0000",
    "Thu, 05 Nov 2026 14:01:30 GMT+0200",
    "Thu, 5 Nov 2026 12:01:30 GMT",
    "05 Nov 2026 12:01:30 GMT",
    "Thursday, 05-Nov-26 12:01:30 UTC",
    "Thu Nov  5 12:01:30 UTC 2026",
    "Thu Nov 05 2026 12:01:30 GMT+0000 (Coordinated Universal Time)",
    "2026-11-05T12:01:30+00:00",
  ])("a wait may be told as the date %s", (value) => {
    expect(read({ "retry-after": value })).toEqual(known({ retryAfterMs: 90_000 }));
    expect(read({ "ratelimit-reset": value })).toEqual(known({ resetMs: 90_000 }));
  });

  it.each([
    ["retry-after-ms", "4500"],
    ["x-ms-retry-after-ms", "4500"],
    ["x-rate-limit-retry-after-seconds", "4.5"],
    ["x-ratelimit-retry-after", "4.5"],
  ])("%s is a wait as well", (name, value) => {
    expect(read({ [name]: value })).toEqual(known({ retryAfterMs: 4_500 }));
  });

  it("of the same wait in two fields, the longer one counts", () => {
    expect(read({ "retry-after": "5", "retry-after-ms": "4500" })?.retryAfterMs).toBe(5_000);
  });

  it("a reset told from now is taken before one that needs a clock", () => {
    expect(read({ "x-ratelimit-reset": `${nowS + 900}`, "x-ratelimit-reset-after": "5.1" })?.resetMs).toBe(
      5_100,
    );
  });

  it("a limit of requests may have its name at the end", () => {
    expect(
      read({
        "x-ratelimit-limit-requests": "20",
        "x-ratelimit-remaining-requests": "3",
        "x-ratelimit-reset-requests": "6m0s",
        "x-ratelimit-remaining-tokens": "1",
      }),
    ).toEqual(known({ limit: 20, remaining: 3, resetMs: 360_000 }));
  });

  it.each([
    '"default";r=3;t=12;',
    '"default";r=3;;t=12',
    '"default";r=3;t=12,',
    '"a;b,";r=3;t=12 ; ',
    '"default";r=3;t=@1793880012',
    '"default";r=3;t="12s"',
  ])("a draft 8 limit is read from %j", (ratelimit) => {
    expect(read({ ratelimit })).toEqual(known({ remaining: 3, resetMs: 12_000 }));
  });

  it.each(["limit=20, remaining=3, reset=12.5", "limit=20, remaining=3, reset=12.5s;"])(
    "a draft 7 limit is read from %j",
    (ratelimit) => {
      expect(read({ ratelimit })).toEqual(known({ limit: 20, remaining: 3, resetMs: 12_500 }));
    },
  );

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
    expect(read(headers("Thu, 05 Nov 2026 12:01:00 UTC"))?.resetMs).toBe(40_000);
  });

  it("seconds from now need no clock", () => {
    expect(read({ "ratelimit-reset": "8", date: "Thu, 05 Nov 2026 18:00:00 GMT" })?.resetMs).toBe(8_000);
  });
});

describe("nonsense", () => {
  it.each([
    "-1",
    "NaN",
    "Infinity",
    "1e3",
    "0x10",
    "soon",
    "",
    "5 fortnights",
    "5s6",
    "P",
    "PT",
    "1,000",
    "November 5, 2026 12:00:30 UTC",
    "2026-11-05T12:00:30",
    "2026-11-31T12:00:30Z",
    "Thu, 05 Nov 2026 25:00:30 GMT",
    "Thu, 05 Nov 2026 12:00:30 PST",
    "00:00:30",
    "99999999999999999999",
  ])("a reset of %j is not known, rather than 0", (value) => {
    expect(read({ "ratelimit-reset": value, "ratelimit-remaining": "0" })?.resetMs).toBeNull();
    expect(read({ "retry-after": value })).toBeNull();
  });

  it("of several waits, one that cannot be read makes all of them unknown: it may be the longest", () => {
    expect(read({ "retry-after": "5, later" })).toBeNull();
    expect(read({ "retry-after": "5", "retry-after-ms": "later" })).toBeNull();
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
    fc.constantFrom(
      "-0",
      "NaN",
      "Infinity",
      "-Infinity",
      "1e999",
      "٣",
      "0.5",
      "1,2",
      "2026-11-05T12:00:30Z",
      "5s",
      "PT5S",
    ),
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

  const instants: readonly ((at: Date) => string)[] = [
    (at) => at.toUTCString(),
    (at) => at.toUTCString().replace("GMT", "UTC"),
    (at) => at.toUTCString().replace("GMT", "+0000"),
    (at) => at.toUTCString().replace("GMT", "Z"),
    (at) => at.toUTCString().replace("GMT", "EST"),
    (at) => at.toUTCString().replace(" GMT", ""),
    (at) => at.toUTCString().slice(5),
    (at) => at.toISOString(),
    (at) => at.toISOString().replace("Z", ""),
    (at) => at.toISOString().replace("T", " ").replace("Z", " UTC"),
    (at) => at.toISOString().replace("Z", "+00:00"),
    (at) => at.toISOString().replace(/[-:]/g, ""),
    (at) => at.toString(),
    (at) => at.toLocaleString("en-US", { timeZone: "UTC" }),
    (at) => at.toLocaleString("de-DE", { timeZone: "UTC" }),
    (at) => at.toLocaleDateString("en-US", { timeZone: "UTC", dateStyle: "full" }),
    (at) => at.toLocaleTimeString("en-GB", { timeZone: "UTC" }),
    (at) => `${at.getTime() / 1000}`,
    (at) => `${at.getTime()}`,
    (at) => `${at.getTime()}123`,
    (at) => `${at.getTime()}123456`,
    (at) => (at.getTime() / 1000).toExponential(),
  ];
  const durations: readonly ((ms: number) => string)[] = [
    (ms) => `${ms / 1000}`,
    (ms) => `${ms / 1000}s`,
    (ms) => `${ms / 1000} sec`,
    (ms) => `${ms}ms`,
    (ms) => `${ms / 60_000} minutes`,
    (ms) => `${Math.floor(ms / 60_000)}m${(ms % 60_000) / 1000}s`,
    (ms) => `${Math.floor(ms / 60_000)} minutes and ${(ms % 60_000) / 1000} seconds`,
    (ms) => `${Math.floor(ms / 60_000)}:${(ms % 60_000) / 1000}`,
    (ms) => `PT${ms / 1000}S`,
    (ms) => (ms / 1000).toLocaleString("en-US"),
    (ms) => (ms / 1000).toExponential(),
  ];
  const around = fc.constantFrom<((text: string) => string)[]>(
    (text) => text,
    (text) => ` ${text} `,
    (text) => `${text};`,
    (text) => `${text},`,
    (text) => `"${text}"`,
    (text) => `${text}, ${text}`,
    (text) => `${text}; comment=1`,
    (text) => `after ${text}`,
    (text) => `${text} or so`,
  );

  it.each(["retry-after", "ratelimit-reset", "x-ratelimit-reset", "x-rate-limit-reset-after"])(
    "a wait in %s is read as what it was written for, or not at all, in whatever way it is written",
    (name) => {
      // Days, so that nothing is lost in a form that tells no fraction of a second.
      const ms = fc.integer({ min: 1, max: 30 * 24 * 3600 }).map((seconds) => seconds * 1000);
      const form = fc.oneof(
        fc.constantFrom(...instants.map((write) => (wait: number) => write(new Date(now + wait)))),
        fc.constantFrom(...durations),
      );
      fc.assert(
        fc.property(ms, form, around, (wait, write, wrap) => {
          const text = wrap(write(wait));
          const parsed = read({ [name]: text });
          const told = parsed?.retryAfterMs ?? parsed?.resetMs ?? null;
          // A fraction of a minute has an end, and floating point numbers an exactness.
          if (told !== null) expect(Math.abs(told - wait), text).toBeLessThanOrEqual(1_000);
        }),
        { numRuns: 1_000 },
      );
    },
  );

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
