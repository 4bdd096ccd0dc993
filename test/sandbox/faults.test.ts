import { setTimeout } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import type { Sandbox, SandboxFault, SandboxFaultAction } from "../../src/sandbox/index.js";
import { useSandbox } from "../support/sandbox.js";
import {
  getToken,
  isScott,
  json,
  postForm,
  signedIn,
  someone,
  trutoRequest,
  type AccountRequest,
} from "./hand-written-requests.js";

async function withFault(
  action: SandboxFaultAction,
  more: Partial<SandboxFault> = {},
): Promise<{
  sandbox: Sandbox;
  request: AccountRequest;
  suspend: () => Promise<Response>;
  state: () => string;
}> {
  const sandbox = await useSandbox();
  const request = await signedIn(sandbox);
  sandbox.setFaults([{ do: action, ...more }]);
  const scott = someone(sandbox, isScott);
  const suspend = () => request("POST", `/${scott.id}:suspend`);
  return { sandbox, request, suspend, state: () => scott.state };
}

describe("answers in place of the real one, with nothing taking effect", () => {
  test("status, with the API's own error", async () => {
    const { suspend, state } = await withFault({ kind: "status", status: 503, headers: { "x-a": "b" } });
    const answer = await suspend();
    expect(answer.status).toBe(503);
    expect(answer.headers.get("x-a")).toBe("b");
    expect(await answer.json()).toMatchObject({ code: 14, details: [] });
    expect(state()).toBe("ACTIVE");
    expect((await suspend()).status).toBe(200);
  });

  test("status, with an object or a text of one's own", async () => {
    const { sandbox, request } = await withFault({ kind: "status", status: 418, body: { tea: true } });
    expect(await json(request("GET", ""))).toEqual({ tea: true });
    sandbox.setFaults([{ do: { kind: "status", status: 502, body: "bad gateway" } }]);
    const answer = await request("GET", "");
    expect(answer.status).toBe(502);
    expect(answer.headers.get("content-type")).toMatch(/^text\/plain/);
    expect(await answer.text()).toBe("bad gateway");
  });

  test("status on the token endpoint speaks OAuth where OAuth has a word for it", async () => {
    const { sandbox } = await withFault({ kind: "status", status: 401 });
    const ask = () => postForm(sandbox, "v1", "token", { grant_type: "client_credentials" });
    expect(await json(ask())).toEqual({ error: "invalid_client" });
    sandbox.setFaults([{ do: { kind: "status", status: 405 } }]);
    const answer = await ask();
    expect(answer.status).toBe(405);
    await expect(answer.json()).rejects.toThrow(SyntaxError);
  });

  test("status through Truto has Truto's form", async () => {
    const { sandbox } = await withFault({ kind: "status", status: 500 });
    const answer = await trutoRequest(sandbox, "GET", "/proxy/users");
    expect(await answer.json()).toMatchObject({ statusCode: 500, error: "Internal Server Error" });
  });

  test("html", async () => {
    const { suspend, state } = await withFault({ kind: "html", status: 200 });
    const answer = await suspend();
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toMatch(/^text\/html/);
    expect(await answer.text()).toMatch(/^<!doctype html>/);
    expect(state()).toBe("ACTIVE");
  });

  test("redirect", async () => {
    const location = "http://127.0.0.1:9/elsewhere";
    const { sandbox } = await withFault({ kind: "redirect", location });
    const answer = await fetch(`${sandbox.baseUrl}/proxy/users`, { redirect: "manual" });
    expect([answer.status, answer.headers.get("location")]).toEqual([307, location]);
  });

  test("body", async () => {
    const { suspend, state } = await withFault({ kind: "body", body: ["not", "a", "user"] });
    const answer = await suspend();
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual(["not", "a", "user"]);
    expect(state()).toBe("ACTIVE");
  });

  test("oversized: JSON of exactly so many bytes, in pieces", async () => {
    const bytes = 300_001;
    const { request } = await withFault({ kind: "oversized", bytes });
    const answer = await request("GET", "");
    expect(answer.headers.get("content-length")).toBeNull();
    const text = await answer.text();
    expect(text).toHaveLength(bytes);
    expect(Object.keys(JSON.parse(text) as object)).toEqual(["padding"]);
  });

  test("oversized: a client may stop reading, and nobody says a word", async () => {
    const written = vi.spyOn(console, "error");
    const { request } = await withFault({ kind: "oversized", bytes: 10 ** 12 });
    const answer = await request("GET", "");
    const reader = answer.body!.getReader();
    await reader.read();
    await reader.cancel();
    expect((await request("GET", "")).status).toBe(200);
    expect(written).not.toHaveBeenCalled();
  });
});

describe("the real answer, spoilt", () => {
  test("close before: no answer and no effect", async () => {
    const { sandbox, suspend, state } = await withFault({ kind: "close", when: "before" });
    await expect(suspend()).rejects.toThrow(TypeError);
    expect(state()).toBe("ACTIVE");
    expect(sandbox.requests.at(-1)).toMatchObject({ method: "POST", status: 0 });
    expect((await suspend()).status).toBe(200);
  });

  test("close after: the effect, and no answer", async () => {
    const { sandbox, suspend, state } = await withFault({ kind: "close", when: "after" });
    await expect(suspend()).rejects.toThrow(TypeError);
    expect(state()).toBe("SUSPENDED");
    expect(sandbox.requests.at(-1)).toMatchObject({ method: "POST", status: 0 });
  });

  test("half: the effect, a good start, and then nothing", async () => {
    const { suspend, state } = await withFault({ kind: "half" });
    const answer = await suspend();
    expect(answer.status).toBe(200);
    const reader = answer.body!.getReader();
    const { value } = await reader.read();
    expect(Buffer.from(value!).toString()).toMatch(/^\{"id":"[A-Z2-7]{26}"/);
    await expect(reader.read()).rejects.toThrow();
    expect(state()).toBe("SUSPENDED");
  });

  test("half of a token", async () => {
    const { sandbox } = await withFault({ kind: "half" });
    const answer = await postForm(sandbox, "v1", "token", { grant_type: "client_credentials" });
    await expect(answer.text()).rejects.toThrow();
  });

  test("delay: the effect at once, however late the answer is", async () => {
    const { sandbox, suspend, state } = await withFault({ kind: "delay", ms: 60_000 });
    const answer = suspend().catch(() => "cut");
    await expect.poll(state).toBe("SUSPENDED");
    expect(await Promise.race([answer, setTimeout(50, "waiting")])).toBe("waiting");
    await sandbox.close();
    expect(await answer).toBe("cut");
  });

  test("delay: the answer comes after the wait", async () => {
    const { suspend } = await withFault({ kind: "delay", ms: 40 });
    const start = performance.now();
    expect((await suspend()).status).toBe(200);
    expect(performance.now() - start).toBeGreaterThan(35);
  });

  test("delay before: the effect comes although the client has given up", async () => {
    const written = vi.spyOn(console, "error");
    const { sandbox, request, state } = await withFault({ kind: "delay", ms: 250, when: "before" });
    const { id } = someone(sandbox, isScott);
    const givingUp = new AbortController();
    const answer = request("POST", `/${id}:suspend`, {}, givingUp.signal);
    await expect.poll(() => sandbox.requests.length, { interval: 1 }).toBe(2);
    givingUp.abort();
    await expect(answer).rejects.toThrow(/aborted/);
    expect(state()).toBe("ACTIVE");
    await expect.poll(state).toBe("SUSPENDED");
    expect(written).not.toHaveBeenCalled();
  });

  test("headers", async () => {
    const headers = { deprecation: "@1790000000", sunset: "Thu, 31 Dec 2026 23:59:59 GMT" };
    const { suspend, state } = await withFault({ kind: "headers", headers });
    const answer = await suspend();
    expect(answer.status).toBe(200);
    expect(answer.headers.get("deprecation")).toBe(headers.deprecation);
    expect(answer.headers.get("sunset")).toBe(headers.sunset);
    expect(await answer.json()).toMatchObject({ state: "SUSPENDED" });
    expect(state()).toBe("SUSPENDED");
  });
});

describe("which requests a fault applies to", () => {
  const teapot: SandboxFaultAction = { kind: "status", status: 418 };

  test("the first match only, unless told otherwise", async () => {
    const { request, sandbox } = await withFault(teapot);
    expect((await request("GET", "")).status).toBe(418);
    expect((await request("GET", "")).status).toBe(200);
    sandbox.setFaults([{ times: 2, after: 1, do: teapot }]);
    const statuses = [];
    for (let i = 0; i < 4; i++) statuses.push((await request("GET", "")).status);
    expect(statuses).toEqual([200, 418, 418, 200]);
    sandbox.setFaults([{ times: Infinity, do: teapot }]);
    for (let i = 0; i < 4; i++) expect((await request("GET", "")).status).toBe(418);
  });

  test("only its operation and only its API", async () => {
    const { request, sandbox } = await withFault(teapot, { operation: "get", api: "truto" });
    const { id } = someone(sandbox, isScott);
    expect((await request("GET", `/${id}`)).status).toBe(200);
    expect((await trutoRequest(sandbox, "GET", "/proxy/users")).status).toBe(200);
    expect((await trutoRequest(sandbox, "GET", `/proxy/users/${id}`)).status).toBe(418);
  });

  test.each(["token", "revoke", "list", "get", "suspend", "reactivate", "tools"] as const)(
    "%s can be picked",
    async (operation) => {
      const { request, sandbox } = await withFault(teapot, { operation });
      const { id } = someone(sandbox, isScott);
      const call = {
        token: () => postForm(sandbox, "v1beta1", "token", { grant_type: "client_credentials" }),
        revoke: () => postForm(sandbox, "v1beta1", "revoke", { token: "x" }),
        list: () => request("GET", ""),
        get: () => request("GET", `/${id}`),
        suspend: () => request("POST", `/${id}:suspend`),
        reactivate: () => request("POST", `/${id}:reactivate`),
        tools: () => trutoRequest(sandbox, "GET", `/integrated-account/${sandbox.integratedAccountId}/tools`),
      }[operation];
      expect((await call()).status).toBe(418);
      expect((await call()).status).toBe(200);
    },
  );

  test("of two that match, the first one left applies", async () => {
    const { request, sandbox } = await withFault(teapot);
    sandbox.setFaults([
      { operation: "list", do: { kind: "status", status: 500 } },
      { times: 2, do: { kind: "status", status: 502 } },
    ]);
    const statuses = [];
    for (let i = 0; i < 4; i++) statuses.push((await request("GET", "")).status);
    expect(statuses).toEqual([500, 502, 502, 200]);
  });

  test("it may be given from the start", async () => {
    const sandbox = await useSandbox({ faults: [{ operation: "token", do: { kind: "html", status: 403 } }] });
    expect((await postForm(sandbox, "v1", "token", { grant_type: "client_credentials" })).status).toBe(403);
    await getToken(sandbox);
  });

  test("a version that is not live uses up no fault", async () => {
    const sandbox = await useSandbox({ apiVersions: ["v1beta1"], faults: [{ do: teapot }] });
    const ask = (version: "v1" | "v1beta1") =>
      postForm(sandbox, version, "token", { grant_type: "client_credentials" });
    expect((await ask("v1")).status).toBe(404);
    expect((await ask("v1beta1")).status).toBe(418);
  });

  test("answers that replace the real one do not count towards the rate limit", async () => {
    const sandbox = await useSandbox({
      rateLimit: { limit: 1, windowMs: 60_000, headers: "draft-6" },
      faults: [{ operation: "list", do: teapot }],
    });
    const request = await signedIn(sandbox);
    expect((await request("GET", "")).status).toBe(418);
    expect((await request("GET", "")).status).toBe(200);
    expect((await request("GET", "")).status).toBe(429);
  });
});
