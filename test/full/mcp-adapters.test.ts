import { MultiServerMCPClient, type Connection } from "@langchain/mcp-adapters";
import { HumanMessage } from "@langchain/core/messages";
import { createAgent } from "langchain";
import { describe, expect, onTestFinished, test } from "vitest";
import { transports, useMcpAccount } from "../support/mcp-account.js";
import type { ServerPlace } from "../support/mcp.js";
import { ScriptedModel } from "../support/scripted-model.js";
import { lastResult, type Planner } from "../support/wire/turn.js";

const find = "find_1_password_users";
const get = "get_single_1_password_user_by_id";
const suspend = "onepassword_users_suspend";
const question = { messages: [new HumanMessage("Is Michael Scott active?")] };

/** The server's tools as LangChain's own adapter gives them. */
async function adaptedTools(place: ServerPlace) {
  const connection: Connection =
    typeof place === "string"
      ? { transport: "http", url: place }
      : { transport: "stdio", command: place.command, args: place.args ?? [] };
  const client = new MultiServerMCPClient({ mcpServers: { onepassword: connection } });
  onTestFinished(() => client.close());
  return client.getTools();
}

describe.each(transports)("LangChain's MCP adapter over %s", (transport) => {
  test("takes the tools' names as they are, and their schemas", async () => {
    const { place } = await useMcpAccount(transport);
    const tools = await adaptedTools(place);
    expect(tools.map(({ name }) => name).sort()).toEqual([
      find,
      get,
      "list_all_1_password_users",
      "onepassword_users_reactivate",
      suspend,
    ]);
    expect(tools.find(({ name }) => name === suspend)?.schema).toMatchObject({
      required: expect.arrayContaining(["id", "expected_email"]) as unknown,
    });
  });

  test("lets an agent find somebody, and read them by the id that it was given", async () => {
    const { place, scott, seen } = await useMcpAccount(transport);
    const reply: Planner = (turn) => {
      const found = lastResult(turn, find);
      if (found === undefined) return { toolCalls: [{ name: find, args: { email: scott.email } }] };
      const read = lastResult(turn, get);
      if (read !== undefined) return { text: read };
      return { toolCalls: [{ name: get, args: { id: /[A-Z2-7]{26}/.exec(found)![0] } }] };
    };
    const model = new ScriptedModel({ reply });
    const agent = createAgent({ model, tools: await adaptedTools(place) });
    const { messages } = await agent.invoke(question);
    expect(messages.at(-1)!.text).toContain(scott.email);
    expect(messages.at(-1)!.text).toContain("ACTIVE");
    expect(model.turns).toHaveLength(3);
    expect(seen()).toEqual({ state: "ACTIVE", writes: 0 });
  });

  test("cannot be asked for approval, so that a write is refused, with the way out in words", async () => {
    const { place, args, seen } = await useMcpAccount(transport);
    const reply: Planner = (turn) => {
      const refusal = lastResult(turn, suspend);
      return refusal === undefined ? { toolCalls: [{ name: suspend, args }] } : { text: refusal };
    };
    const agent = createAgent({ model: new ScriptedModel({ reply }), tools: await adaptedTools(place) });
    const { messages } = await agent.invoke(question);
    expect(messages.at(-1)!.text).toMatch(/cannot show a question .* --approval terminal/);
    expect(seen()).toEqual({ state: "ACTIVE", writes: 0 });
  });

  test("makes a write where the operator has turned approval off by name", async () => {
    const { place, args, seen } = await useMcpAccount(transport, {}, { approval: "none" });
    const reply: Planner = (turn) => {
      const report = lastResult(turn, suspend);
      return report === undefined ? { toolCalls: [{ name: suspend, args }] } : { text: report };
    };
    const agent = createAgent({ model: new ScriptedModel({ reply }), tools: await adaptedTools(place) });
    const { messages } = await agent.invoke(question);
    expect(messages.at(-1)!.text).toContain('"previous_state":"ACTIVE","state":"SUSPENDED"');
    expect(seen()).toEqual({ state: "SUSPENDED", writes: 1 });
  });
});
