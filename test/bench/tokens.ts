import { convertToOpenAITool } from "@langchain/core/utils/function_calling";
import type { ToolMessage } from "@langchain/core/messages";
import { getEncoding } from "js-tiktoken";
import { ToolManager, usersApi } from "langchain-1password";
import { startSandbox } from "langchain-1password/sandbox";
import type { BenchTable } from "./table.js";

/** What a model has to read: a page of 100 people, and the definitions of the five tools. */
export async function run(): Promise<BenchTable> {
  const tokens = getEncoding("o200k_base");
  const count = (text: string) => tokens.encode(text).length;
  await using sandbox = await startSandbox({ users: 100 });
  const manager = new ToolManager({ source: usersApi({ ...sandbox }) });
  const tools = await manager.getTools();
  const list = await manager.getTool("list_all_1_password_users");
  const call = { type: "tool_call" as const, id: "c1", name: list.name, args: { max_page_size: 100 } };
  const message = (await list.invoke(call)) as ToolMessage;
  const { data } = message.artifact as { data: unknown };
  const pretty = count(JSON.stringify(data, null, 2));
  const rows = count(message.text);
  const definitions = count(JSON.stringify(tools.map((tool) => convertToOpenAITool(tool))));
  await manager.close();
  return {
    title: "Tokens (o200k)",
    rows: [
      { text: "a page of 100 people, JSON pretty-printed", tokens: pretty, "to pretty JSON": "1.00" },
      {
        text: "the same, compact JSON",
        tokens: count(JSON.stringify(data)),
        "to pretty JSON": (count(JSON.stringify(data)) / pretty).toFixed(2),
      },
      { text: "the same, as our tool answers", tokens: rows, "to pretty JSON": (rows / pretty).toFixed(2) },
      { text: "the five tool definitions", tokens: definitions, "to pretty JSON": "" },
    ],
    checks: [
      { name: "a page of 100 people to pretty JSON", value: rows / pretty, limit: 0.45 },
      { name: "tokens of the five tool definitions", value: definitions, limit: 1200 },
    ],
  };
}
