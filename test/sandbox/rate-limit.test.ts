import { describe, expect, test } from "vitest";
import type { RateLimitHeaders, Sandbox } from "../../src/sandbox/index.js";
import { useSandbox } from "../support/sandbox.js";
import {
  accountRequests,
  getToken,
  json,
  signedIn,
  trutoRequest,
  type AccountRequest,
} from "./hand-written-requests.js";

const names = ["ratelimit", "ratelimit-limit", "ratelimit-policy", "ratelimit-remaining", "ratelimit-reset"];

function limitHeaders(answer: Response): Record<string, string> {
  return Object.fromEntries(
    [...answer.headers].filter(([name]) => names.includes(name) || name === "retry-after"),
  );
}

async function limited(headers: RateLimitHeaders, windowMs = 60_000): Promise<[Sandbox, AccountRequest]> {
  const sandbox = await useSandbox({ rateLimit: { limit: 2, windowMs, headers } });
  return [sandbox, await signedIn(sandbox)];
}

describe("how the limit is told", () => {
  test.each<[RateLimitHeaders, Record<string, string>, Record<string, string>]>([
    [
      "draft-6",
      { "ratelimit-limit": "2", "ratelimit-remaining": "1", "ratelimit-reset": "60" },
      { "ratelimit-limit": "2", "ratelimit-remaining": "0", "ratelimit-reset": "60" },
    ],
    [
      "draft-7",
      { ratelimit: "limit=2, remaining=1, reset=60", "ratelimit-policy": "2;w=60" },
      { ratelimit: "limit=2, remaining=0, reset=60", "ratelimit-policy": "2;w=60" },
    ],
    [
      "draft-8",
      { ratelimit: '"default";r=1;t=60', "ratelimit-policy": '"default";q=2;w=60' },
      { ratelimit: '"default";r=0;t=60', "ratelimit-policy": '"default";q=2;w=60' },
    ],
    ["retry-after", {}, { "retry-after": "60" }],
    ["none", {}, {}],
  ])("%s", async (format, first, refused) => {
    const [, request] = await limited(format);
    expect(limitHeaders(await request("GET", ""))).toEqual(first);
    await request("GET", "");
    const answer = await request("GET", "");
    expect(answer.status).toBe(429);
    expect(limitHeaders(answer)).toEqual(refused);
  });

  test("epoch: the reset is in Unix seconds, rounded up", async () => {
    const [sandbox, request] = await limited("epoch");
    const answer = await request("GET", "");
    const end = (sandbox.requests.at(-1)!.at + 60_000) / 1000;
    expect(limitHeaders(answer)).toMatchObject({ "ratelimit-limit": "2", "ratelimit-remaining": "1" });
    const reset = Number(answer.headers.get("ratelimit-reset"));
    expect(Number.isInteger(reset)).toBe(true);
    expect(reset).toBeGreaterThanOrEqual(Math.ceil(end));
    expect(reset).toBeLessThan(end + 3);
  });

  test("without a limit there are no headers", async () => {
    const request = await signedIn(await useSandbox());
    expect(limitHeaders(await request("GET", ""))).toEqual({});
  });
});

describe("what counts", () => {
  test("a 429 has gRPC code 8 on the Users API and a message through Truto", async () => {
    const [sandbox, request] = await limited("draft-6");
    await request("GET", "");
    await trutoRequest(sandbox, "GET", "/proxy/users");
    expect(await json(request("GET", ""))).toEqual({
      code: 8,
      message: "rate limit exceeded",
      details: [],
    });
    const answer = await trutoRequest(sandbox, "GET", "/proxy/users");
    expect(answer.status).toBe(429);
    expect(answer.headers.get("ratelimit-remaining")).toBe("0");
    expect(await answer.json()).toEqual({
      statusCode: 429,
      error: "Too Many Requests",
      message: "rate limit exceeded",
    });
  });

  test("a refused request has no effect", async () => {
    const [sandbox, request] = await limited("none");
    await request("GET", "");
    await request("GET", "");
    const person = sandbox.users.find((user) => user.role === "member" && user.state === "ACTIVE")!;
    expect((await request("POST", `/${person.id}:suspend`)).status).toBe(429);
    expect(person.state).toBe("ACTIVE");
  });

  test("tokens and tools do not count, refused credentials and unknown people do", async () => {
    const [sandbox, request] = await limited("draft-6");
    await getToken(sandbox);
    await trutoRequest(sandbox, "GET", `/integrated-account/${sandbox.integratedAccountId}/tools`);
    const refused = await accountRequests(sandbox, "never-issued")("GET", "");
    expect([refused.status, refused.headers.get("ratelimit-remaining")]).toEqual([401, "1"]);
    expect((await request("GET", "/NOBODY")).status).toBe(404);
    expect((await request("GET", "")).status).toBe(429);
  });

  test("a window starts with the first request after the last one ended", async () => {
    const windowMs = 300;
    const [sandbox, request] = await limited("none", windowMs);
    await expect
      .poll(async () => (await request("GET", "")).status, { interval: 20, timeout: 5000 })
      .toBe(429);
    await expect
      .poll(async () => (await request("GET", "")).status, { interval: 20, timeout: 5000 })
      .toBe(200);
    const counted = sandbox.requests.filter(({ method }) => method === "GET");
    const refused = counted.findIndex(({ status }) => status === 429);
    const nextStart = counted.findIndex(({ status }, index) => index > refused && status === 200);
    expect(refused).toBe(2);
    expect(counted[nextStart]!.at - counted[0]!.at).toBeGreaterThanOrEqual(windowMs - 1);
    expect(counted[nextStart - 1]!.at - counted[0]!.at).toBeLessThan(windowMs + 1);
  });

  test("a hundred requests at once: exactly the limit gets through", async () => {
    const sandbox = await useSandbox({ rateLimit: { limit: 20, windowMs: 60_000, headers: "draft-8" } });
    const request = await signedIn(sandbox);
    const answers = await Promise.all(Array.from({ length: 100 }, () => request("GET", "")));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(20);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(80);
  });
});
