import { ToolMessage } from "@langchain/core/messages";
import {
  DynamicStructuredTool,
  isLangChainTool,
  isStructuredTool,
  StructuredTool,
  tool,
} from "@langchain/core/tools";
import { convertToOpenAITool } from "@langchain/core/utils/function_calling";
import { defineTool, ToolManager, type ToolSource } from "langchain-1password";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import type { Wait } from "../../src/backoff/attempts.js";
import { createGate } from "../../src/backoff/create-gate.js";
import { withBackoff } from "../../src/backoff/with-backoff.js";
import { HttpError } from "../../src/errors/http-error.js";
import { RateLimitError } from "../../src/errors/rate-limit-error.js";
import { ToolsetError } from "../../src/errors/toolset-error.js";
import { inFakeTime, limitedTool, StatusError, throws } from "./limited-tool.js";
import { loadBackoff } from "../support/loaded-backoff.js";

beforeAll(loadBackoff);
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
});
afterEach(() => vi.useRealTimers());

const refused = (seconds = 3) => throws(new StatusError(429, { "Retry-After": `${seconds}` }));
const toolCall = (name: string) => ({
  type: "tool_call" as const,
  id: "call-1",
  name,
  args: { id: "A" },
});

describe("a tool with backoff", () => {
  it("is the given tool to everybody who looks, and the given one stays as it is", async () => {
    const { tool: given, calls } = limitedTool("suspend", refused());
    const [wrapped] = withBackoff([given]);
    expect(wrapped).not.toBe(given);
    expect(wrapped).toBeInstanceOf(StructuredTool);
    expect(wrapped).toBeInstanceOf(DynamicStructuredTool);
    expect(isStructuredTool(wrapped)).toBe(true);
    expect(isLangChainTool(wrapped)).toBe(true);
    expect(wrapped!.schema).toBe(given.schema);
    expect(convertToOpenAITool(wrapped!)).toEqual(convertToOpenAITool(given));
    expect(JSON.stringify(wrapped)).toBe(JSON.stringify(given));
    await expect(given.invoke({ id: "A" })).rejects.toThrow("429");
    expect(calls).toHaveLength(1);
  });

  it.each<[string, unknown]>([
    ["status and headers as a record of any case", new StatusError(429, { "Retry-After": "3" })],
    ["status and headers as Headers", new StatusError(429, new Headers({ "retry-after": "3" }))],
    ["lists of header values", new StatusError(429, { "retry-after": ["3"] })],
    [
      "response.status and response.headers",
      Object.assign(new Error("429"), { response: { status: 429, headers: { "ratelimit-reset": 3 } } }),
    ],
    ["this library's errors", new RateLimitError("429", { headers: {}, retryAfterMs: 3_000 })],
  ])("waits out a 429 told by %s", async (_, error) => {
    const { tool: given, calls } = limitedTool("suspend", throws(error));
    const [wrapped] = withBackoff([given]);
    expect(await inFakeTime(wrapped!.invoke({ id: "A" }))).toBe("suspend of A is done");
    expect(calls[1]!.at - calls[0]!.at).toBeGreaterThanOrEqual(3_000);
    expect(calls[1]!.at - calls[0]!.at).toBeLessThan(3_100);
  });

  it.each<[string, unknown]>([
    ["a 404", new StatusError(404)],
    ["a 503, which a tool that nobody knows may have made of half a write", new StatusError(503)],
    ["a broken connection", new TypeError("fetch failed")],
    ["LangGraph's signal", Object.assign(new Error("interrupt"), { is_bubble_up: true })],
  ])("throws %s at once, the same object", async (_, error) => {
    const { tool: given, calls } = limitedTool("suspend", throws(error));
    const thrown: unknown = await withBackoff([given])[0]!
      .invoke({ id: "A" })
      .catch((one: unknown) => one);
    expect(thrown).toBe(error);
    expect(calls).toHaveLength(1);
  });

  it("takes a tool that stopped to ask somebody for one that sent nothing", async () => {
    const answers: ((answer: string) => void)[] = [];
    const slowly = () => new Promise((answer) => answers.push(answer));
    const asks = throws(Object.assign(new Error("interrupt"), { is_bubble_up: true }));
    const { tool: given, calls } = limitedTool("suspend", asks, slowly, slowly);
    const [wrapped] = withBackoff([given]);
    await expect(wrapped!.invoke({ id: "A" })).rejects.toThrow("interrupt");
    const both = [wrapped!.invoke({ id: "B" }), wrapped!.invoke({ id: "C" })];
    await vi.advanceTimersByTimeAsync(100);
    expect(calls, "the gate is cold still, and sends one").toHaveLength(2);
    answers[0]!("B is done");
    await vi.advanceTimersByTimeAsync(100);
    answers[1]!("C is done");
    expect(await Promise.all(both)).toEqual(["B is done", "C is done"]);
  });

  it("throws the tool's own 429 when there is no more time", async () => {
    const error = new StatusError(429, { "retry-after": "1" });
    const { tool: given, calls } = limitedTool("suspend", throws(error), throws(error), throws(error));
    const [wrapped] = withBackoff([given], { maxWaitMs: 1_500 });
    await expect(inFakeTime(wrapped!.invoke({ id: "A" }))).rejects.toBe(error);
    expect(calls).toHaveLength(2);
  });

  it("runs once for a tracer, with its waits inside", async () => {
    const waits: Wait[] = [];
    const seen: string[] = [];
    const written: unknown[] = [];
    const { tool: given } = limitedTool("suspend", refused());
    const [wrapped] = withBackoff([given], { onBackoff: (wait) => waits.push(wait) });
    const config = {
      runId: crypto.randomUUID(),
      writer: (chunk: unknown) => written.push(chunk),
      callbacks: [
        {
          handleToolStart: () => void seen.push("start"),
          handleToolEnd: () => void seen.push("end"),
          handleToolError: () => void seen.push("error"),
          handleCustomEvent: (name: string, data: { waitMs: number }) =>
            void seen.push(`${name} ${data.waitMs}`),
        },
      ],
    };
    await inFakeTime(wrapped!.invoke(toolCall("suspend"), config));
    expect(seen).toEqual(["start", "onepassword 3000", "end"]);
    expect(waits).toEqual([{ waitMs: 3_000, attempt: 2, reason: "rate_limited" }]);
    expect(written).toEqual([{ type: "wait", ...waits[0] }]);
  });

  it("hands the signal to the tool, and an abort ends its wait at once", async () => {
    const { tool: given, calls } = limitedTool("suspend", refused());
    const controller = new AbortController();
    const running = withBackoff([given])[0]!.invoke({ id: "A" }, { signal: controller.signal });
    running.catch(() => undefined);
    await vi.advanceTimersByTimeAsync(100);
    expect(calls[0]!.signal?.aborted).toBe(false);
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(running).rejects.toBe(reason);
    expect(calls).toHaveLength(1);
  });

  it("works for tools that take a string, and for bodies that use private fields", async () => {
    const shout = tool((text: string) => text.toUpperCase(), {
      name: "shout",
      description: "Shouts.",
      schema: z.string(),
    });
    class CountingTool extends StructuredTool {
      readonly name = "count";
      readonly description = "Counts its calls.";
      readonly schema = z.object({});
      #calls = 0;
      get calls() {
        return this.#calls;
      }
      protected override async _call() {
        return String((this.#calls += 1));
      }
    }
    const [wrappedShout] = withBackoff([shout]);
    expect(await wrappedShout!.invoke("hello")).toBe("HELLO");
    const [counting] = withBackoff([new CountingTool()]);
    expect(await counting!.invoke({})).toBe("1");
    expect(counting!.calls).toBe(1);
  });
});

describe("a tool that answers, rather than throws, that it is rate limited", () => {
  const refusal = (retryAfterMs: number) =>
    new ToolMessage({
      content: "Rate limited.",
      status: "error",
      tool_call_id: "call-1",
      artifact: { error: { code: "rate_limited", retryAfterMs } },
    });

  it.each<[string, (message: ToolMessage) => unknown, "content" | "content_and_artifact"]>([
    ["alone", (message) => message, "content"],
    ["in a pair", (message) => [message, undefined], "content_and_artifact"],
  ])("is called again after the wait, its message %s", async (_, shape, responseFormat) => {
    const answers = [shape(refusal(4_000)), responseFormat === "content" ? "done" : ["done", { at: 1 }]];
    const times: number[] = [];
    const given = new DynamicStructuredTool({
      name: "suspend",
      description: "Suspends.",
      schema: z.object({ id: z.string() }),
      responseFormat,
      func: async () => {
        times.push(Date.now());
        return answers.shift();
      },
    });
    const answer: unknown = await inFakeTime(withBackoff([given])[0]!.invoke(toolCall("suspend")));
    expect(answer).toMatchObject({ content: "done" });
    expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(4_000);
  });

  it("has its last message passed on when the wait would be too long", async () => {
    const message = refusal(120_000);
    const { tool: given, calls } = limitedTool("suspend", () => message);
    const answer: unknown = await withBackoff([given])[0]!.invoke(toolCall("suspend"));
    expect(answer).toBe(message);
    expect(calls).toHaveLength(1);
  });
});

describe("tools that share a gate", () => {
  it("wait together: what one was refused, the others do not try", async () => {
    const one = limitedTool("suspend", refused(5));
    const other = limitedTool("reactivate");
    const [suspend, reactivate] = withBackoff([one.tool, other.tool]);
    const first = suspend!.invoke({ id: "A" });
    await vi.advanceTimersByTimeAsync(10);
    const second = reactivate!.invoke({ id: "B" });
    await inFakeTime(Promise.all([first, second]));
    expect(other.calls[0]!.at - one.calls[0]!.at).toBeGreaterThanOrEqual(5_000);
  });

  it("are those of one call, unless a gate is given to several", async () => {
    const gate = createGate();
    const one = limitedTool("suspend", refused(100));
    const other = limitedTool("reactivate");
    const [suspend] = withBackoff([one.tool], { gate });
    await expect(suspend!.invoke({ id: "A" })).rejects.toThrow("429");
    await expect(withBackoff([other.tool])[0]!.invoke({ id: "B" })).resolves.toContain("done");
    await expect(withBackoff([other.tool], { gate })[0]!.invoke({ id: "B" })).rejects.toMatchObject({
      status: 429,
      retryAfterMs: 100_000,
      headers: { "retry-after": "100" },
    });
    expect(other.calls).toHaveLength(1);
  });

  it("are paced by the headers in their artifacts, where those are this library's", async () => {
    const times: number[] = [];
    const given = new DynamicStructuredTool({
      name: "read",
      description: "Reads.",
      schema: z.object({}),
      responseFormat: "content_and_artifact",
      func: async () => {
        times.push(Date.now());
        const remaining = times.length % 2 === 1 ? 1 : 0;
        return ["read", { headers: { "ratelimit-remaining": `${remaining}`, "ratelimit-reset": "8" } }];
      },
    });
    const [read] = withBackoff([given]);
    await inFakeTime(Promise.all([1, 2, 3].map(() => read!.invoke({}))));
    expect(times[1]! - times[0]!).toBeLessThan(100);
    expect(times[2]! - times[0]!).toBeGreaterThanOrEqual(8_000);
  });
});

it("this library's own tools may be wrapped as well", async () => {
  const source: ToolSource = {
    key: "test",
    list: () => Promise.resolve([]),
    call: () => Promise.reject(new Error("not part of this test")),
  };
  const outcomes = [
    throws(new RateLimitError("429", { headers: { "retry-after": "2" }, retryAfterMs: 2_000 })),
    () => ({ fine: true }),
    throws(new HttpError("not_found", "No such ticket.", { status: 404, headers: {} })),
  ];
  const ticket = defineTool({
    name: "get_ticket",
    description: "Reads a ticket.",
    schema: z.object({ id: z.string() }),
    kind: "read",
    call: async () => outcomes.shift()!(),
  });
  const manager = new ToolManager({ source, tools: [ticket] });
  const [wrapped] = withBackoff(await manager.getTools());
  expect(await inFakeTime(wrapped!.invoke({ id: "A" }) as Promise<string>)).toContain("fine");
  const answer = (await wrapped!.invoke(toolCall("get_ticket"))) as ToolMessage;
  expect(answer.status).toBe("error");
  expect(wrapped!.descriptor.name).toBe("get_ticket");
});

it.each<[string, unknown]>([
  ["a provider's own tool", { type: "web_search" }],
  ["nothing", undefined],
])("%s is refused, by its place in the list", (_, given) => {
  const { tool: fine } = limitedTool("suspend");
  expect(() => withBackoff([fine, given as StructuredTool])).toThrow(ToolsetError);
  expect(() => withBackoff([fine, given as StructuredTool])).toThrow('"tools[1]" is not a StructuredTool');
});
