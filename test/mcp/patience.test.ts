import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import { ToolManager, truto, usersApi } from "langchain-1password";
import { createMcpServer, type McpOptions } from "langchain-1password/mcp";
import type { Sandbox, SandboxOptions } from "langchain-1password/sandbox";
import { useMemoryClient } from "../support/mcp-memory.js";
import { codeOf, textOf, useRounds } from "../support/mcp-rounds.js";
import { useSandbox } from "../support/sandbox.js";

const list = "list_all_1_password_users";
const email = "m.scott@example.com";
const minute = { limit: 2, windowMs: 60_000, headers: "draft-6" } as const;
const sources = {
  "Users API": (sandbox: Sandbox) => usersApi({ ...sandbox }),
  Truto: ({ trutoApiKey, integratedAccountId, baseUrl }: Sandbox) =>
    truto({ apiKey: trutoApiKey, integratedAccountId, baseUrl }),
};

async function useServer(
  setup: SandboxOptions,
  mcp: McpOptions = {},
  sourceOf: (sandbox: Sandbox) => ReturnType<typeof usersApi> = sources["Users API"],
) {
  const sandbox = await useSandbox(setup);
  const manager = new ToolManager({ source: sourceOf(sandbox), backoff: true });
  const server = createMcpServer(manager, { methods: ["read", "write"], ...mcp });
  const person = () => sandbox.users.find((user) => user.email === email)!;
  return { sandbox, server, person };
}

describe.each(Object.entries(sources))(
  "a call at %s that would outlive its client's patience",
  (name, sourceOf) => {
    const cursor = name === "Truto" ? "next_cursor" : "page_token";
    const size = name === "Truto" ? { limit: 10 } : { max_page_size: 10 };

    test("comes back as not done, says when to try again, and for a list where to go on", async () => {
      const { server } = await useServer({ rateLimit: minute }, { patienceMs: 2000 }, sourceOf);
      const client = await useRounds(server);
      const page = async (args: object) => client.call(list, { ...size, ...args });
      const first = (await page({})).result!.structuredContent as { next_cursor: string };
      const second = (await page({ [cursor]: first.next_cursor })).result!.structuredContent as typeof first;
      const third = await page({ [cursor]: second.next_cursor });
      expect(codeOf(third)).toBe("rate_limited");
      expect(textOf(third)).toMatch(/Not done\. To go on, make the same call again in \d\d s or later/);
      expect(textOf(third)).toContain(`with ${cursor} exactly ${JSON.stringify(second.next_cursor)}.`);
    });

    test("as a search gives what it has found, and goes on from its cursor", async () => {
      const everybody = { users: 2500, rateLimit: { limit: 2, windowMs: 1500, headers: "draft-6" } } as const;
      const { server, sandbox } = await useServer(everybody, { patienceMs: 400 }, sourceOf);
      const client = await useRounds(server);
      const last = sandbox.users.at(-1)!.email;
      const wanted = [sandbox.users[0]!.email, last];
      const emails = { emails: wanted };
      const found = new Set<string>();
      const seen: number[] = [];
      let cursor: { cursor?: string } = {};
      for (let rounds = 0; rounds < 20; rounds += 1) {
        const round = await client.call("find_1_password_users", { ...emails, ...cursor });
        // On a slow machine not even one page may have come in time.
        if (round.result?.isError === true) {
          expect(codeOf(round)).toMatch(/^(rate_limited|timeout)$/);
          await sleep(1500);
          continue;
        }
        const { people, unfinished, looked_at } = round.result!.structuredContent as {
          people: { email: string }[];
          unfinished?: { cursor: string; retry_after_s: number | null };
          looked_at: number;
        };
        seen.push(looked_at);
        for (const one of people) found.add(one.email);
        if (unfinished === undefined) break;
        expect(textOf(round)).toContain(`with cursor exactly ${JSON.stringify(unfinished.cursor)}`);
        expect(textOf(round)).not.toMatch(/Not in this account/);
        await sleep((unfinished.retry_after_s ?? 1) * 1000);
        cursor = { cursor: unfinished.cursor };
      }
      expect(seen.length).toBeGreaterThan(1);
      expect(seen.reduce((sum, count) => sum + count, 0)).toBe(2500);
      expect([...found]).toEqual(wanted);
    });
  },
);

test('option "patienceMs" of createMcpServer: a write that would have waited longer is not made later either', async () => {
  const rateLimit = { limit: 2, windowMs: 1500, headers: "draft-6" } as const;
  const { server, sandbox, person } = await useServer({ rateLimit }, { patienceMs: 300, approval: "none" });
  const client = await useRounds(server);
  await Promise.all([1, 2].map(() => client.call(list, { max_page_size: 1 })));
  const late = await client.call("onepassword_users_suspend", { id: person().id, expected_email: email });
  expect(codeOf(late)).toBe("rate_limited");
  expect(textOf(late)).toContain("nothing was changed");
  await sleep(1700);
  expect(person().state).toBe("ACTIVE");
  expect(sandbox.requests.some(({ path }) => path.endsWith(":suspend"))).toBe(false);
});

test("an offboarding that could not read everybody in time changes nobody", async () => {
  const everybody = {
    users: 2500,
    rateLimit: { limit: 2, windowMs: 20_000, headers: "draft-6" },
  } as const;
  const sandbox = await useSandbox(everybody);
  const manager = new ToolManager({ source: usersApi({ ...sandbox }), backoff: true, workflows: true });
  const server = createMcpServer(manager, { methods: ["offboard"], patienceMs: 400, approval: "none" });
  const client = await useRounds(server);
  // They are on a page that was read, and somebody on another one might have the same email.
  const late = await client.call("offboard_1_password_user", { email: sandbox.users[0]!.email });
  expect(codeOf(late)).toBe("rate_limited");
  expect(textOf(late)).toContain("Not done. To go on, make the same call again in");
  expect(sandbox.users[0]!.state).toBe("ACTIVE");
});

test("a read whose answer does not come is given up with the patience of its client", async () => {
  const { server } = await useServer({ latencyMs: 30_000 }, { patienceMs: 100 });
  const client = await useRounds(server);
  const late = await client.call(list, {});
  expect(codeOf(late)).toBe("timeout");
  expect(textOf(late)).toContain("Not done. To go on, make the same call again");
});

test("of a write that may have been done it is not said that it was not", async () => {
  const sandbox = await useSandbox({
    faults: [
      { operation: "suspend", times: Infinity, do: { kind: "delay", ms: 3000 } },
      { operation: "get", after: 1, times: Infinity, do: { kind: "status", status: 503 } },
    ],
  });
  const source = usersApi({ ...sandbox, timeoutMs: 500 });
  const manager = new ToolManager({ source, backoff: true });
  const server = createMcpServer(manager, { methods: ["suspend"], patienceMs: 2500, approval: "none" });
  const client = await useRounds(server);
  const person = sandbox.users.find((user) => user.email === email)!;
  const late = await client.call("onepassword_users_suspend", { id: person.id, expected_email: email });
  // Before it is sent once more, the person is read again: that may be what has failed, and is told as that.
  const code = codeOf(late);
  expect(code).toMatch(/^(rate_limited|timeout|server_error)$/);
  if (code === "server_error") expect(textOf(late)).toMatch(/^GET \S+\/users\/\{user\} at \S+ answered 503/);
  expect(textOf(late)).toContain("is not known");
  expect(textOf(late)).not.toContain("Not done");
});

test("a write that is on its way goes on to its end, however long that takes", async () => {
  const { server, person } = await useServer(
    { faults: [{ operation: "suspend", do: { kind: "delay", ms: 4000 } }] },
    { patienceMs: 1000, approval: "none" },
  );
  const client = await useRounds(server);
  // So that there is a token, and nothing but the write takes long.
  await client.call(list, { max_page_size: 1 });
  const done = await client.call("onepassword_users_suspend", { id: person().id, expected_email: email });
  expect(done.result?.structuredContent).toMatchObject({ state: "SUSPENDED", changed: true });
});

test("what has waited for its token longer than the patience is not sent", async () => {
  const faults = [{ operation: "token", do: { kind: "delay", ms: 1000 } }] as const;
  const { server, sandbox } = await useServer({ faults: [...faults] }, { patienceMs: 300 });
  const late = await (await useRounds(server)).call(list, { max_page_size: 1 });
  expect(codeOf(late)).toBe("timeout");
  expect(sandbox.requests.some(({ path }) => path.includes("/users"))).toBe(false);
});

test.each(Object.entries(sources))(
  "without backoff too, what would leave after the patience is not sent to %s",
  async (_name, sourceOf) => {
    const sandbox = await useSandbox({ latencyMs: 400 });
    const manager = new ToolManager({ source: sourceOf(sandbox) });
    const server = createMcpServer(manager, { methods: ["suspend"], patienceMs: 300, approval: "none" });
    const client = await useRounds(server);
    const person = sandbox.users.find((user) => user.email === email)!;
    const late = await client.call("onepassword_users_suspend", { id: person.id, expected_email: email });
    expect(codeOf(late)).toBe("timeout");
    expect(person.state).toBe("ACTIVE");
    expect(sandbox.requests.some(({ path }) => path.endsWith(":suspend"))).toBe(false);
  },
);

test("a wait within the patience is waited, and shown as progress", async () => {
  const rateLimit = { limit: 1, windowMs: 1200, headers: "draft-6" } as const;
  const { server } = await useServer({ rateLimit });
  const client = await useMemoryClient(server);
  await client.callTool(list, { max_page_size: 1 });
  const shown: { progress: number; message?: string | undefined }[] = [];
  const answer = await client.callTool("find_1_password_users", {}, { onprogress: (one) => shown.push(one) });
  expect(answer.isError ?? false).toBe(false);
  expect(shown.map(({ progress }) => progress)).toEqual(shown.map((_one, index) => index + 1));
  expect(shown.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^Waiting [12] s \((queued|rate limited)\)$/),
    "100 people read, 1 page",
  ]);
});

describe("a call that its client cancels", () => {
  test("leaves the queue, and is never sent", async () => {
    const { server, sandbox, person } = await useServer(
      { rateLimit: { ...minute, windowMs: 20_000 } },
      { approval: "none" },
    );
    const client = await useMemoryClient(server);
    await Promise.all([1, 2].map(() => client.callTool(list, { max_page_size: 1 })));
    const stop = new AbortController();
    const args = { id: person().id, expected_email: email };
    const waiting: unknown[] = [];
    const call = client.callTool("onepassword_users_suspend", args, {
      signal: stop.signal,
      onprogress: (one) => waiting.push(one),
    });
    const outcome = expect(call).rejects.toThrow();
    await sleep(100);
    stop.abort(new Error("the user pressed stop"));
    await outcome;
    expect(sandbox.requests.filter(({ path }) => path.includes(person().id))).toEqual([]);
  });

  test("takes its request with it", async () => {
    const aborted: string[] = [];
    const sandbox = await useSandbox();
    const manager = new ToolManager({
      source: usersApi({
        ...sandbox,
        fetch: async (input, init) => {
          const { url, signal } = new Request(input, init);
          if (!url.includes("/users")) return fetch(input, init);
          return new Promise((_resolve, reject) => {
            signal.addEventListener("abort", () => {
              aborted.push(new URL(url).pathname);
              reject(signal.reason as Error);
            });
          });
        },
      }),
    });
    const client = await useMemoryClient(createMcpServer(manager));
    const stop = new AbortController();
    const call = client.callTool(list, {}, { signal: stop.signal });
    const outcome = expect(call).rejects.toThrow();
    await sleep(200);
    stop.abort();
    await outcome;
    await vi.waitFor(() => expect(aborted).toHaveLength(1));
  });
});
