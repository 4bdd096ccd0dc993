import { generateText, jsonSchema, type ModelMessage, stepCountIs, tool, type ToolSet } from "ai";
import { MockLanguageModelV3 } from "ai/test";
import { ToolManager, usersApi } from "langchain-1password";
import { describe, expect, onTestFinished, test } from "vitest";
import { useSandbox } from "../support/sandbox.js";

const leaver = "m.scott@example.com";

/** The library's tools as the AI SDK's: three lines each, and every write waits for a person. */
async function connect() {
  const sandbox = await useSandbox();
  const manager = new ToolManager({ source: usersApi({ ...sandbox }) });
  onTestFinished(() => manager.close());
  const tools: ToolSet = Object.fromEntries(
    (await manager.getTools()).map((t) => [
      t.name,
      tool({
        description: t.description,
        inputSchema: jsonSchema<Record<string, unknown>>(t.schema),
        needsApproval: t.descriptor.kind === "write",
        execute: (args) => t.invoke(args),
      }),
    ]),
  );
  return {
    tools,
    person: () => sandbox.users.find(({ email }) => email === leaver)!,
    suspensions: () => sandbox.requests.filter(({ path }) => path.endsWith(":suspend")).length,
  };
}

/** A model that makes one call, and then says what came back. */
function modelCalling(toolName: string, input: Record<string, unknown>): MockLanguageModelV3 {
  return new MockLanguageModelV3({
    doGenerate: async ({ prompt }) => {
      const results = prompt.flatMap((message) =>
        message.role === "tool" ? message.content.filter((part) => part.type === "tool-result") : [],
      );
      const output = results.at(-1)?.output;
      const said = output?.type === "text" || output?.type === "error-text" ? output.value : output?.type;
      return {
        content:
          said === undefined
            ? [{ type: "tool-call", toolCallId: "call_1", toolName, input: JSON.stringify(input) }]
            : [{ type: "text", text: said }],
        finishReason: { unified: said === undefined ? "tool-calls" : "stop", raw: undefined },
        usage: {
          inputTokens: { total: 10, noCache: 10, cacheRead: 0, cacheWrite: 0 },
          outputTokens: { total: 5, text: 5, reasoning: 0 },
        },
        warnings: [],
      };
    },
  });
}

describe("in the Vercel AI SDK", () => {
  test("a read runs, and the model reads the person", async () => {
    const { tools, person } = await connect();
    const { text } = await generateText({
      model: modelCalling("find_1_password_users", { email: leaver }),
      tools,
      prompt: "Who is m.scott?",
      stopWhen: stepCountIs(3),
    });
    expect(text).toContain(person().id);
    expect(text).toContain(leaver);
  });

  test("the model is told of the tools as their descriptors say", async () => {
    const model = modelCalling("find_1_password_users", { email: leaver });
    const { tools } = await connect();
    await generateText({ model, tools, prompt: "Who is m.scott?", stopWhen: stepCountIs(3) });
    const told = model.doGenerateCalls[0]?.tools ?? [];
    expect(told.map(({ name }) => name).sort()).toEqual(Object.keys(tools).sort());
    expect(told.find(({ name }) => name === "1_password_users_suspend")).toMatchObject({
      type: "function",
      description: tools["1_password_users_suspend"]?.description,
      inputSchema: { type: "object", required: expect.arrayContaining(["id"]) as unknown },
    });
  });

  test("an error reaches the model in its own words", async () => {
    const { tools } = await connect();
    const { text } = await generateText({
      model: modelCalling("get_single_1_password_user_by_id", { id: leaver }),
      tools,
      prompt: "Who is m.scott?",
      stopWhen: stepCountIs(3),
    });
    expect(text).toContain(`"code":"invalid_argument"`);
  });

  test.each([{ approved: true }, { approved: false }])(
    "a write waits for a person and is sent only if approved: $approved",
    async ({ approved }) => {
      const { tools, person, suspensions } = await connect();
      const model = modelCalling("1_password_users_suspend", { id: person().id });
      const messages: ModelMessage[] = [{ role: "user", content: "Suspend m.scott." }];

      const paused = await generateText({ model, tools, messages, stopWhen: stepCountIs(3) });
      const [request] = paused.content.filter((part) => part.type === "tool-approval-request");
      expect(request?.toolCall).toMatchObject({ toolName: "1_password_users_suspend" });
      expect(suspensions()).toBe(0);
      expect(person().state).toBe("ACTIVE");

      messages.push(...paused.response.messages, {
        role: "tool",
        content: [{ type: "tool-approval-response", approvalId: request!.approvalId, approved }],
      });
      const { text } = await generateText({ model, tools, messages, stopWhen: stepCountIs(3) });

      expect(suspensions()).toBe(approved ? 1 : 0);
      expect(person().state).toBe(approved ? "SUSPENDED" : "ACTIVE");
      expect(text).toContain(approved ? "SUSPENDED" : "execution-denied");
    },
  );
});
