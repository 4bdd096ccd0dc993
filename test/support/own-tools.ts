import { ToolManager, type ManagerOptions, type ToolDefinition, type ToolSource } from "langchain-1password";

/** A source without tools and people, for tests of tools of one's own. */
export const emptySource: ToolSource = {
  key: "https://nowhere.example account",
  list: () => Promise.resolve([]),
  call: () => Promise.reject(new Error("This source has no tools.")),
};

/** A tool of one's own, behind a manager's guards. */
export async function ownTool(definition: ToolDefinition, options: Omit<ManagerOptions, "tools"> = {}) {
  const manager = new ToolManager({ ...options, source: emptySource, tools: [definition] });
  return manager.getTool(definition.descriptor.name);
}
