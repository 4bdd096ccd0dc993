import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "node:util";
import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { memoryMcpServerStore, type McpServerStore } from "langchain-1password/mcp";
import { fileMcpServerStore } from "langchain-1password/node";
import { isSameHash } from "../../../src/mcp/token-hash.js";
import { useFolder } from "../../node/temporary-folder.js";
import { LeakSearch } from "../../support/leak-search.js";
import { clients, defaultClient, useHttp } from "../../support/mcp.js";
import { adminToken, apiToken, callOf, otherApiToken, useDesk, useManager, type Desk } from "./servers.js";

afterEach(() => {
  vi.useRealTimers();
});

const reads = ["find_1_password_users", "get_single_1_password_user_by_id", "list_all_1_password_users"];
const writes = ["onepassword_users_reactivate", "onepassword_users_suspend"];

const later = (ms: number) => new Date(Date.now() + ms).toISOString();

/** What of an answer a caller can tell apart. */
async function allOf(response: Response) {
  const headers = [...response.headers].filter(([name]) => name !== "date");
  return { status: response.status, headers, body: await response.text() };
}

/** A session of a 2025 client, and the stream on which it listens. */
async function useSession({ servers }: Desk, token: string, headers: Record<string, string> = {}) {
  const greeted = await servers.fetch(callOf(token, { headers }));
  expect(greeted.status).toBe(200);
  await greeted.text();
  const id = greeted.headers.get("mcp-session-id")!;
  const named = { ...headers, "mcp-session-id": id, "mcp-protocol-version": "2025-11-25" };
  const stream = await servers.fetch(callOf(token, { method: "GET", headers: named }));
  expect(stream.status).toBe(200);
  let isOpen = true;
  const ended = stream.text().then(
    () => (isOpen = false),
    () => (isOpen = false),
  );
  const send = (rpc: string, more: Record<string, string> = {}) =>
    servers.fetch(
      callOf(token, {
        method: "POST",
        headers: { ...named, ...more },
        body: JSON.stringify({ jsonrpc: "2.0", id: 2, method: rpc, params: {} }),
      }),
    );
  return { ended, isOpen: () => isOpen, send };
}

describe.each([...clients, defaultClient])("$name at a server that was handed out", (client) => {
  test("has the tools of its config, and no other can be called", async () => {
    const { manager, sandbox } = await useManager();
    const desk = useDesk(manager, { methods: ["read", "write"] });
    const { id, token } = await desk.handOut({ config: { methods: ["get"] } });
    const { url } = await useHttp((request) => desk.servers.fetch(request));
    const connected = await client.connect(`${url}/${token}`);
    expect((await connected.listTools()).map(({ name }) => name)).toEqual([reads[1]]);
    const person = sandbox.users[0]!;
    const answer = await connected.callTool(reads[1]!, { id: person.id });
    expect(answer.isError ?? false).toBe(false);
    expect(JSON.stringify(answer.content)).toContain(person.email);
    const before = sandbox.requests.length;
    for (const name of [reads[0]!, reads[2]!, ...writes]) {
      await expect(connected.callTool(name, { id: person.id })).rejects.toThrow(
        `No tool is named "${name}" here.`,
      );
    }
    expect(sandbox.requests).toHaveLength(before);
    await connected.close();
    expect(
      new Set(desk.lines.map(({ path, server, principal }) => `${path} ${server} ${principal}`)),
    ).toEqual(new Set([`/mcp/${id} ${id} server ${id}`]));
  });

  test("is told of no tool, and gets no answer, from the moment that the server is deleted", async () => {
    const { manager, sandbox } = await useManager();
    const desk = useDesk(manager);
    const { id, token } = await desk.handOut();
    const { url } = await useHttp((request) => desk.servers.fetch(request));
    const connected = await client.connect(`${url}/${token}`);
    await connected.callTool(reads[2]!);
    await desk.admin("DELETE", `/mcp-servers/${id}`);
    const before = sandbox.requests.length;
    await expect(connected.callTool(reads[2]!)).rejects.toThrow();
    await expect(connected.listTools()).rejects.toThrow();
    await expect(client.connect(`${url}/${token}`)).rejects.toThrow();
    expect(sandbox.requests).toHaveLength(before);
  });
});

describe("no server", () => {
  test("answers the same, whether it never was, was deleted, has expired or could not be", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const { manager } = await useManager();
    const desk = useDesk(manager);
    const { url } = await useHttp((request) => desk.servers.fetch(request));
    const deleted = await desk.handOut();
    await desk.admin("DELETE", `/mcp-servers/${deleted.id}`);
    const expired = await desk.handOut({ expires_at: later(1000) });
    const expiredWithAuth = await desk.handOut({ require_api_token_auth: true, expires_at: later(1000) });
    const deletedWithAuth = await desk.handOut({ require_api_token_auth: true });
    await desk.admin("DELETE", `/mcp-servers/${deletedWithAuth.id}`);
    const lasting = await desk.handOut();
    vi.setSystemTime(Date.now() + 1000);
    const paths = [
      "A".repeat(43),
      deleted.token,
      deletedWithAuth.token,
      expired.token,
      expiredWithAuth.token,
      lasting.id,
      lasting.token.slice(0, -1),
      `${lasting.token}A`,
      `${lasting.token}/`,
      `${lasting.token}/mcp`,
      `%${lasting.token}`,
      "",
      "constructor",
      "a".repeat(5000),
    ].map((token) => `${url}/${token}`);
    paths.push(url, url.replace(/mcp$/, lasting.token), url.replace(/mcp$/, ""));
    for (const method of ["POST", "GET", "DELETE", "OPTIONS", "PUT"]) {
      const answers = [];
      for (const path of paths) {
        const headers = {
          "content-type": "application/json",
          accept: "application/json, text/event-stream",
          ...(path.includes(expired.token) ? { authorization: `Bearer ${apiToken}` } : {}),
        };
        const body = method === "POST" || method === "PUT" ? "{}" : null;
        answers.push(await allOf(await fetch(path, { method, headers, body })));
      }
      const [first, ...others] = answers;
      expect(first).toMatchObject({
        status: 404,
        body: '{"jsonrpc":"2.0","error":{"code":-32001,"message":"There is no server at this URL. Ask whoever gave it to you for another."},"id":null}',
      });
      for (const other of others) expect(other).toEqual(first);
    }
    expect(new Set(desk.lines.map(({ path, server }) => `${path} ${server}`))).toEqual(
      new Set(["/mcp/… null"]),
    );
  });

  test('option "store" of createMcpServers: is where a store gives one with another hash', async () => {
    const { manager } = await useManager();
    const memory = memoryMcpServerStore();
    const store: McpServerStore = {
      ...memory,
      getByTokenHash: async (hash) =>
        (await memory.list()).find(({ token_hash }) => token_hash.toLowerCase() === hash.toLowerCase()) ??
        (await memory.list())[0],
    };
    const desk = useDesk(manager, { store });
    const { token } = await desk.handOut();
    expect((await desk.servers.fetch(callOf("A".repeat(43)))).status).toBe(404);
    expect((await desk.servers.fetch(callOf(token))).status).toBe(200);
  });

  test("is where one was deleted while it was looked for", async () => {
    const { manager } = await useManager();
    const memory = memoryMcpServerStore();
    let tellFound: () => void = () => undefined;
    const found = new Promise<void>((resolve) => (tellFound = resolve));
    let goOn: () => void = () => undefined;
    const goingOn = new Promise<void>((resolve) => (goOn = resolve));
    const store: McpServerStore = {
      ...memory,
      async getByTokenHash(hash) {
        const record = await memory.getByTokenHash(hash);
        tellFound();
        await goingOn;
        return record;
      },
    };
    const desk = useDesk(manager, { store });
    const { id, token } = await desk.handOut();
    const answer = desk.servers.fetch(callOf(token));
    await found;
    expect((await desk.admin("DELETE", `/mcp-servers/${id}`)).status).toBe(204);
    goOn();
    const never = await desk.servers.fetch(callOf("A".repeat(43)));
    expect(await allOf(await answer)).toEqual(await allOf(never));
  });

  test("is told from one that cannot be looked up now, and the operator is told why", async () => {
    const onWarning = vi.fn();
    const { manager } = await useManager({ onWarning });
    const store = {
      ...memoryMcpServerStore(),
      getByTokenHash: () => Promise.reject(new Error("password=1")),
    };
    const answer = await allOf(await useDesk(manager, { store }).servers.fetch(callOf("A".repeat(43))));
    expect(answer.status).toBe(503);
    expect(answer.body).toBe(
      '{"jsonrpc":"2.0","error":{"code":-32000,"message":"The server cannot be reached now. Try again in half a minute."},"id":null}',
    );
    expect(onWarning.mock.calls).toEqual([
      ['"createMcpServers" failed (Error).', { cause: new Error("password=1") }],
    ]);
  });
});

describe("open sessions and streams", () => {
  test("end when their server is deleted, and those of other servers go on", async () => {
    const { manager } = await useManager();
    const desk = useDesk(manager);
    const [one, other] = [await desk.handOut(), await desk.handOut()];
    const [ending, lasting] = [await useSession(desk, one.token), await useSession(desk, other.token)];
    expect((await ending.send("tools/list")).status).toBe(200);
    await desk.admin("DELETE", `/mcp-servers/${one.id}`);
    const never = await allOf(await desk.servers.fetch(callOf("A".repeat(43))));
    expect(await allOf(await ending.send("tools/list"))).toEqual(never);
    await ending.ended;
    expect(lasting.isOpen()).toBe(true);
    expect((await lasting.send("tools/list")).status).toBe(200);
  });

  test("end when their server expires, and not before", async () => {
    vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"] });
    const { manager } = await useManager();
    const desk = useDesk(manager);
    const { token } = await desk.handOut({ expires_at: later(60_000) });
    const session = await useSession(desk, token);
    await vi.advanceTimersByTimeAsync(59_999);
    expect((await session.send("tools/list")).status).toBe(200);
    expect(session.isOpen()).toBe(true);
    await vi.advanceTimersByTimeAsync(1);
    await session.ended;
    expect((await session.send("tools/list")).status).toBe(404);
  });

  test("last where their server ends after more days than a timer can wait", async () => {
    vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"] });
    const { manager } = await useManager();
    const memory = memoryMcpServerStore();
    let isSilent = false;
    // Thirty days of looking at it each second would take long.
    const list = () => (isSilent ? new Promise<never>(() => undefined) : memory.list());
    const desk = useDesk(manager, { sessionIdleMs: 2 ** 31 - 1, store: { ...memory, list } });
    const days = 86_400_000;
    const { token } = await desk.handOut({ expires_at: later(30 * days) });
    isSilent = true;
    const session = await useSession(desk, token);
    for (const passed of [20, 9]) {
      await vi.advanceTimersByTimeAsync(passed * days);
      expect((await session.send("tools/list")).status).toBe(200);
    }
    expect(session.isOpen()).toBe(true);
    await vi.advanceTimersByTimeAsync(days);
    await session.ended;
  });

  test("end within a second when another process deletes their server", async () => {
    vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"] });
    const { manager } = await useManager();
    const here = useDesk(manager);
    const there = useDesk(manager, { store: here.store });
    const { id, token } = await here.handOut();
    const session = await useSession(here, token);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(session.isOpen()).toBe(true);
    await there.admin("DELETE", `/mcp-servers/${id}`);
    await vi.advanceTimersByTimeAsync(1000);
    await session.ended;
    expect((await session.send("tools/list")).status).toBe(404);
  });

  test("end when the servers are closed, and callers are told to come back", async () => {
    const { manager } = await useManager();
    const desk = useDesk(manager);
    const { token } = await desk.handOut();
    const session = await useSession(desk, token);
    await Promise.all([desk.servers.close(), desk.servers.close()]);
    await session.ended;
    expect((await session.send("tools/list")).status).toBe(503);
  });
});

describe("a server that wants an API token", () => {
  test.each([
    ["none", {}],
    ["one that nobody has", { authorization: `Bearer ${"x".repeat(40)}` }],
    ["the admin token", { authorization: `Bearer ${adminToken}` }],
    ["one with another scheme", { authorization: `Basic ${apiToken}` }],
  ])("answers 401 to %s", async (_what, headers: Record<string, string>) => {
    const { manager } = await useManager();
    const desk = useDesk(manager);
    const { id, token } = await desk.handOut({ require_api_token_auth: true });
    const answer = await desk.servers.fetch(callOf(token, { headers }));
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer realm="mcp"/);
    expect(await answer.text()).not.toContain(id);
    expect(desk.lines).toMatchObject([{ path: `/mcp/${id}`, server: id, principal: null, status: 401 }]);
  });

  test("has the operator's writes, and tells callers apart", async () => {
    const { manager } = await useManager();
    const desk = useDesk(manager, { methods: ["read", "write"] });
    const { id, token } = await desk.handOut({ require_api_token_auth: true });
    const headers = { authorization: `Bearer ${apiToken}` };
    const { url } = await useHttp((request) => desk.servers.fetch(request));
    const connected = await clients[0]!.connect(`${url}/${token}`, { headers });
    expect((await connected.listTools()).map(({ name }) => name).sort()).toEqual(
      [...reads, ...writes].sort(),
    );
    expect(desk.lines.map(({ principal }) => principal)).toContain(`server ${id} as helpdesk`);
    const session = await useSession(desk, token, headers);
    expect((await session.send("tools/list")).status).toBe(200);
    const stolen = await session.send("tools/list", { authorization: `Bearer ${otherApiToken}` });
    expect(stolen.status).toBe(404);
    expect((await session.send("tools/list", { authorization: "" })).status).toBe(401);
  });
});

describe("a server in the store that nobody may hand out", () => {
  test("with writes that its URL alone would open, is not served", async () => {
    const { manager } = await useManager();
    const desk = useDesk(manager, { methods: ["read", "write"] });
    const { id, token } = await desk.handOut({ require_api_token_auth: true });
    const record = (await desk.store.get(id))!;
    await desk.store.delete(id);
    await desk.store.create({ ...record, require_api_token_auth: false });
    for (const authorization of ["", `Bearer ${apiToken}`]) {
      expect((await desk.servers.fetch(callOf(token, { headers: { authorization } }))).status).toBe(404);
    }
    await desk.store.delete(id);
    await desk.store.create({ ...record, require_api_token_auth: false, config: { methods: ["read"] } });
    expect((await desk.servers.fetch(callOf(token))).status).toBe(200);
  });

  test("with an end that cannot be read, has ended", async () => {
    const { manager } = await useManager();
    const desk = useDesk(manager);
    const { id, token } = await desk.handOut();
    const record = (await desk.store.get(id))!;
    await desk.store.create({ ...record, expires_at: "some day" });
    expect((await desk.servers.fetch(callOf(token))).status).toBe(404);
  });

  test("with tools that the operator has taken away since, has the others", async () => {
    const { manager } = await useManager();
    const generous = useDesk(manager, { methods: ["read", "write"] });
    const { token } = await generous.handOut({ require_api_token_auth: true });
    const strict = useDesk(manager, { methods: ["list", "suspend"], store: generous.store });
    const { url } = await useHttp((request) => strict.servers.fetch(request));
    const headers = { authorization: `Bearer ${apiToken}` };
    const connected = await clients[0]!.connect(`${url}/${token}`, { headers });
    expect((await connected.listTools()).map(({ name }) => name).sort()).toEqual([reads[2], writes[1]]);
  });
});

describe("callers reach servers", () => {
  test('option "publicUrl" of createMcpServers: by its host and on loopback, and by no other, whatever the token', async () => {
    const { manager } = await useManager();
    const desk = useDesk(manager);
    const { token } = await desk.handOut();
    const status = async (path: string, host: string) =>
      (await desk.servers.fetch(callOf(path, { headers: { host } }))).status;
    expect(await status(token, "mcp.example.com")).toBe(200);
    expect(await status(token, "127.0.0.1:3000")).toBe(200);
    expect(await status(token, "evil.example.org")).toBe(403);
    expect(await status("A".repeat(43), "evil.example.org")).toBe(403);
  });

  test("behind a proxy that takes the path of publicUrl off, or leaves it", async () => {
    const { manager } = await useManager();
    const desk = useDesk(manager, { publicUrl: "https://example.com/tools/" });
    const { url, token } = await desk.handOut();
    expect(url).toBe(`https://example.com/tools/mcp/${token}`);
    const given = callOf(token);
    expect((await desk.servers.fetch(new Request(url, given))).status).toBe(200);
    expect((await desk.servers.fetch(callOf(token))).status).toBe(200);
  });
});

describe("a token", () => {
  test("is in the answer to POST, and nowhere else", async () => {
    const path = join(await useFolder(), "servers.json");
    const { manager } = await useManager();
    const desk = useDesk(manager, { store: fileMcpServerStore(path) });
    const wish = { name: "A", expires_at: later(3_600_000), require_api_token_auth: true };
    const { id, token } = await desk.handOut(wish);
    const search = new LeakSearch([
      { name: "URL token", value: token },
      { name: "admin token", value: adminToken },
      { name: "API token", value: apiToken },
    ]);
    const headers = { authorization: `Bearer ${apiToken}` };
    const session = await useSession(desk, token, headers);
    const texts: unknown[] = [
      await (await session.send("tools/list")).text(),
      await (await session.send("no/such/method")).text(),
      await (await desk.servers.fetch(callOf(token))).text(),
      await (
        await desk.servers.fetch(callOf(token, { headers: { ...headers, host: "evil.example.org" } }))
      ).text(),
      await (await desk.servers.fetch(callOf(`${token}/`, { headers }))).text(),
      await (await desk.servers.fetch(new Request(`http://127.0.0.1/${token}`))).text(),
      (await desk.admin("GET", "/mcp-servers")).text,
      (await desk.admin("GET", `/mcp-servers/${id}`)).text,
      (await desk.admin("GET", `/mcp-servers/${token}`)).text,
      (await desk.admin("POST", `/mcp-servers`, { ...wish, config: { methods: ["write"] } })).text,
      await readFile(path, "utf8"),
      await desk.store.list(),
      inspect(desk.servers, { depth: 20, showHidden: true }),
      (await desk.admin("DELETE", `/mcp-servers/${id}`)).text,
    ];
    await session.ended;
    const lines = [...desk.lines, ...desk.adminLines];
    texts.push(lines);
    expect(texts.flatMap((text) => search.in(text))).toEqual([]);
    expect(lines.map((line) => line.path)).toEqual(
      expect.arrayContaining(["/mcp-servers", `/mcp-servers/${id}`, "/…", `/mcp/${id}`, "/mcp/…"]),
    );
  });

  test("is compared by its whole hash", () => {
    const hash = fc.string({ minLength: 1, maxLength: 4, unit: fc.constantFrom("a", "b") });
    fc.assert(fc.property(hash, hash, (one, other) => isSameHash(one, other) === (one === other)));
  });
});
