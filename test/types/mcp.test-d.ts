import type { InMemoryTransport as SecondMemory } from "@modelcontextprotocol/server";
import type { StdioServerTransport as SecondStdio } from "@modelcontextprotocol/server/stdio";
import type { InMemoryTransport as FirstMemory } from "@modelcontextprotocol/sdk/inMemory.js";
import type { StdioServerTransport as FirstStdio } from "@modelcontextprotocol/sdk/server/stdio.js";
import { expectTypeOf, test } from "vitest";
import type { ToolManager } from "langchain-1password";
import {
  askByElicitation,
  createMcpHandler,
  createMcpServer,
  type McpTransport,
} from "langchain-1password/mcp";
import type { Ask } from "langchain-1password";

declare const manager: ToolManager;

test("transports of both SDKs can be connected to", () => {
  expectTypeOf<SecondStdio>().toExtend<McpTransport>();
  expectTypeOf<FirstStdio>().toExtend<McpTransport>();
  expectTypeOf<SecondMemory>().toExtend<McpTransport>();
  expectTypeOf<FirstMemory>().toExtend<McpTransport>();
});

test("a handler is shaped like fetch", () => {
  const { fetch } = createMcpHandler(manager);
  expectTypeOf(fetch).toExtend<(request: Request) => Promise<Response>>();
});

test("elicitation is one of the ways to ask", () => {
  expectTypeOf(askByElicitation()).toEqualTypeOf<Ask>();
});

test("options that are none do not compile", () => {
  // @ts-expect-error a list of words
  createMcpServer(manager, { methods: "read" });
  // @ts-expect-error neither elicitation nor none
  createMcpServer(manager, { approval: "terminal" });
});
