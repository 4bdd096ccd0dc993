import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { StdioClientTransport as OldStdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { describe, expect, test } from "vitest";
import { newClient, oldClient, textOf, type AnyClient } from "./clients.js";
import { plainEnvironment, program, startCommand } from "./command-process.js";

const find = { name: "find_1_password_users", arguments: { email: "m.scott@example.com" } };

const request = (id: number, method: string, params: object = {}) =>
  `${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`;
const initialize = request(1, "initialize", {
  protocolVersion: "2025-11-25",
  capabilities: {},
  clientInfo: { name: "test", version: "1" },
});
const initialized = `${JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" })}\n`;

describe("over stdio", () => {
  const setup = {
    command: program()[0],
    args: [program()[1], "mcp", "--sandbox"],
    env: plainEnvironment() as Record<string, string>,
    stderr: "ignore" as const,
  };
  const clients: Record<string, () => Promise<AnyClient>> = {
    "of the present SDK": async () => {
      const client = newClient();
      await client.connect(new StdioClientTransport(setup));
      return client;
    },
    "of the older SDK": async () => {
      const client = oldClient();
      await client.connect(new OldStdioClientTransport(setup));
      return client;
    },
  };

  test.each(Object.keys(clients))("a client %s lists and calls", async (name) => {
    const client = await clients[name]!();
    try {
      const names = (await client.listTools()).tools.map((tool) => tool.name);
      expect(names).toContain("find_1_password_users");
      expect(names.filter((tool) => tool.includes("suspend"))).toEqual([]);
      expect(textOf(await client.callTool(find))).toContain("m.scott@example.com,Michael Scott,ACTIVE");
    } finally {
      await client.close();
    }
  });

  test("--source truto has the tools that Truto lists, and calls one", async () => {
    const command = startCommand(["mcp", "--sandbox", "--source", "truto"]);
    const calls = request(2, "tools/list") + request(3, "tools/call", find);
    command.child.stdin.end(initialize + initialized + calls);
    expect(await command.ended).toBe(0);
    // The Users API's own list takes a page_token instead.
    expect(command.out()).toMatch(/"properties":\{[^}]*"limit"/);
    expect(command.out()).not.toContain('"page_token"');
    expect(command.out()).toContain("m.scott@example.com,Michael Scott,ACTIVE");
  });

  test("standard output is JSON-RPC alone, whatever a library writes", async () => {
    const command = startCommand(["mcp", "--sandbox"], {
      preload: `const send = fetch; globalThis.fetch = (...all) => {
        console.log("a stray line"); process.stdout.write("another"); return send(...all); }`,
    });
    command.child.stdin.end(initialize + initialized + request(2, "tools/call", find));
    expect(await command.ended).toBe(0);
    const lines = command.out().split("\n");
    expect(lines.pop()).toBe("");
    expect(lines.map((line) => (JSON.parse(line) as { id: number }).id)).toEqual([1, 2]);
    expect(command.err()).toContain("a stray line");
    expect(command.err()).toContain("another");
  });

  test("what came before the client's end is answered", async () => {
    const command = startCommand(["mcp", "--sandbox"]);
    command.child.stdin.end(initialize + initialized + request(2, "tools/call", find));
    expect(await command.ended).toBe(0);
    expect(command.out()).toContain("m.scott@example.com,Michael Scott,ACTIVE");
  });
});
