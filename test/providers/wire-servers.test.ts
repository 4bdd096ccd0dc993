import { DynamicStructuredTool } from "@langchain/core/tools";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Planner, Turn } from "../support/wire/turn.js";
import { clients, type ProviderClient } from "./clients.js";
import { converse } from "./converse.js";

const schema = {
  type: "object",
  properties: {
    city: { type: "string", description: "The city's name." },
    days: { type: "integer", minimum: 1, maximum: 7 },
    units: { type: "string", enum: ["metric", "imperial"] },
  },
  required: ["city"],
  additionalProperties: true,
};

const weather = new DynamicStructuredTool({
  name: "look_up_weather",
  description: "The weather of the next days.",
  schema,
  func: async (args: { city: string }) => `Sunny in ${args.city}.`,
});

async function serve({ start, connect }: ProviderClient, reply: Planner) {
  const server = await start({ reply });
  onTestFinished(() => server.close());
  return { server, model: connect(server.baseUrl) };
}

describe.each(clients)("$client", (provider) => {
  test.each([{ streaming: false }, { streaming: true }])(
    "a conversation with a call goes round, streaming: $streaming",
    async ({ streaming }) => {
      const turns: Turn[] = [];
      const { model, server } = await serve(provider, (turn) => {
        turns.push(turn);
        if (turns.length > 1) return { text: "Take no umbrella:\nes bleibt schön. 🌞" };
        return { toolCalls: [{ name: "look_up_weather", args: { city: "Zürich", days: 2 } }] };
      });

      const messages = await converse(model, [weather], { streaming });

      expect(messages.at(-1)?.text).toBe("Take no umbrella:\nes bleibt schön. 🌞");
      expect(turns).toHaveLength(2);
      expect(turns[1]?.messages).toMatchObject([
        { role: "system", text: "You are an offboarding assistant." },
        { role: "user", text: "Please help." },
        {
          role: "assistant",
          text: "",
          toolCalls: [{ name: "look_up_weather", args: { city: "Zürich", days: 2 } }],
        },
        { role: "tool", name: "look_up_weather", text: "Sunny in Zürich." },
      ]);
      expect(server.requests.map(({ status }) => status)).toEqual([200, 200]);
    },
  );

  test("a tool's definition arrives as it was written, but for what the client is known to strip", async () => {
    const { model, server } = await serve(provider, () => ({ text: "Hello." }));
    await converse(model, [weather]);
    const { additionalProperties, ...stripped } = schema;
    expect(additionalProperties).toBe(true);
    expect(provider.definitions(server.requests[0]!.body)).toEqual([
      {
        name: "look_up_weather",
        description: "The weather of the next days.",
        schema: provider.client === "ChatGoogleGenerativeAI" ? stripped : schema,
      },
    ]);
  });

  test("any arguments and any text arrive as they were planned, streamed or not", async () => {
    let next: { city: string; text: string; extra: unknown } = { city: "", text: "", extra: null };
    const { model } = await serve(provider, ({ messages }) =>
      messages.at(-1)?.role === "tool"
        ? { text: next.text }
        : { toolCalls: [{ name: "look_up_weather", args: { city: next.city, extra: next.extra } }] },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          city: fc.string({ unit: "grapheme" }),
          text: fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => text.trim() !== ""),
          extra: fc.jsonValue(),
        }),
        fc.boolean(),
        async (planned, streaming) => {
          next = planned;
          const messages = await converse(model, [weather], { streaming });
          const args: unknown = JSON.parse(JSON.stringify({ city: planned.city, extra: planned.extra }));
          expect(messages[2]).toMatchObject({ tool_calls: [{ args }] });
          expect(messages.at(-1)?.text).toBe(planned.text);
        },
      ),
      { numRuns: 10 },
    );
  });

  test.each([{ streaming: false }, { streaming: true }])(
    "two calls in one turn go round where the client can, streaming: $streaming",
    async ({ streaming }) => {
      const results: unknown[] = [];
      const { model } = await serve(provider, ({ messages }) => {
        const answered = messages.filter(({ role }) => role === "tool");
        results.push(...answered.map(({ text }) => text));
        if (answered.length > 0) return { text: "Both are sunny." };
        return {
          toolCalls: [
            { name: "look_up_weather", args: { city: "Bern" } },
            { name: "look_up_weather", args: { city: "Basel" } },
          ],
        };
      });
      const conversation = converse(model, [weather], { streaming });
      if (!provider.parallelCalls) {
        await expect(conversation).rejects.toThrow(/number of function response parts is equal/);
        return;
      }
      const messages = await conversation;
      expect(results).toEqual(["Sunny in Bern.", "Sunny in Basel."]);
      const ids = messages.flatMap((message) => ("tool_call_id" in message ? [message.tool_call_id] : []));
      expect(new Set(ids).size).toBe(2);
    },
  );

  test("what the test's own planner throws comes out of the client, at the first try", async () => {
    const { model, server } = await serve(provider, () => {
      throw new Error("the list was not read to its end");
    });
    await expect(converse(model, [weather])).rejects.toThrow(/the list was not read to its end/);
    // Not a 5xx, which clients with their usual settings would try again for minutes.
    expect(server.requests.map(({ status }) => status)).toEqual([400]);
  });

  test("a closed server ends what still hangs on it", async () => {
    let asked: () => void;
    const planning = new Promise<void>((resolve) => (asked = resolve));
    const server = await provider.start({
      reply: () => {
        asked();
        return new Promise(() => undefined);
      },
    });
    const conversation = converse(provider.connect(server.baseUrl), [weather]);
    const failure = expect(conversation).rejects.toThrow();
    await planning;
    await server.close();
    await failure;
  });
});
