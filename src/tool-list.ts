import { ToolsetError } from "./errors/toolset-error.js";
import { refuseOption, shownOption } from "./option-error.js";

/**
 * Checks that a list was given where LangChain tools are taken: a manager, or a promise of its tools, looks like one
 * in code that nobody compiled.
 *
 * @throws {@link ToolsetError} `invalid_argument` saying what to give instead
 */
export function checkToolList(tools: unknown): asserts tools is readonly unknown[] {
  if (Array.isArray(tools)) return;
  const { then, getTools, invoke } = (tools ?? {}) as Record<string, unknown>;
  if (typeof then === "function") throw refuseOption("tools", "is a promise", "Await it first.");
  if (typeof getTools === "function") {
    throw refuseOption(
      "tools",
      "is what makes tools, such as a ToolManager, and not a list of them",
      "Give what its getTools() resolves to: await manager.getTools().",
    );
  }
  const what = typeof invoke === "function" ? "a single tool" : shownOption(tools);
  throw refuseOption("tools", `is ${what}`, "Give a list of LangChain tools.");
}

/** Refuses tools that share a name: a model could not tell them apart. */
export function refuseDuplicates(entries: readonly { readonly name: string }[]): void {
  const seen = new Set<string>();
  for (const { name } of entries) {
    if (seen.has(name)) {
      throw new ToolsetError(
        "invalid_argument",
        `Two tools are named "${name}", and a model could not tell them apart. Rename the one given by "tools".`,
      );
    }
    seen.add(name);
  }
}
