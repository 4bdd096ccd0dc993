import { setTimeout as sleep } from "node:timers/promises";
import { inputRequired, inputResponse, McpServer } from "@modelcontextprotocol/server";
import { onTestFinished } from "vitest";
import { z } from "zod";
import type { McpAccess } from "../../../src/mcp/access.js";
import { mcpEndpoint, type McpEndpoint } from "../../../src/mcp/http/endpoint.js";
import type { EndpointLimits } from "../../../src/mcp/http/limits.js";

/** What a test knows of the tools behind an endpoint. */
export interface Fixture {
  endpoint: McpEndpoint;
  /** What the tools did, in order. */
  events: string[];
  /** Resolves when an event of that name was noted. */
  seen: (event: string) => Promise<void>;
  /** Lets `slow` calls finish. */
  release: () => void;
}

/** Anybody, on the default server. */
export const anybody: McpAccess = { principal: "anybody", server: "default", filter: {} };

/**
 * An endpoint in front of three tools: `echo` gives back its text, `slow` waits until it is let go (a write, as it
 * were), and `ask` writes after a person's yes.
 *
 * @param onRequest - what `echo` sees of the HTTP request
 */
export function useEndpoint(limits: EndpointLimits = {}, onRequest?: (request: Request) => void): Fixture {
  const events: string[] = [];
  const watchers: { event: string; resolve: () => void }[] = [];
  let resolveReleased: (() => void) | undefined;
  const released = new Promise<void>((resolve) => (resolveReleased = resolve));
  const release = () => resolveReleased?.();
  const note = (event: string) => {
    events.push(event);
    for (const watcher of watchers) if (watcher.event === event) watcher.resolve();
  };
  const text = (what: string) => ({ content: [{ type: "text" as const, text: what }] });

  function serverFor(access: McpAccess): McpServer {
    note("server");
    const server = new McpServer({ name: "fixture", version: "1.0.0" });
    server.registerTool("echo", { inputSchema: z.object({ text: z.string() }) }, (given, { http }) => {
      note("echo");
      if (http?.req !== undefined) onRequest?.(http.req);
      return text(`${access.principal}: ${given.text}`);
    });
    server.registerTool("slow", { inputSchema: z.object({}) }, async (_given, context) => {
      const abort = () => note("slow aborted");
      context.mcpReq.signal.addEventListener("abort", abort);
      note("slow began");
      await released;
      context.mcpReq.signal.removeEventListener("abort", abort);
      // What follows is what a write does after its last look at the signal.
      await sleep(1);
      note("slow done");
      return text("written");
    });
    server.registerTool("ask", { inputSchema: z.object({}) }, (_given, context) => {
      const answer = inputResponse(context.mcpReq.inputResponses, "approve");
      if (answer.kind === "missing") {
        note("asked");
        return inputRequired({
          inputRequests: {
            approve: inputRequired.elicit({
              message: "Write?",
              requestedSchema: {
                type: "object",
                properties: { yes: { type: "boolean" } },
                required: ["yes"],
              },
            }),
          },
        });
      }
      if (answer.kind !== "elicit" || answer.action !== "accept") return text("not written");
      note("written");
      return text("written");
    });
    return server;
  }

  const endpoint = mcpEndpoint({ serverFor, limits: { graceMs: 5_000, ...limits } });
  onTestFinished(async () => {
    release();
    await endpoint.close();
  });
  return {
    endpoint,
    events,
    release,
    seen: (event) =>
      events.includes(event)
        ? Promise.resolve()
        : new Promise<void>((resolve) => watchers.push({ event, resolve })),
  };
}
