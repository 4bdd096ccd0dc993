import type { Tool } from "@modelcontextprotocol/server";
import type { ToolDescriptor } from "../descriptor.js";
import { outputOf } from "./tool-outputs.js";

/** A tool as MCP lists it. */
export function listedTool(
  { name, description, inputSchema, annotations, kind }: ToolDescriptor,
  dryRun: boolean,
): Tool {
  const output = outputOf(name, dryRun);
  const title = output?.title ?? titleOf(name);
  return {
    name,
    title,
    description,
    inputSchema: inputSchema as Tool["inputSchema"],
    ...(output === undefined ? {} : { outputSchema: output.schema }),
    // A hint can make a client ask once more; it must never keep it from asking.
    annotations: { title, ...annotations, readOnlyHint: annotations.readOnlyHint && kind === "read" },
  };
}

function titleOf(name: string): string {
  const words = name.replaceAll(/[_-]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
