import { setTimeout } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { startSandbox, type SandboxOptions } from "../../src/sandbox/index.js";
import { useSandbox } from "../support/sandbox.js";
import { getToken, isScott, signedIn, someone } from "./hand-written-requests.js";

function timersThatKeepTheProcess(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === "Timeout").length;
}

test("a spread holds what a Users API client needs, and no more", async () => {
  const sandbox = await useSandbox();
  expect(Object.keys({ ...sandbox })).toEqual(["baseUrl", "accountId", "clientId", "clientSecret"]);
  expect(sandbox.trutoApiKey).toMatch(/^[A-Za-z0-9]{40}$/);
  expect(sandbox.integratedAccountId).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
});

test("methods work when they are taken off the sandbox", async () => {
  const { close, setApiVersions, setFaults, [Symbol.asyncDispose]: dispose } = await startSandbox();
  setApiVersions(["v1"]);
  setFaults([]);
  await close();
  await dispose();
});

test("it closes at once while clients keep their connections, and stays closed", async () => {
  const sandbox = await startSandbox({ latencyMs: 60_000 });
  const timersBefore = timersThatKeepTheProcess();
  const waiting = getToken(sandbox).catch((error: unknown) => error);
  await expect.poll(() => sandbox.requests.length).toBe(1);
  await sandbox.close();
  await sandbox.close();
  expect(await waiting).toBeInstanceOf(TypeError);
  expect(timersThatKeepTheProcess()).toBeLessThanOrEqual(timersBefore);
  await expect(fetch(sandbox.baseUrl)).rejects.toThrow();
});

test("it leaves the process's own Request and Response alone", async () => {
  const before = [globalThis.Request, globalThis.Response];
  await useSandbox();
  expect([globalThis.Request, globalThis.Response]).toEqual(before);
});

test("it listens on the port that was asked for, and says so when that is taken", async () => {
  const first = await useSandbox();
  const port = Number(new URL(first.baseUrl).port);
  await expect(startSandbox({ port })).rejects.toThrow(/EADDRINUSE/);
  await first.close();
  const second = await useSandbox({ port });
  expect(second.baseUrl).toBe(first.baseUrl);
});

test("latency holds every answer back, not the effect", async () => {
  const sandbox = await useSandbox({ latencyMs: 250 });
  const request = await signedIn(sandbox);
  const { id } = someone(sandbox, isScott);
  const answered = vi.fn();
  const answer = request("POST", `/${id}:suspend`).then(answered);
  await expect.poll(() => someone(sandbox, isScott).state, { interval: 1 }).toBe("SUSPENDED");
  await setTimeout(50);
  expect(answered).not.toHaveBeenCalled();
  await answer;
  expect(sandbox.requests.at(-1)).toMatchObject({ status: 200 });
});

test("each request is logged in the order of arrival, with its status", async () => {
  const sandbox = await useSandbox();
  const before = performance.timeOrigin + performance.now();
  const request = await signedIn(sandbox, "v1beta1");
  await request("GET", "?max_page_size=5&filter=user.isActive()");
  await request("GET", "/NOBODY");
  expect(sandbox.requests).toMatchObject([
    { method: "POST", path: "/v1beta1/users/oauth2/token", query: {}, status: 200 },
    {
      method: "GET",
      path: `/v1beta1/accounts/${sandbox.accountId}/users`,
      query: { max_page_size: "5", filter: "user.isActive()" },
      status: 200,
    },
    { path: `/v1beta1/accounts/${sandbox.accountId}/users/NOBODY`, status: 404 },
  ]);
  const times = sandbox.requests.map((entry) => entry.at);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(times[0]).toBeGreaterThan(before);
  expect(times[2]).toBeLessThan(performance.timeOrigin + performance.now());
});

test("a change to the live account is what the API tells", async () => {
  const sandbox = await useSandbox();
  const request = await signedIn(sandbox);
  const scott = someone(sandbox, isScott);
  scott.state = "SUSPENDED";
  scott.email = "michael@example.com";
  expect(await (await request("GET", `/${scott.id}`)).json()).toMatchObject({
    state: "SUSPENDED",
    email: "michael@example.com",
  });
});

test.each<[SandboxOptions, RegExp]>([
  [{ users: -1 }, /"users" must be a whole number/],
  [{ directorySync: { afterMs: -1 } }, /"directorySync.afterMs" must be a number of at least 0/],
  [{ directorySync: { afterMs: 2 ** 31 } }, /"directorySync.afterMs" must be .* at most 2147483647, not/],
  [{ directorySync: { afterMs: 1, times: -1 } }, /"directorySync.times" must be a whole number/],
  [{ users: 1.5 }, /"users" must be a whole number/],
  [{ seed: NaN }, /"seed" must be a whole number/],
  [{ port: 70_000 }, /"port" must be a whole number from 0 to 65535/],
  [{ latencyMs: -1 }, /"latencyMs" must be a number of at least 0/],
  [{ tokenTtlS: 0 }, /"tokenTtlS" must be a number/],
  [{ apiVersions: ["v2" as "v1"] }, /"apiVersions" must be of v1, v1beta1, not "v2"/],
  [{ permissions: ["delete" as "get"] }, /"permissions" must be of get, list/],
  [{ truto: { filters: ["name" as "email"] } }, /"truto.filters" must be of email, state/],
  [{ rateLimit: { limit: 0, windowMs: 1, headers: "none" } }, /"rateLimit.limit"/],
  [{ rateLimit: { limit: 1, windowMs: 0, headers: "none" } }, /"rateLimit.windowMs"/],
  [
    { rateLimit: { limit: 1, windowMs: 1, headers: "x" as "none" } },
    /"rateLimit.headers" must be of draft-6/,
  ],
  [{ faults: [{ do: { kind: "explode" as "half" } }] }, /"faults\[\].do.kind" must be of status/],
  [{ faults: [{ operation: "delete" as "get", do: { kind: "half" } }] }, /"faults\[\].operation"/],
  [{ faults: [{ api: "graph" as "users", do: { kind: "half" } }] }, /"faults\[\].api"/],
  [{ faults: [{ after: -1, do: { kind: "half" } }] }, /"faults\[\].after"/],
  [{ faults: [{ times: 0.5, do: { kind: "half" } }] }, /"faults\[\].times"/],
  [
    { user: 5 } as SandboxOptions,
    /"user" is not an option of startSandbox: did you mean "users"\? use one of users, seed/,
  ],
])("an option that cannot be is refused by name: %j", async (options, message) => {
  await expect(startSandbox(options)).rejects.toThrow(message);
});
