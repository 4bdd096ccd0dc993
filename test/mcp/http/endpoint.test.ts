import { describe, expect, test } from "vitest";
import { clients, defaultClient, useHttp } from "../../support/mcp.js";
import { anybody, useEndpoint } from "./fixture.js";

describe.each([...clients, defaultClient])("$name", (client) => {
  test("lists tools and calls one", async () => {
    const { endpoint } = useEndpoint();
    const { url } = await useHttp((request) => endpoint.fetch(request, anybody));
    const connected = await client.connect(url);
    expect((await connected.listTools()).map(({ name }) => name)).toEqual(["echo", "slow", "ask"]);
    const { content } = await connected.callTool("echo", { text: "héllo" });
    expect(content).toEqual([{ type: "text", text: "anybody: héllo" }]);
  });

  test("has a session in 2025, and none in 2026", async () => {
    const { endpoint } = useEndpoint();
    const { url } = await useHttp((request) => endpoint.fetch(request, anybody));
    const connected = await client.connect(url);
    expect(connected.sessionId === undefined).toBe(client.era === "2026");
  });

  test.each([
    { answer: { action: "accept", content: { yes: true } }, text: "written" },
    { answer: { action: "decline" }, text: "not written" },
    { answer: { action: "cancel" }, text: "not written" },
  ] as const)("is asked, and $answer.action is heard", async ({ answer, text }) => {
    const { endpoint, events } = useEndpoint();
    const { url } = await useHttp((request) => endpoint.fetch(request, anybody));
    const questions: string[] = [];
    const connected = await client.connect(url, {
      elicit: ({ message }) => {
        questions.push(message);
        return answer;
      },
    });
    const { content } = await connected.callTool("ask");
    expect(content).toEqual([{ type: "text", text }]);
    expect(questions).toEqual(["Write?"]);
    expect(events.filter((event) => event === "written")).toHaveLength(text === "written" ? 1 : 0);
  });

  test("cancels a call, and the tool's signal hears of it", async () => {
    const { endpoint, seen } = useEndpoint();
    const { url } = await useHttp((request) => endpoint.fetch(request, anybody));
    const connected = await client.connect(url);
    const controller = new AbortController();
    const call = connected.callTool("slow", {}, { signal: controller.signal });
    const outcome = expect(call).rejects.toThrow();
    await seen("slow began");
    controller.abort();
    await outcome;
    await seen("slow aborted");
    // Nothing of it is left behind.
    const { content } = await connected.callTool("echo", { text: "still here" });
    expect(content[0]!.text).toBe("anybody: still here");
  });
});

test("tools see neither the path nor the authorization of a request", async () => {
  const seen: string[] = [];
  const { endpoint } = useEndpoint({}, ({ url, headers }) => {
    seen.push(url, headers.get("authorization") ?? "none");
  });
  const { url } = await useHttp((request) => endpoint.fetch(request, anybody));
  for (const client of [...clients, defaultClient]) {
    const connected = await client.connect(`${url}/secret-token`, {
      headers: { authorization: "Bearer secret-token" },
    });
    await connected.callTool("echo", { text: "" });
  }
  expect(seen).toHaveLength(8);
  expect(seen.join()).not.toContain("secret-token");
});
