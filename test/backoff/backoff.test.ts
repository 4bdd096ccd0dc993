import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Wait } from "../../src/backoff/attempts.js";
import { createBackoff } from "../../src/backoff/backoff.js";
import type { BackoffOptions } from "../../src/backoff/backoff-options.js";
import type { ToolsetEvent } from "../../src/call.js";
import { HttpError } from "../../src/errors/http-error.js";
import { RateLimitError } from "../../src/errors/rate-limit-error.js";
import { ToolsetError } from "../../src/errors/toolset-error.js";
import { contextOf } from "./http-client.js";
import { loadBackoff } from "../support/loaded-backoff.js";

beforeAll(loadBackoff);
beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse("2026-11-05T12:00:00.000Z") });
  vi.spyOn(Math, "random").mockReturnValue(0);
});
afterEach(() => {
  expect(vi.getTimerCount(), "a timer was left behind").toBe(0);
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const answer = { headers: {} };
const refused = (headers: Record<string, string> = { "retry-after": "3" }) =>
  new RateLimitError("The server answered 429.", { headers });
const serverError = (status = 500, headers: Record<string, string> = {}, retryAfterMs?: number) =>
  new HttpError("server_error", `The server answered ${status}.`, { status, headers, retryAfterMs });

/** A request that fails as told, each time it is sent, and then succeeds; with the times at which it was sent. */
function useRequest(...failures: unknown[]) {
  const start = Date.now();
  const sentAt: number[] = [];
  const request = vi.fn(async () => {
    sentAt.push(Date.now() - start);
    const failure = failures.shift();
    if (failure !== undefined) throw failure as Error;
    return answer;
  });
  return { request, sentAt };
}

/** How a request ended: what it came to, after how long. */
async function ended<T>(promise: Promise<T>): Promise<{ value?: T; error?: unknown; ms: number }> {
  const start = Date.now();
  const end = promise.then(
    (value) => ({ value, ms: Date.now() - start }),
    (error: unknown) => ({ error, ms: Date.now() - start }),
  );
  await vi.runAllTimersAsync();
  return end;
}

const send = (options: BackoffOptions | true = true, part: Parameters<typeof contextOf>[0] = {}) =>
  createBackoff(options)(contextOf(part));

describe("a 429", () => {
  it("is waited out, whether or not the request is idempotent: it did nothing", async () => {
    const { request, sentAt } = useRequest(refused(), refused({ "retry-after": "5" }));
    const { value } = await ended(send()(request, { idempotent: false }));
    expect(value).toBe(answer);
    expect(sentAt[1]).toBeGreaterThanOrEqual(3_000);
    expect(sentAt[1]).toBeLessThan(3_010);
    expect(sentAt[2]! - sentAt[1]!).toBeGreaterThanOrEqual(5_000);
  });

  it("is waited out as long as there is time, however many attempts that takes", async () => {
    const { request } = useRequest(...Array.from({ length: 15 }, () => refused({ "retry-after": "2" })));
    const { value } = await ended(send({ maxAttempts: 3 })(request, { idempotent: false }));
    expect(value).toBe(answer);
    expect(request).toHaveBeenCalledTimes(16);
  });

  it("is not counted among the attempts that failed for another reason", async () => {
    const errors = [serverError(), refused(), refused(), serverError(), refused(), serverError()];
    const { request } = useRequest(...errors);
    const { error } = await ended(send({ maxAttempts: 3 })(request, { idempotent: true }));
    expect(error).toBe(errors[5]);
  });

  it("is thrown as the server sent it when there is no more time", async () => {
    const errors = Array.from({ length: 9 }, () => refused({ "retry-after": "2" }));
    const { request } = useRequest(...errors);
    const { error } = await ended(send({ maxWaitMs: 7_000 })(request, { idempotent: true }));
    expect(error).toBe(errors[3]);
    expect(request).toHaveBeenCalledTimes(4);
  });

  it("shuts an account for a bounded time: after maxWaitMs one request asks again", async () => {
    const backoff = createBackoff({ maxWaitMs: 2_000 });
    const wrong = useRequest(refused({ "retry-after": "30000000" }));
    await ended(backoff(contextOf())(wrong.request, { idempotent: true }));
    const { request } = useRequest(refused({ "retry-after": "30000000" }));
    const next = async () => (await ended(backoff(contextOf())(request, { idempotent: true }))).value;
    expect(await next()).toBeUndefined();
    expect(request).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await next()).toBeUndefined();
    expect(await next()).toBeUndefined();
    expect(request, "and only one").toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await next()).toBe(answer);
    expect(await next()).toBe(answer);
  });

  it("is thrown at once as the server sent it when the wait is longer than maxWaitMs", async () => {
    const refusal = refused({ "retry-after": "61" });
    const { request } = useRequest(refusal);
    const { error, ms } = await ended(send()(request, { idempotent: true }));
    expect(error).toBe(refusal);
    expect(ms).toBe(0);
  });

  it("uses up maxWaitMs with every wait, and not only with the longest", async () => {
    const { request, sentAt } = useRequest(
      ...Array.from({ length: 9 }, () => refused({ "retry-after": "4" })),
    );
    const { error } = await ended(send({ maxWaitMs: 10_000 })(request, { idempotent: true }));
    expect(error).toBeInstanceOf(RateLimitError);
    expect(sentAt).toHaveLength(3);
    expect(sentAt[2]).toBeLessThan(10_000);
  });

  it("keeps others from being sent: they hear when to try again, and from which answer that comes", async () => {
    const backoff = createBackoff(true);
    await ended(
      backoff(contextOf())(useRequest(refused({ "retry-after": "300" })).request, { idempotent: true }),
    );
    const { request } = useRequest();
    const { error, ms } = await ended(backoff(contextOf())(request, { idempotent: true }));
    expect(ms).toBe(0);
    expect(request).not.toHaveBeenCalled();
    expect(error).toMatchObject({
      name: "RateLimitError",
      status: 429,
      retryAfterMs: 300_000,
      headers: { "retry-after": "300" },
    });
  });
});

it("a refused request is sent again before those that were not sent yet", async () => {
  const backoff = createBackoff(true);
  const order: string[] = [];
  const call = (name: string, ...failures: unknown[]) => {
    const { request } = useRequest(...failures);
    return backoff(contextOf())(
      () => {
        order.push(name);
        return request();
      },
      { idempotent: true },
    );
  };
  const first = call("first", refused());
  await ended(Promise.all([first, call("second"), call("third")]));
  expect(order).toEqual(["first", "first", "second", "third"]);
});

it("an error with headers tells of the rate limit as an answer does", async () => {
  const backoff = createBackoff(true);
  const headers = { "ratelimit-remaining": "0", "ratelimit-reset": "8" };
  const missing = new HttpError("not_found", "No such person.", { status: 404, headers });
  await ended(backoff(contextOf())(useRequest(missing).request, { idempotent: true }));
  const { request, sentAt } = useRequest();
  await ended(backoff(contextOf())(request, { idempotent: true }));
  expect(sentAt[0]).toBeGreaterThanOrEqual(8_000);
});

describe("an error that may pass", () => {
  const passing: [string, () => ToolsetError][] = [
    ["server_error", () => serverError()],
    ["network", () => new ToolsetError("network", "The connection broke.")],
    ["timeout", () => new ToolsetError("timeout", "No answer came.")],
    ["bad_response", () => new ToolsetError("bad_response", "Half an answer came.", { retryable: true })],
  ];

  it.each(passing)("%s is repeated for an idempotent request, after pauses that double", async (_, error) => {
    const { request, sentAt } = useRequest(error(), error(), error(), error());
    const { value } = await ended(send()(request, { idempotent: true }));
    expect(value).toBe(answer);
    expect(sentAt).toEqual([0, 500, 1_500, 3_500, 7_500]);
  });

  it.each(passing)("%s is thrown at once for a request that is not idempotent", async (_, make) => {
    const given = make();
    const { request } = useRequest(given);
    const { error, ms } = await ended(send()(request, { idempotent: false }));
    expect(error).toBe(given);
    expect(ms).toBe(0);
  });

  it("is thrown itself when the attempts are used up", async () => {
    const errors = Array.from({ length: 9 }, () => serverError());
    const { request } = useRequest(...errors);
    const { error, ms } = await ended(send()(request, { idempotent: true }));
    expect(error).toBe(errors[5]);
    expect(ms).toBe(500 + 1_000 + 2_000 + 4_000 + 8_000);
  });

  it("makes pauses longer by chance, and never shorter", async () => {
    vi.mocked(Math.random).mockReturnValue(0.999);
    const { request, sentAt } = useRequest(serverError());
    await ended(send()(request, { idempotent: true }));
    expect(sentAt[1]).toBe(625);
  });

  it("comes with the time to try again: a 503 with retry-after is repeated then, without chance", async () => {
    vi.mocked(Math.random).mockReturnValue(0.999);
    const { request, sentAt } = useRequest(serverError(503, { "retry-after": "7" }, 7_000));
    await ended(send()(request, { idempotent: true }));
    expect(sentAt).toEqual([0, 7_000]);
  });

  it("does not wait for a rate limit that was not the trouble", async () => {
    const headers = { "ratelimit-limit": "100", "ratelimit-remaining": "90", "ratelimit-reset": "3000" };
    const { request, sentAt } = useRequest(serverError(500, headers, 3_000_000));
    await ended(send()(request, { idempotent: true }));
    expect(sentAt).toEqual([0, 500]);
  });

  it("is thrown at once when the pause would be longer than maxWaitMs or the deadline", async () => {
    for (const [options, part] of [
      [{ maxWaitMs: 6_000 }, {}],
      [{}, { deadline: Date.now() + 6_000 }],
    ] as const) {
      const given = serverError(503, { "retry-after": "7" });
      const { error, ms } = await ended(send(options, part)(useRequest(given).request, { idempotent: true }));
      expect(error).toBe(given);
      expect(ms).toBe(0);
    }
  });
});

describe("every other error", () => {
  it.each<[string, unknown]>([
    ["a 404", new HttpError("not_found", "No such person.", { status: 404, headers: {} })],
    ["a refused credential", new HttpError("unauthorized", "No.", { status: 401, headers: {} })],
    ["an answer that will not be better next time", new ToolsetError("bad_response", "HTML.")],
    ["a server error that says so", new ToolsetError("server_error", "501.", { retryable: false })],
    ["an error of a program", new TypeError("x is not a function")],
    ["what is not even an error", { is_bubble_up: true }],
  ])("%s is thrown at once, the same object", async (_, given) => {
    const { request } = useRequest(given);
    const { error, ms } = await ended(send()(request, { idempotent: true }));
    expect(error).toBe(given);
    expect(ms).toBe(0);
    expect(request).toHaveBeenCalledTimes(1);
  });
});

describe("aborts and deadlines", () => {
  it("an abort ends a pause at once, with the signal's reason", async () => {
    const controller = new AbortController();
    const { request } = useRequest(serverError());
    const sending = send(true, { signal: controller.signal })(request, { idempotent: true });
    sending.catch(() => undefined);
    await vi.advanceTimersByTimeAsync(100);
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(sending).rejects.toBe(reason);
    expect(request).toHaveBeenCalledTimes(1);
  });

  it("an abort that comes while the request is under way leaves a finished answer as it is", async () => {
    const controller = new AbortController();
    const { value } = await ended(
      send(true, { signal: controller.signal })(
        async () => {
          controller.abort();
          return answer;
        },
        { idempotent: true },
      ),
    );
    expect(value).toBe(answer);
  });

  it("a call that was aborted before it began is not sent", async () => {
    const { request } = useRequest();
    const reason = new Error("too late");
    const { error } = await ended(
      send(true, { signal: AbortSignal.abort(reason) })(request, { idempotent: true }),
    );
    expect(error).toBe(reason);
    expect(request).not.toHaveBeenCalled();
  });

  it("a call whose deadline has passed is not sent, even through an open gate", async () => {
    const { request } = useRequest();
    const { error } = await ended(send(true, { deadline: Date.now() - 1 })(request, { idempotent: true }));
    expect(error).toMatchObject({ code: "timeout" });
    expect(request).not.toHaveBeenCalled();
  });

  it("a call whose deadline comes before the reset hears so at once", async () => {
    const backoff = createBackoff(true);
    const opening = backoff(contextOf())(useRequest(refused({ "retry-after": "30" })).request, {
      idempotent: true,
    });
    await vi.advanceTimersByTimeAsync(0);
    const { request } = useRequest();
    const waiting = backoff(contextOf({ deadline: Date.now() + 10_000 }))(request, { idempotent: true });
    await expect(waiting).rejects.toMatchObject({ code: "rate_limited", retryAfterMs: 30_000 });
    expect(request).not.toHaveBeenCalled();
    await ended(opening);
  });
});

describe("waits are told", () => {
  it("to onBackoff and to the call's own listener, with the attempt that follows", async () => {
    const told: Wait[] = [];
    const emitted: ToolsetEvent[] = [];
    const { request } = useRequest(refused(), serverError());
    await ended(
      send({ onBackoff: (wait) => told.push(wait) }, { emit: (event) => emitted.push(event) })(request, {
        idempotent: true,
      }),
    );
    expect(told).toEqual([
      { waitMs: 3_000, attempt: 2, reason: "rate_limited" },
      { waitMs: 1_000, attempt: 3, reason: "server_error" },
    ]);
    expect(emitted).toEqual(told.map((wait) => ({ type: "wait", ...wait })));
  });

  it("once for each wait at a closed gate, for those who were never sent as well", async () => {
    const told: Wait[] = [];
    const backoff = createBackoff({ onBackoff: (wait) => told.push(wait) });
    const first = backoff(contextOf())(useRequest(refused()).request, { idempotent: true });
    await vi.advanceTimersByTimeAsync(1_000);
    const second = backoff(contextOf())(useRequest().request, { idempotent: true });
    await ended(Promise.all([first, second]));
    expect(told).toEqual([
      { waitMs: 3_000, attempt: 2, reason: "rate_limited" },
      { waitMs: 2_000, attempt: 1, reason: "queued" },
    ]);
  });

  it.each<[string, () => never | Promise<never>]>([
    [
      "throws",
      () => {
        throw new Error("the display is broken");
      },
    ],
    ["rejects", () => Promise.reject(new Error("the display is broken"))],
  ])("a listener that %s does not cost the call", async (_, broken) => {
    const { request } = useRequest(refused(), serverError());
    const listener = broken as () => never;
    const sending = send({ onBackoff: listener }, { emit: listener })(request, { idempotent: true });
    expect((await ended(sending)).value).toBe(answer);
  });
});
