import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { McpAccess } from "../../../src/mcp/access.js";
import { clients, defaultClient, useHttp } from "../../support/mcp.js";
import { anybody, useEndpoint } from "./fixture.js";
import { call, initialize, messagesOf, modern, posted, startSession } from "./messages.js";

const handedOut: McpAccess = { principal: "server 1", server: "1", filter: {} };
const slow = modern("tools/call", { name: "slow", arguments: {} });
/** What is not ended at once would never be, as far as a test can wait. */
const endless = 2 ** 31 - 1;
const inSession = (id: string) => ({ "mcp-session-id": id });

describe.each([...clients, defaultClient])("$name", (client) => {
  test("a graceful stop lets a slow call finish, and answers later ones with 503", async () => {
    const { endpoint, events, seen, release } = useEndpoint();
    const { url } = await useHttp((request) => endpoint.fetch(request, anybody));
    const connected = await client.connect(url);
    const writing = connected.callTool("slow");
    await seen("slow began");
    const closed = endpoint.close();
    await expect(connected.callTool("echo", { text: "x" })).rejects.toThrow();
    const late = await endpoint.fetch(posted(initialize), anybody);
    expect(late.status).toBe(503);
    expect(late.headers.get("retry-after")).toMatch(/^\d+$/);
    expect(events).not.toContain("slow done");
    release();
    expect((await writing).content[0]!.text).toBe("written");
    await closed;
    expect(events).not.toContain("slow aborted");
    expect(events).not.toContain("echo");
  });

  test("a server that is taken away lets a call finish and serves no other", async () => {
    const { endpoint, events, seen, release } = useEndpoint();
    const { url } = await useHttp((request) => endpoint.fetch(request, handedOut));
    const connected = await client.connect(url);
    const writing = connected.callTool("slow");
    await seen("slow began");
    const ended = endpoint.end("1");
    if (client.era === "2025") await expect(connected.callTool("echo", { text: "x" })).rejects.toThrow();
    release();
    expect((await writing).content[0]!.text).toBe("written");
    await ended;
    expect(events.filter((event) => event === "echo" || event === "slow aborted")).toEqual([]);
  });
});

/** Reads a stream up to a message of a method, and gives that and what follows. */
async function readTo(method: string, response: Response) {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes(method)) text += (await reader.read()).value ?? "";
  const rest = async () => {
    for (let read = await reader.read(); !read.done; read = await reader.read()) text += read.value;
    return messagesOf(new Response(text, { headers: { "content-type": "text/event-stream" } }));
  };
  return { rest };
}

test("a question that would come after its server was taken away is not asked", async () => {
  const { endpoint, events, seen } = useEndpoint();
  const fetch = (request: Request) => endpoint.fetch(request, handedOut);
  const id = await startSession(fetch);
  const ask = await fetch(posted(call("ask"), inSession(id)));
  await seen("asked");
  await endpoint.end("1");
  const messages = await messagesOf(ask);
  expect(messages).toHaveLength(1);
  expect(messages[0]!.result!.isError).toBe(true);
  expect(messages[0]!.result!.content![0]!.text).toContain("nobody can be asked any more");
  expect(events).not.toContain("written");
});

test("a server that is taken away ends its streams and questions at once, and no others", async () => {
  const { endpoint, events } = useEndpoint({ graceMs: endless });
  const fetch = (request: Request) => endpoint.fetch(request, handedOut);
  const id = await startSession(fetch);
  const other = await startSession((request) => endpoint.fetch(request, anybody));
  const listening = (session: string) =>
    new Request("http://localhost/", { headers: { ...inSession(session), accept: "text/event-stream" } });
  const stream = await fetch(listening(id));
  const kept = await endpoint.fetch(listening(other), anybody);
  const { rest } = await readTo("elicitation/create", await fetch(posted(call("ask"), inSession(id))));
  const ended = endpoint.end("1");
  expect((await fetch(posted(call("echo", { text: "x" }), inSession(id)))).status).toBe(404);
  await ended;
  expect(await stream.text()).toBe("");
  const [question, answer] = await rest();
  expect(answer!.error!.message).toContain("taken away");
  const yes = { jsonrpc: "2.0", id: question!.id, result: { action: "accept", content: { yes: true } } };
  expect((await fetch(posted(yes, inSession(id)))).status).toBe(404);
  expect(events).not.toContain("written");
  const still = posted(call("echo", { text: "x" }), inSession(other));
  expect((await messagesOf(await endpoint.fetch(still, anybody)))[0]!.result).toBeDefined();
  await kept.body!.cancel();
});

test("a request whose body is still arriving when its server is taken away is not served", async () => {
  const { endpoint, events } = useEndpoint();
  for (const { body, headers } of [slow, { body: initialize, headers: {} }]) {
    const text = new TextEncoder().encode(JSON.stringify(body));
    let finish: (() => void) | undefined;
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(text.slice(0, 10));
        finish = () => {
          controller.enqueue(text.slice(10));
          controller.close();
        };
      },
    });
    const init = { method: "POST", headers: posted("", headers).headers, body: stream, duplex: "half" };
    const answer = endpoint.fetch(new Request("http://localhost/", init), handedOut);
    await endpoint.end("1");
    finish?.();
    expect((await answer).status).toBe(404);
  }
  expect(events).toEqual([]);
});

test("a 2026 subscription ends with its server", async () => {
  const { endpoint } = useEndpoint({ graceMs: endless });
  const listen = modern("subscriptions/listen", { notifications: { toolsListChanged: true } });
  const stream = await endpoint.fetch(posted(listen.body, listen.headers), handedOut);
  expect(stream.headers.get("content-type")).toBe("text/event-stream");
  await endpoint.end("1");
  expect(await stream.text()).toContain("subscriptions/acknowledged");
});

describe("calls that do not end", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("hold up a stop no longer than graceMs", async () => {
    const { endpoint, events, seen } = useEndpoint({ graceMs: 1000 });
    const fetch = (request: Request) => endpoint.fetch(request, anybody);
    const id = await startSession(fetch);
    const first = await fetch(posted(call("slow"), inSession(id)));
    await seen("slow began");
    const second = fetch(posted(slow.body, slow.headers));
    await vi.advanceTimersByTimeAsync(0);
    const closed = endpoint.close();
    await vi.advanceTimersByTimeAsync(999);
    expect(events).not.toContain("slow aborted");
    await vi.advanceTimersByTimeAsync(1);
    await closed;
    expect(events.filter((event) => event === "slow aborted")).toHaveLength(2);
    expect((await messagesOf(first))[0]!.error!.message).toContain("stopping");
    expect((await second).status).toBe(503);
  });

  test("are cancelled after requestMs, in both eras", async () => {
    const { endpoint, events } = useEndpoint({ requestMs: 1000 });
    const fetch = (request: Request) => endpoint.fetch(request, anybody);
    const id = await startSession(fetch);
    const first = await fetch(posted(call("slow"), inSession(id)));
    const second = fetch(posted(slow.body, slow.headers));
    await vi.advanceTimersByTimeAsync(999);
    expect(events).not.toContain("slow aborted");
    await vi.advanceTimersByTimeAsync(1);
    expect((await messagesOf(first))[0]!.error!.message).toContain("took more than");
    expect((await second).status).toBe(504);
    expect(events.filter((event) => event === "slow aborted")).toHaveLength(2);
  });
});
