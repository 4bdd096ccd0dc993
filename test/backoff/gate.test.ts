import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createGate } from "../../src/backoff/create-gate.js";
import type { Gate, GateRequest, Outcome } from "../../src/backoff/gate.js";
import { RateLimitError } from "../../src/errors/rate-limit-error.js";
import { loadBackoff } from "../support/loaded-backoff.js";

beforeAll(loadBackoff);
beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse("2026-11-05T12:00:00.000Z") });
});
afterEach(() => {
  expect(vi.getTimerCount(), "a timer was left behind").toBe(0);
  vi.useRealTimers();
});

/** Requests by name, the order in which the gate let them leave, and what the test answers them with. */
function useGate(gate: Gate = createGate()) {
  const left: string[] = [];
  const waits: [string, number][] = [];
  const passes = new Map<string, (outcome: Outcome) => void>();
  const start = Date.now();
  return {
    left,
    waits,
    /** Milliseconds since the beginning. */
    at: () => Date.now() - start,
    async reserve(permits: number, part: Partial<GateRequest> = {}) {
      return gate.reserve(
        {
          account: "a",
          priority: "normal",
          again: false,
          signal: new AbortController().signal,
          maxWaitMs: 60_000,
          onWait: () => undefined,
          ...part,
        },
        permits,
      );
    },
    enter(name: string, part: Partial<GateRequest> = {}): Promise<void> {
      const entering = gate
        .enter({
          account: "a",
          priority: "normal",
          again: false,
          signal: new AbortController().signal,
          maxWaitMs: 60_000,
          onWait: (waitMs) => waits.push([name, waitMs]),
          ...part,
        })
        .then(({ settle }) => {
          left.push(name);
          passes.set(name, settle);
        });
      entering.catch(() => undefined);
      return entering;
    },
    async answer(name: string, headers: Record<string, string> = {}) {
      await vi.advanceTimersByTimeAsync(0);
      passes.get(name)!({ kind: "answered", headers });
      await vi.advanceTimersByTimeAsync(0);
    },
    async refuse(name: string, headers: Record<string, string> = {}, retryAfterMs: number | null = null) {
      passes.get(name)!({ kind: "refused", headers, retryAfterMs });
      await vi.advanceTimersByTimeAsync(0);
    },
    async end(name: string, kind: "lost" | "unsent") {
      passes.get(name)!({ kind });
      await vi.advanceTimersByTimeAsync(0);
    },
    pass: (ms: number) => vi.advanceTimersByTimeAsync(ms),
  };
}

const told = (remaining: number, reset: number, limit = 3) => ({
  "ratelimit-limit": `${limit}`,
  "ratelimit-remaining": `${remaining}`,
  "ratelimit-reset": `${reset}`,
});

describe("a cold gate", () => {
  it("sends one request, and as many as its answer leaves room for", async () => {
    const { enter, left, answer, pass } = useGate();
    for (const name of "abcdef") void enter(name);
    await pass(100);
    expect(left).toEqual(["a"]);
    await answer("a", told(2, 10));
    expect(left).toEqual(["a", "b", "c"]);
    await answer("c", told(0, 10));
    await answer("b", told(1, 10));
    expect(left).toEqual(["a", "b", "c"]);
    await pass(11_000);
    expect(left).toEqual(["a", "b", "c", "d"]);
    await answer("d", told(2, 10));
    expect(left.join("")).toBe("abcdef");
  });

  it("holds nobody back once an answer tells no limit", async () => {
    const { enter, left, answer } = useGate();
    for (const name of "abcdef") void enter(name);
    await answer("a");
    expect(left.join("")).toBe("abcdef");
    await enter("g");
    expect(left.join("")).toBe("abcdefg");
  });

  it("sends a second probe when the first is slow, then two more: a hanging server hangs nobody else", async () => {
    const { enter, left, pass, end } = useGate();
    for (const name of "abcdefgh") void enter(name);
    await pass(4_900);
    expect(left.join("")).toBe("a");
    await pass(200);
    expect(left.join("")).toBe("ab");
    await pass(5_000);
    expect(left.join("")).toBe("abcd");
    await end("a", "lost");
    expect(left.length).toBeGreaterThan(6);
    await pass(15_000);
    expect(left.join("")).toBe("abcdefgh");
  });

  it("sends the next in line when a probe was not sent after all", async () => {
    const { enter, left, end, answer } = useGate();
    void enter("a");
    void enter("b");
    await vi.advanceTimersByTimeAsync(0);
    await end("a", "unsent");
    expect(left.join("")).toBe("ab");
    await answer("b");
  });
});

describe("a closed gate", () => {
  it("opens at the reset and not before, to one request at first", async () => {
    const { enter, left, refuse, pass, at, answer } = useGate();
    await enter("a");
    for (const name of "bcd") void enter(name);
    await refuse("a", { "retry-after": "30" });
    await pass(29_999);
    expect(left).toEqual(["a"]);
    await pass(10);
    expect(left).toEqual(["a", "b"]);
    expect(at()).toBeGreaterThanOrEqual(30_000);
    await answer("b", told(2, 30));
    expect(left.join("")).toBe("abcd");
  });

  it("counts requests in flight against what remains", async () => {
    const { enter, left, answer } = useGate();
    await enter("a");
    await answer("a", told(5, 10, 6));
    const leaving = new AbortController();
    for (const name of "bcdefgh") void enter(name, { signal: leaving.signal });
    await answer("b", told(4, 10, 6));
    expect(left.join(""), "five were left, and five are gone").toBe("abcdef");
    leaving.abort();
  });

  it("keeps the tightest bound on a reset that is told in whole seconds", async () => {
    const { enter, left, answer, pass, at } = useGate();
    await enter("a");
    await answer("a", told(2, 1));
    await enter("b");
    await enter("c");
    await pass(400);
    // Rounded up again, this alone would be 1,400 ms.
    await answer("b", told(1, 1));
    await answer("c", told(0, 1));
    const opened = enter("d").then(at);
    expect(await Promise.all([opened, pass(2_000)]).then(([ms]) => ms)).toBeLessThanOrEqual(1_010);
    expect(left.join("")).toBe("abcd");
  });

  it("knows a new window by what remains, before its own count of the time says so", async () => {
    const { enter, left, answer, pass } = useGate();
    await enter("a");
    await answer("a", told(1, 1));
    await pass(900);
    await enter("b");
    // The window was over, whatever "1" was rounded up from: its successor has more left than the old one had.
    await answer("b", told(2, 1));
    await enter("c");
    await enter("d");
    expect(left.join("")).toBe("abcd");
    await answer("c", told(1, 1));
    await answer("d", told(0, 1));
    const fifth = enter("e");
    await pass(500);
    expect(left.join("")).toBe("abcd");
    await pass(1_000);
    await fifth;
  });

  it("waits a second where the reset is 0 and nothing remains", async () => {
    const { enter, left, answer, pass } = useGate();
    await enter("a");
    await answer("a", told(0, 0));
    void enter("b");
    await pass(990);
    expect(left).toEqual(["a"]);
    await pass(20);
    expect(left).toEqual(["a", "b"]);
  });

  it("learns that a server rounds its resets down", async () => {
    const { enter, left, answer, refuse, pass } = useGate();
    await enter("a");
    await answer("a", told(0, 4));
    void enter("b");
    void enter("c");
    await pass(4_010);
    expect(left.join("")).toBe("ab");
    await refuse("b", told(0, 0));
    await pass(2_010);
    expect(left.join("")).toBe("abc");
    await answer("c", told(0, 4));
    void enter("d");
    await pass(4_900);
    expect(left.join("")).toBe("abc");
    await pass(200);
    expect(left.join("")).toBe("abcd");
  });

  it("stays closed for the longest time that a burst of refusals told", async () => {
    const { enter, left, answer, refuse, pass } = useGate();
    await enter("a");
    await answer("a");
    for (const name of "bcd") await enter(name);
    await refuse("b", { "retry-after": "5" });
    await refuse("c", { "retry-after": "50" });
    await refuse("d", { "retry-after": "1" });
    void enter("e");
    await pass(49_900);
    expect(left.join("")).toBe("abcd");
    await pass(200);
    expect(left.join("")).toBe("abcde");
  });

  it("waits a second, then twice as long each time, where a 429 gives no time", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0);
    const { enter, left, refuse, pass } = useGate();
    await enter("a");
    await refuse("a");
    void enter("b");
    await pass(1_010);
    expect(left.join("")).toBe("ab");
    await refuse("b");
    void enter("c");
    await pass(1_900);
    expect(left.join("")).toBe("ab");
    await pass(200);
    expect(left.join("")).toBe("abc");
    vi.mocked(Math.random).mockReturnValue(1);
    await refuse("c");
    void enter("d");
    await pass(4_900);
    expect(left.join("")).toBe("abc");
    await pass(200);
    expect(left.join("")).toBe("abcd");
    vi.mocked(Math.random).mockRestore();
  });

  it("counts a burst of refusals without a time as one, and begins again after a success", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0);
    const { enter, left, answer, refuse, pass } = useGate();
    await enter("a");
    await answer("a");
    for (const name of "xybcd") await enter(name);
    for (const name of "xy") await answer(name);
    for (const name of "bcd") await refuse(name);
    void enter("e");
    await pass(1_010);
    expect(left.join("")).toBe("axybcde");
    await refuse("e");
    void enter("f");
    await pass(2_010);
    expect(left.join("")).toBe("axybcdef");
    await answer("f");
    await enter("g");
    await refuse("g");
    void enter("h");
    await pass(1_010);
    expect(left.join("")).toBe("axybcdefgh");
    await answer("h");
    vi.mocked(Math.random).mockRestore();
  });

  it("waits a second at least once a probe was refused, whatever the server tells", async () => {
    const { enter, left, answer, refuse, pass } = useGate();
    const soon = () => ({ "ratelimit-remaining": "0", "ratelimit-reset": `${Date.now() + 50}` });
    await enter("a");
    await answer("a", soon());
    void enter("b");
    await pass(60);
    expect(left.join("")).toBe("ab");
    await refuse("b", soon());
    void enter("c");
    await pass(990);
    expect(left.join("")).toBe("ab");
    await pass(20);
    expect(left.join("")).toBe("abc");
  });

  it("keeps the end of the window that it knows when a 429 rounds it up afresh", async () => {
    const { enter, left, answer, refuse, pass } = useGate();
    await enter("a");
    await answer("a", told(2, 1));
    await enter("b");
    await pass(600);
    await refuse("b", { "retry-after": "1" });
    void enter("c");
    await pass(410);
    expect(left.join("")).toBe("abc");
  });

  it("takes the tightest bound that the refusals of a burst tell together", async () => {
    const { enter, left, answer, refuse, pass } = useGate();
    await enter("a");
    await answer("a");
    await enter("b");
    await enter("c");
    await pass(100);
    await refuse("b", { "retry-after": "2" });
    await pass(100);
    await refuse("c", { "retry-after": "1" });
    void enter("d");
    await pass(900);
    expect(left.join("")).toBe("abc");
    await pass(110);
    expect(left.join("")).toBe("abcd");
  });

  it("is not closed again by an answer that is about a reset long over", async () => {
    const { enter, left, answer, refuse, pass } = useGate();
    await enter("a");
    await answer("a");
    for (const name of "bcd") await enter(name);
    for (const name of "bc") await answer(name);
    await enter("slow");
    await refuse("d", { "retry-after": "1" });
    await pass(1_010);
    await enter("e");
    await answer("e");
    await refuse("slow", { "retry-after": "1" });
    await enter("f");
    await enter("g");
    expect(left.join("")).toBe("abcdslowefg");
  });

  it("sends one probe after the reset, whatever those tell that left before it was closed", async () => {
    const { enter, left, answer, refuse, pass } = useGate();
    await enter("a");
    await answer("a", told(5, 10, 6));
    await enter("b");
    await enter("c");
    await refuse("b", { "retry-after": "30" });
    await answer("c", told(50, 60, 60));
    const leaving = new AbortController();
    for (const name of "def") void enter(name, { signal: leaving.signal });
    await pass(30_010);
    expect(left.join("")).toBe("abcd");
    leaving.abort();
  });

  it("follows the tighter of two limits when the server begins to tell that one", async () => {
    const { enter, left, answer, pass } = useGate();
    await enter("a");
    await answer("a", told(5, 10, 6));
    await enter("b");
    await answer("b", told(1, 40, 100));
    await enter("c");
    await answer("c", told(0, 40, 100));
    void enter("d");
    await pass(39_900);
    expect(left.join("")).toBe("abc");
    await pass(110);
    expect(left.join("")).toBe("abcd");
  });

  it("takes a request without an answer for one that was counted", async () => {
    const { enter, left, answer, end } = useGate();
    await enter("a");
    await answer("a", told(2, 10));
    await enter("b");
    await end("b", "lost");
    await enter("c");
    const leaving = new AbortController();
    void enter("d", { signal: leaving.signal });
    await vi.advanceTimersByTimeAsync(0);
    expect(left.join("")).toBe("abc");
    leaving.abort();
  });

  it("takes a duration from the error where no header tells one", async () => {
    const { enter, left, refuse, pass } = useGate();
    await enter("a");
    await refuse("a", {}, 7_000);
    void enter("b");
    await pass(6_900);
    expect(left).toEqual(["a"]);
    await pass(200);
    expect(left).toEqual(["a", "b"]);
  });

  it("holds through waits that are longer than a timer can be", async () => {
    const { enter, left, refuse, pass } = useGate();
    const month = 30 * 24 * 60 * 60;
    await enter("a");
    await refuse("a", { "retry-after": `${month}` });
    void enter("b", { maxWaitMs: Number.POSITIVE_INFINITY });
    await pass(1_000);
    expect(left).toEqual(["a"]);
    await pass((month - 2) * 1_000);
    expect(left).toEqual(["a"]);
    await pass(1_100);
    expect(left).toEqual(["a", "b"]);
  });

  it("survives a wall clock that is set back while it waits", async () => {
    const { enter, left, refuse, pass } = useGate();
    await enter("a");
    await refuse("a", { "retry-after": "10" });
    void enter("b");
    vi.setSystemTime(Date.now() - 3_600_000);
    await pass(10_100);
    expect(left).toEqual(["a", "b"]);
  });

  it("is closed for one account and open for the others", async () => {
    const { enter, left, refuse } = useGate();
    await enter("a", { account: "one" });
    await refuse("a", { "retry-after": "30" });
    const waiting = new AbortController();
    void enter("b", { account: "one", signal: waiting.signal });
    await enter("c", { account: "other" });
    expect(left).toEqual(["a", "c"]);
    waiting.abort();
  });
});

describe("a gate that was closed for very long", () => {
  const shut = { "retry-after": "30000000" };
  const patient = { maxWaitMs: Number.POSITIVE_INFINITY, maxClosedMs: 60_000 };

  it("sends one request to ask again, and opens when that gets through", async () => {
    const { enter, left, refuse, pass, answer } = useGate();
    await enter("a");
    await refuse("a", shut);
    for (const name of "bcd") void enter(name, patient);
    await pass(59_900);
    expect(left.join("")).toBe("a");
    await pass(110);
    expect(left.join(""), "only one asks").toBe("ab");
    await answer("b");
    expect(left.join("")).toBe("abcd");
  });

  it("stays closed where the server says so again, and asks again after the same time", async () => {
    const { enter, left, refuse, pass, answer } = useGate();
    await enter("a");
    await answer("a", { "ratelimit-remaining": "0", "ratelimit-reset": "30000000" });
    for (const name of "bcd") void enter(name, patient);
    await pass(60_010);
    await refuse("b", shut);
    await pass(59_900);
    expect(left.join("")).toBe("ab");
    await pass(110);
    expect(left.join("")).toBe("abc");
    await refuse("c");
    await pass(59_900);
    expect(left.join(""), "a 429 without a time takes nothing back").toBe("abc");
    await pass(110);
    await answer("d");
    expect(left.join("")).toBe("abcd");
  });

  it("believes the time that the one who asks is told", async () => {
    const { enter, left, refuse, pass, answer } = useGate();
    await enter("a");
    await refuse("a", shut);
    for (const name of "bc") void enter(name, patient);
    await pass(60_010);
    await refuse("b", { "retry-after": "3" });
    await pass(2_990);
    expect(left.join("")).toBe("ab");
    await pass(20);
    expect(left.join("")).toBe("abc");
    await answer("c");
  });

  it("keeps to a pause of its own, where the server told no time", async () => {
    const { enter, left, refuse, pass, answer } = useGate();
    await enter("a");
    await refuse("a");
    void enter("b", { maxClosedMs: 100 });
    await pass(900);
    expect(left).toEqual(["a"]);
    await pass(400);
    await answer("b");
  });
});

describe("a reservation", () => {
  it("waits until there is room for all of it, and nobody else takes that", async () => {
    const { enter, left, answer, pass, reserve } = useGate();
    await enter("a");
    await answer("a", told(1, 5, 4));
    const reserving = reserve(2, { priority: "urgent" });
    void enter("b");
    await pass(4_900);
    expect(left).toEqual(["a"]);
    await pass(110);
    const reservation = await reserving;
    const look = reservation.take()!;
    look.settle({ kind: "answered", headers: told(2, 5, 4) });
    await pass(600);
    expect(left, "of two places, one is reserved").toEqual(["a", "b"]);
    const leaving = new AbortController();
    void enter("c", { signal: leaving.signal });
    await pass(10);
    expect(left).toEqual(["a", "b"]);
    expect(reservation.take(), "the place was kept").not.toBeNull();
    reservation.release();
    leaving.abort();
  });

  it("tells at once where its place is gone", async () => {
    const { enter, answer, reserve } = useGate();
    await enter("a");
    await answer("a", told(3, 5, 4));
    const reservation = await reserve(2);
    reservation.take()!.settle({ kind: "answered", headers: told(0, 5, 4) });
    expect(reservation.take()).toBeNull();
    reservation.release();
  });

  it("gives back what it did not use, the first place as well", async () => {
    const { enter, left, answer, reserve, pass } = useGate();
    await enter("a");
    await answer("a", told(2, 5, 4));
    const reservation = await reserve(2);
    for (const name of "bc") void enter(name);
    await pass(10);
    expect(left).toEqual(["a"]);
    reservation.release();
    reservation.release();
    await pass(10);
    expect(left.join("")).toBe("abc");
  });
});

describe("an account that others use as well", () => {
  it("is opened a little later than the reset, by chance, once that was seen in three windows", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    const { enter, left, answer, pass } = useGate();
    await enter("a");
    await answer("a", told(0, 4, 9));
    void enter("b");
    await pass(4_010);
    await answer("b", told(0, 4, 9));
    void enter("c");
    await pass(4_010);
    await answer("c", told(0, 4, 9));
    void enter("d");
    await pass(4_010);
    expect(left.join("")).toBe("abc");
    await pass(500);
    expect(left.join("")).toBe("abcd");
    await answer("d", told(8, 4, 9));
    vi.mocked(Math.random).mockRestore();
  });
});

describe("a server that tells no numbers", () => {
  it("is estimated by what got through, and tried for more once that went well", async () => {
    const { enter, left, answer, refuse, pass } = useGate();
    await enter("a0");
    await answer("a0");
    for (let n = 1; n < 8; n += 1) await enter(`a${n}`);
    for (let n = 1; n < 4; n += 1) await answer(`a${n}`);
    for (let n = 4; n < 8; n += 1) await refuse(`a${n}`, { "retry-after": "10" });
    const leaving = new AbortController();
    const { signal } = leaving;
    for (let n = 0; n < 30; n += 1) void enter(`b${n}`, { maxWaitMs: 600_000, signal });
    const window = async (from: number) => {
      await pass(10_010);
      const before = left.length - 1;
      await answer(left[before]!);
      const sent = left.slice(before);
      for (const name of sent.slice(1)) await answer(name);
      expect(sent[0]).toBe(`b${from}`);
      return sent.length;
    };
    expect(await window(0)).toBe(4);
    expect(await window(4)).toBe(5);
    expect(await window(9)).toBe(6);
    await pass(10_010);
    await refuse("b15", { "retry-after": "10" });
    await pass(10_010);
    await answer("b16");
    expect(left.at(-1), "six got through, and then one was refused").toBe("b21");
    for (const name of ["b17", "b18", "b19"]) await answer(name);
    for (const name of ["b20", "b21"]) await refuse(name, { "retry-after": "10" });
    await pass(10_010);
    await answer("b22");
    expect(left.at(-1), "four got through").toBe("b25");
    leaving.abort();
  });

  it("is trusted where a 429 names the limit", async () => {
    const { enter, left, answer, refuse, pass } = useGate();
    await enter("a");
    await answer("a");
    await enter("b");
    await refuse("b", { "retry-after": "10", "ratelimit-limit": "5" });
    for (let n = 0; n < 9; n += 1) void enter(`c${n}`);
    await pass(10_010);
    await answer("c0");
    expect(left.at(-1)).toBe("c4");
    for (const name of ["c1", "c2", "c3", "c4"]) await answer(name);
    await pass(10_010);
    await answer("c5");
  });
});

describe("a server that tells its limit and its reset, but not what remains", () => {
  const half = { "ratelimit-limit": "4", "ratelimit-reset": "10" };

  it("is counted down, and below its limit where somebody else uses it too", async () => {
    const { enter, left, answer, refuse, pass } = useGate();
    const leaving = new AbortController();
    await enter("a");
    for (const name of "bcdefghijklmn") void enter(name, { signal: leaving.signal });
    await answer("a", half);
    expect(left.join("")).toBe("abcd");
    for (const name of "bc") await answer(name, half);
    await refuse("d", half);
    await pass(10_010);
    await answer("e", half);
    expect(left.join(""), "the server says four, and may be right").toBe("abcdefgh");
    await answer("f", half);
    for (const name of "gh") await refuse(name, half);
    await pass(10_010);
    await answer("i", half);
    expect(left.join(""), "two got through").toBe("abcdefghij");
    leaving.abort();
  });
});

describe("the line", () => {
  it("lets urgent requests leave first, and in each priority first come first", async () => {
    const { enter, left, answer, pass } = useGate();
    await enter("a");
    await answer("a", told(0, 5, 9));
    for (const name of ["r1", "r2", "r3"]) void enter(name);
    void enter("again", { again: true });
    for (const name of ["u1", "u2"]) void enter(name, { priority: "urgent" });
    await pass(5_010);
    await answer("u1", told(8, 5, 9));
    await answer("u2", told(7, 5, 9));
    await pass(510);
    expect(left).toEqual(["a", "u1", "u2", "again", "r1", "r2", "r3"]);
  });

  it("keeps what is left of a window for the next urgent request, as long as one is under way and shortly after", async () => {
    const { enter, left, answer, pass } = useGate();
    await enter("a");
    await answer("a", told(8, 5, 9));
    await enter("look", { priority: "urgent" });
    for (const name of ["r1", "r2"]) void enter(name);
    await pass(1_000);
    expect(left).toEqual(["a", "look"]);
    await answer("look", told(7, 4, 9));
    await pass(300);
    await enter("write", { priority: "urgent" });
    await pass(1_000);
    expect(left).toEqual(["a", "look", "write"]);
    await answer("write", told(6, 3, 9));
    await pass(499);
    expect(left).toEqual(["a", "look", "write"]);
    await pass(2);
    expect(left).toEqual(["a", "look", "write", "r1", "r2"]);
  });

  it("keeps nothing back where nothing limits", async () => {
    const { enter, left, answer } = useGate();
    await enter("a");
    await answer("a", {});
    await enter("look", { priority: "urgent" });
    await enter("r1");
    expect(left).toEqual(["a", "look", "r1"]);
  });

  it("lets go of an aborted request at once, with the signal's reason", async () => {
    const { enter, left, answer, pass } = useGate();
    await enter("a");
    await answer("a", told(0, 5));
    const reason = new Error("the person closed the window");
    const controller = new AbortController();
    const waiting = [enter("b", { signal: controller.signal }), enter("c", { signal: controller.signal })];
    const behind = enter("d");
    controller.abort(reason);
    for (const each of waiting) await expect(each).rejects.toBe(reason);
    await pass(5_010);
    await behind;
    expect(left).toEqual(["a", "d"]);
    await expect(enter("e", { signal: controller.signal })).rejects.toBe(reason);
  });

  it("listens once to a signal that many requests share, and lets it go afterwards", async () => {
    const { enter, answer, pass } = useGate();
    await enter("a");
    await answer("a", told(0, 5, 100));
    const { signal } = new AbortController();
    const add = vi.spyOn(signal, "addEventListener");
    const remove = vi.spyOn(signal, "removeEventListener");
    const waiting = Array.from({ length: 50 }, (_, n) => enter(`b${n}`, { signal }));
    await pass(0);
    expect(add).toHaveBeenCalledTimes(1);
    await pass(5_010);
    await answer("b0", told(99, 5, 100));
    await Promise.all(waiting);
    expect(remove).toHaveBeenCalledTimes(1);
  });

  it("tells each request once that it waits, and how long at the pace seen", async () => {
    const { enter, answer, waits, pass, left } = useGate();
    await enter("a");
    for (const name of "bcdefghi") void enter(name);
    await answer("a", told(2, 10));
    expect(waits).toEqual([]);
    await answer("b", told(1, 10));
    await answer("c", told(0, 10));
    expect(waits).toEqual([
      ["d", 10_000],
      ["e", 10_000],
      ["f", 10_000],
      ["g", 20_000],
      ["h", 20_000],
      ["i", 20_000],
    ]);
    await pass(10_010);
    await answer("d", told(2, 10));
    await answer("e", told(1, 10));
    await answer("f", told(0, 10));
    await pass(10_010);
    await answer("g", told(2, 10));
    expect(left.join("")).toBe("abcdefghi");
    expect(waits).toHaveLength(6);
  });
});

describe("a wait that is too long", () => {
  const closing = { ...told(0, 120), "set-cookie": "secret=1" };

  it("ends at once, says that nothing was sent and when to try again, and shows what closed the gate", async () => {
    const { enter, answer, pass, left } = useGate();
    await enter("a");
    await answer("a", closing);
    await pass(20_000);
    const error: unknown = await enter("b", { maxWaitMs: 60_000 }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RateLimitError);
    expect(error).toMatchObject({
      code: "rate_limited",
      status: 429,
      retryAfterMs: 100_000,
      headers: told(0, 120),
    });
    expect((error as RateLimitError).headers, "and no more than that").toEqual(told(0, 120));
    expect((error as RateLimitError).text).toContain("was not sent");
    expect((error as RateLimitError).text).toContain("100 s");
    expect(left).toEqual(["a"]);
  });

  it("ends for those who were already in line when the gate closed for longer", async () => {
    const { enter, answer, pass } = useGate();
    await enter("a");
    const short = enter("b", { maxWaitMs: 5_000 });
    const long = enter("c", { maxWaitMs: 200_000 });
    await answer("a", closing);
    await expect(short).rejects.toMatchObject({ code: "rate_limited", retryAfterMs: 120_000 });
    await pass(121_000);
    await long;
  });

  it("ends at once for those at the end of a line that the told limit cannot serve in time", async () => {
    const { enter, answer, pass, left } = useGate();
    await enter("a");
    const line = Array.from({ length: 9 }, (_, n) => enter(`b${n}`, { maxWaitMs: 15_000 }));
    await answer("a", told(0, 10));
    await expect(line[3]).rejects.toMatchObject({ retryAfterMs: 20_000 });
    await expect(line[8]).rejects.toMatchObject({ retryAfterMs: 30_000 });
    await pass(10_010);
    await answer("b0", told(2, 10));
    expect(left).toEqual(["a", "b0", "b1", "b2"]);
  });

  it("ends when it is over, where nobody could know", async () => {
    const { enter, pass, at, end } = useGate();
    await enter("a");
    const waiting = enter("b", { maxWaitMs: 3_000 }).catch((thrown: unknown) => [thrown, at()]);
    await pass(4_000);
    const [error, when] = (await waiting) as [RateLimitError, number];
    expect(error.text).toContain("was not sent");
    expect(when).toBeLessThan(3_010);
    await end("a", "lost");
  });
});

it("keeps one timer however many wait", async () => {
  const { enter, answer, pass } = useGate();
  await enter("a");
  await answer("a", told(0, 5, 200));
  const waiting = Array.from({ length: 100 }, (_, n) => enter(`b${n}`, { maxWaitMs: 20_000 + n }));
  await pass(0);
  expect(vi.getTimerCount()).toBe(1);
  await pass(5_010);
  await answer("b0", told(199, 5, 200));
  await Promise.all(waiting);
});

it("counts only the first outcome of a request", async () => {
  const { enter, answer, refuse, left } = useGate();
  await enter("a");
  await answer("a");
  await refuse("a", { "retry-after": "30" });
  await enter("b");
  expect(left).toEqual(["a", "b"]);
});
