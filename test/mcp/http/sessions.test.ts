import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { McpAccess } from "../../../src/mcp/access.js";
import { anybody, useEndpoint } from "./fixture.js";
import { call, initialize, messagesOf, modern, posted, startSession } from "./messages.js";

const ada: McpAccess = { principal: "ada", server: "default", filter: {} };
const inSession = (id: string) => ({ "mcp-session-id": id });

/** One request's status, its body read. */
async function statusOf(response: Promise<Response>): Promise<number> {
  const { status, body } = await response;
  await body?.cancel();
  return status;
}

test("a session answers only to the principal and the server that it was started with", async () => {
  const { endpoint, events } = useEndpoint();
  const id = await startSession((request) => endpoint.fetch(request, ada));
  const asked = async (access: McpAccess, session = id) => {
    const response = await endpoint.fetch(posted(call("echo", { text: "x" }), inSession(session)), access);
    return { status: response.status, messages: await messagesOf(response) };
  };
  const unknown = await asked(ada, crypto.randomUUID());
  expect(unknown.status).toBe(404);
  expect(unknown.messages[0]!.id).toBe(null);
  expect(await asked({ ...ada, principal: "bob" })).toEqual(unknown);
  expect(await asked({ ...ada, server: "other" })).toEqual(unknown);
  expect(events).not.toContain("echo");
  for (const method of ["GET", "DELETE"]) {
    const headers = { ...inSession(id), accept: "text/event-stream" };
    const request = new Request("http://localhost/", { method, headers });
    expect(await statusOf(endpoint.fetch(request, { ...ada, principal: "bob" }))).toBe(404);
  }
  expect((await asked(ada)).messages[0]!.result!.content![0]!.text).toBe("ada: x");
});

test("DELETE ends a session, and a call under way may finish", async () => {
  const { endpoint, events, seen, release } = useEndpoint();
  const fetch = (request: Request) => endpoint.fetch(request, anybody);
  const id = await startSession(fetch);
  const slow = await fetch(posted(call("slow"), inSession(id)));
  await seen("slow began");
  const gone = new Request("http://localhost/", { method: "DELETE", headers: inSession(id) });
  expect(await statusOf(fetch(gone))).toBe(200);
  expect(await statusOf(fetch(posted(call("echo", { text: "x" }), inSession(id))))).toBe(404);
  release();
  expect((await messagesOf(slow))[0]!.result!.content![0]!.text).toBe("written");
  expect(events).not.toContain("slow aborted");
});

test("a greeting in a batch of a session is refused", async () => {
  const { endpoint } = useEndpoint();
  const fetch = (request: Request) => endpoint.fetch(request, anybody);
  const id = await startSession(fetch);
  expect(await statusOf(fetch(posted([initialize, call("echo")], inSession(id))))).toBe(400);
});

test("a refused greeting leaves no session and no server behind", async () => {
  const { endpoint } = useEndpoint({ maxSessions: 1 });
  const fetch = (request: Request) => endpoint.fetch(request, anybody);
  const kept = await startSession(fetch);
  const second = { ...initialize, params: { ...initialize.params, protocolVersion: 5 } };
  expect(await statusOf(fetch(posted(second)))).toBe(400);
  expect(await statusOf(fetch(posted(call("echo", { text: "x" }), inSession(kept))))).toBe(200);
});

describe("beyond maxSessions", () => {
  test("the one that was idle for longest makes room", async () => {
    const { endpoint } = useEndpoint({ maxSessions: 2 });
    const fetch = (request: Request) => endpoint.fetch(request, anybody);
    const first = await startSession(fetch);
    const second = await startSession(fetch);
    const asked = (id: string) => statusOf(fetch(posted(call("echo", { text: "x" }), inSession(id))));
    expect(await asked(first)).toBe(200);
    const third = await startSession(fetch);
    expect(await asked(second)).toBe(404);
    expect(await asked(first)).toBe(200);
    expect(await asked(third)).toBe(200);
  });

  test("whoever has most of them makes room, and nobody else is shut out", async () => {
    const { endpoint } = useEndpoint({ maxSessions: 3 });
    const many = { ...anybody, server: "one that is flooded" };
    const kept = await startSession((request) => endpoint.fetch(request, anybody));
    for (let started = 0; started < 6; started += 1) {
      await startSession((request) => endpoint.fetch(request, many));
    }
    const asked = endpoint.fetch(posted(call("echo", { text: "x" }), inSession(kept)), anybody);
    expect(await statusOf(asked)).toBe(200);
  });

  test("of 2026 clients who only listen, one caller does not take every place, nor those of calls", async () => {
    const { endpoint } = useEndpoint({ maxSessions: 4 });
    const flooding = { ...anybody, server: "one that is flooded" };
    const listen = modern("subscriptions/listen", { notifications: { toolsListChanged: true } });
    const statuses: number[] = [];
    for (let started = 0; started < 4; started += 1) {
      statuses.push((await endpoint.fetch(posted(listen.body, listen.headers), flooding)).status);
    }
    expect(statuses).toEqual([200, 200, 503, 503]);
    for (let started = 0; started < 2; started += 1) {
      expect((await endpoint.fetch(posted(listen.body, listen.headers), anybody)).status).toBe(200);
    }
    const list = modern("tools/list");
    expect(await statusOf(endpoint.fetch(posted(list.body, list.headers), anybody))).toBe(200);
  });

  test("where those of whoever has most have calls under way, an idle one of somebody else makes room", async () => {
    const { endpoint, seen, release } = useEndpoint({ maxSessions: 3 });
    const idle = await startSession((request) => endpoint.fetch(request, anybody));
    const slowOf = async (id: number) => {
      const busy = await startSession((request) => endpoint.fetch(request, ada));
      return endpoint.fetch(posted(call("slow", {}, id), inSession(busy)), ada);
    };
    const slow = await slowOf(1);
    await slowOf(2);
    await seen("slow began");
    await startSession((request) => endpoint.fetch(request, { ...anybody, principal: "bob" }));
    const gone = posted(call("echo", { text: "x" }), inSession(idle));
    expect(await statusOf(endpoint.fetch(gone, anybody))).toBe(404);
    release();
    expect((await messagesOf(slow))[0]!.result!.content![0]!.text).toBe("written");
  });

  test("calls of one 2026 client take half of the places, and those of others what is left to share", async () => {
    const { endpoint, seen, release } = useEndpoint({ maxSessions: 8 });
    const slow = modern("tools/call", { name: "slow", arguments: {} });
    const list = modern("tools/list");
    const under: Promise<Response>[] = [];
    const status = async (access: McpAccess) =>
      statusOf(endpoint.fetch(posted(list.body, list.headers), access));
    for (const [principal, share] of [
      ["ada", 4],
      ["bob", 2],
      ["eve", 1],
    ] as const) {
      const access = { ...anybody, principal };
      for (let begun = 0; begun < share; begun += 1) {
        expect(await status(access)).toBe(200);
        under.push(endpoint.fetch(posted(slow.body, slow.headers), access));
        await seen("slow began");
      }
      expect(await status(access)).toBe(503);
    }
    expect(await status({ ...anybody, principal: "the next one" })).toBe(200);
    release();
    for (const response of under) expect(await statusOf(response)).toBe(200);
    await vi.waitFor(async () => expect(await status({ ...anybody, principal: "ada" })).toBe(200));
  });

  test("questions of one 2025 client, in however many sessions, leave places to others", async () => {
    const { endpoint } = useEndpoint({ maxSessions: 6 });
    const fetch = (request: Request) => endpoint.fetch(request, ada);
    const statuses: number[] = [];
    for (let asked = 0; asked < 5; asked += 1) {
      const greeted = await fetch(posted(initialize));
      await greeted.text();
      const id = greeted.headers.get("mcp-session-id");
      if (id === null) break;
      const response = await fetch(posted(call("ask"), inSession(id)));
      statuses.push(response.status);
      await response.body?.getReader().read();
    }
    expect(statuses).toEqual([200, 200, 200]);
    expect(await startSession((request) => endpoint.fetch(request, anybody))).toEqual(expect.any(String));
  });

  test("callers who are not asked who they are have places by their addresses", async () => {
    const { endpoint } = useEndpoint({ maxSessions: 2 });
    const listed = async (address: string) => {
      const id = await startSession((request) => endpoint.fetch(request, { ...anybody, address }));
      const response = await endpoint.fetch(posted(call("ask"), inSession(id)), { ...anybody, address });
      await response.body?.getReader().read();
      return response.status;
    };
    expect(await listed("192.0.2.1")).toBe(200);
    await expect(listed("192.0.2.1")).rejects.toThrow("503");
    expect(await listed("192.0.2.2")).toBe(200);
  });

  test("a batch takes a place for each of its calls, or none", async () => {
    const { endpoint, seen, release } = useEndpoint({ maxSessions: 6 });
    const fetch = (request: Request) => endpoint.fetch(request, anybody);
    const id = await startSession(fetch);
    const batch = (count: number) =>
      posted(
        Array.from({ length: count }, (_, index) => call("slow", {}, index + 1)),
        inSession(id),
      );
    expect((await fetch(batch(4))).status).toBe(503);
    const response = await fetch(batch(3));
    expect(response.status).toBe(200);
    await seen("slow began");
    expect(await statusOf(fetch(posted(call("echo", { text: "x" }, 9), inSession(id))))).toBe(503);
    release();
    await response.text();
    expect(await statusOf(fetch(posted(call("echo", { text: "x" }, 9), inSession(id))))).toBe(200);
  });

  test("where all have a call under way, the next one is told to come back", async () => {
    const { endpoint, seen, release } = useEndpoint({ maxSessions: 1 });
    const fetch = (request: Request) => endpoint.fetch(request, anybody);
    const id = await startSession(fetch);
    const slow = await fetch(posted(call("slow"), inSession(id)));
    await seen("slow began");
    const refused = await fetch(posted(initialize));
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toMatch(/^\d+$/);
    expect((await messagesOf(refused))[0]!.error!.message).toContain("Try again");
    release();
    await messagesOf(slow);
    await startSession(fetch);
  });

  test("so are requests of 2026 clients", async () => {
    const { endpoint, seen } = useEndpoint({ maxSessions: 1 });
    const fetch = (request: Request) => endpoint.fetch(request, anybody);

    const slow = modern("tools/call", { name: "slow", arguments: {} });
    void fetch(posted(slow.body, slow.headers));
    await seen("slow began");
    const list = modern("tools/list");
    expect(await statusOf(fetch(posted(list.body, list.headers)))).toBe(503);
  });
});

describe("an idle session", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("ends, and with it a stream on which its client only listens", async () => {
    const { endpoint } = useEndpoint({ sessionIdleMs: 1000 });
    const fetch = (request: Request) => endpoint.fetch(request, anybody);
    const id = await startSession(fetch);
    const headers = { ...inSession(id), accept: "text/event-stream" };
    const stream = await fetch(new Request("http://localhost/", { headers }));
    expect(stream.status).toBe(200);
    await vi.advanceTimersByTimeAsync(999);
    expect(await statusOf(fetch(posted(call("echo", { text: "x" }), inSession(id))))).toBe(200);
    await vi.advanceTimersByTimeAsync(999);
    expect(await statusOf(fetch(posted(call("echo", { text: "x" }), inSession(id))))).toBe(200);
    await vi.advanceTimersByTimeAsync(1001);
    expect(await stream.text()).toBe("");
    expect(await statusOf(fetch(posted(call("echo", { text: "x" }), inSession(id))))).toBe(404);
  });

  test("is none while a person is asked, until the call has taken too long", async () => {
    const { endpoint, events, seen } = useEndpoint({ sessionIdleMs: 1000, requestMs: 10_000 });
    const fetch = (request: Request) => endpoint.fetch(request, anybody);
    const id = await startSession(fetch);
    const ask = await fetch(posted(call("ask"), inSession(id)));
    await seen("asked");
    await vi.advanceTimersByTimeAsync(5000);
    expect(await statusOf(fetch(posted(call("echo", { text: "x" }, 2), inSession(id))))).toBe(200);
    await vi.advanceTimersByTimeAsync(5000);
    const [question, answer] = await messagesOf(ask);
    expect(question!.method).toBe("elicitation/create");
    expect(answer!.error!.message).toContain("took more than");
    await vi.advanceTimersByTimeAsync(1001);
    expect(await statusOf(fetch(posted(call("echo", { text: "x" }), inSession(id))))).toBe(404);
    expect(events).not.toContain("written");
  });
});

test("an answer that comes after its question was given up writes nothing", async () => {
  const { endpoint, events, seen } = useEndpoint();
  const fetch = (request: Request) => endpoint.fetch(request, anybody);
  const id = await startSession(fetch);
  const ask = await fetch(posted(call("ask"), inSession(id)));
  await seen("asked");
  const cancelled = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } };
  expect(await statusOf(fetch(posted(cancelled, inSession(id))))).toBe(202);
  // The stream ends with the cancellation, without an answer.
  const [question, ...others] = await messagesOf(ask);
  expect(others).toEqual([]);
  const yes = { jsonrpc: "2.0", id: question!.id, result: { action: "accept", content: { yes: true } } };
  expect(await statusOf(fetch(posted(yes, inSession(id))))).toBe(202);
  const echo = await messagesOf(await fetch(posted(call("echo", { text: "x" }, 2), inSession(id))));
  expect(echo[0]!.result).toBeDefined();
  expect(events).not.toContain("written");
});

test("a cancelled call of a batch leaves the others their stream", async () => {
  const { endpoint, seen } = useEndpoint();
  const fetch = (request: Request) => endpoint.fetch(request, anybody);
  const id = await startSession(fetch);
  const batch = await fetch(posted([call("slow", {}, "a"), call("ask", {}, "b")], inSession(id)));
  await seen("slow began");
  await seen("asked");
  const cancelled = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: "a" } };
  await statusOf(fetch(posted(cancelled, inSession(id))));
  await seen("slow aborted");
  const reader = batch.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("elicitation/create")) text += (await reader.read()).value ?? "";
  const question = JSON.parse(/data: (.*elicitation\/create.*)/.exec(text)![1]!) as { id: number };
  await statusOf(
    fetch(posted({ jsonrpc: "2.0", id: question.id, result: { action: "decline" } }, inSession(id))),
  );
  for (let read = await reader.read(); !read.done; read = await reader.read()) text += read.value;
  expect(text).toContain("not written");
});

test("a request with the id of one under way is refused, and disturbs nothing", async () => {
  const { endpoint, events, seen, release } = useEndpoint();
  const fetch = (request: Request) => endpoint.fetch(request, anybody);
  const id = await startSession(fetch);
  const slow = await fetch(posted(call("slow"), inSession(id)));
  await seen("slow began");
  expect(await statusOf(fetch(posted(call("echo", { text: "x" }), inSession(id))))).toBe(400);
  const twice = [call("echo", { text: "x" }, 2), call("echo", { text: "x" }, 2)];
  expect(await statusOf(fetch(posted(twice, inSession(id))))).toBe(400);
  release();
  expect((await messagesOf(slow))[0]!.result!.content![0]!.text).toBe("written");
  expect(events).not.toContain("echo");
});
