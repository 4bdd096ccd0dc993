import { MockLanguageModelV3 } from "ai/test";
import { offlineNotice } from "./offline-model.js";
import { nextStep } from "./plan.js";
import type { PastCall } from "./situation.js";

type CallOptions = MockLanguageModelV3["doGenerateCalls"][number];
type Message = CallOptions["prompt"][number];
type ToolOutput = Extract<
  Extract<Message, { role: "tool" }>["content"][number],
  { type: "tool-result" }
>["output"];

const noUsage = {
  inputTokens: { total: 0, noCache: 0, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 0, text: 0, reasoning: 0 },
};

/** The offline planner as a model of the AI SDK. */
export function offlineAiSdkModel(): MockLanguageModelV3 {
  return new MockLanguageModelV3({
    doGenerate: ({ prompt, tools = [] }) => {
      const start = prompt.findLastIndex(({ role }) => role === "user");
      const { say, call } = nextStep({
        task: taskOf(prompt[start]),
        tools: tools.flatMap((tool) =>
          tool.type === "function" ? [{ name: tool.name, schema: tool.inputSchema }] : [],
        ),
        calls: callsIn(prompt.slice(start + 1)),
      });
      const answer = { usage: noUsage, warnings: [] };
      return Promise.resolve(
        call === undefined
          ? {
              ...answer,
              content: [{ type: "text" as const, text: `${say}\n(${offlineNotice})` }],
              finishReason: { unified: "stop" as const, raw: undefined },
            }
          : {
              ...answer,
              content: [
                { type: "text" as const, text: say },
                {
                  type: "tool-call" as const,
                  toolCallId: `call_${crypto.randomUUID()}`,
                  toolName: call.name,
                  input: JSON.stringify(call.args),
                },
              ],
              finishReason: { unified: "tool-calls" as const, raw: undefined },
            },
      );
    },
  });
}

function taskOf(message: Message | undefined): string {
  if (message?.role !== "user") return "";
  return message.content.map((part) => (part.type === "text" ? part.text : "")).join("\n");
}

function callsIn(messages: readonly Message[]): PastCall[] {
  const results = new Map<string, ToolOutput>();
  for (const message of messages) {
    if (message.role !== "tool") continue;
    for (const part of message.content)
      if (part.type === "tool-result") results.set(part.toolCallId, part.output);
  }
  return messages.flatMap((message) =>
    message.role !== "assistant"
      ? []
      : message.content.flatMap((part) => {
          const output = part.type === "tool-call" ? results.get(part.toolCallId) : undefined;
          if (part.type !== "tool-call" || output === undefined) return [];
          return [{ name: part.toolName, args: part.input as PastCall["args"], ...resultOf(output) }];
        }),
  );
}

function resultOf(output: ToolOutput): Pick<PastCall, "text" | "isError"> {
  switch (output.type) {
    case "text":
    case "error-text":
      return { text: output.value, isError: output.type === "error-text" };
    case "execution-denied":
      return { text: `A person did not approve this call. ${output.reason ?? ""}`, isError: true };
    case "json":
    case "error-json":
    case "content":
      return { text: JSON.stringify(output.value), isError: output.type === "error-json" };
  }
}
