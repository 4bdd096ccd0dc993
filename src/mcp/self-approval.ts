import { toolkitOf, type ToolManager } from "../manager.js";
import { asksByElicitation } from "./elicitation.js";
import type { McpOptions } from "./mcp-options.js";

/** The words of a filter that select no tool that writes. */
const readingWords: ReadonlySet<string> = new Set(["read", "get", "list", "find"]);

/** Whether words of a filter may select a tool that writes, as far as that is known before any tool is listed. */
export function mayWrite(methods: readonly string[]): boolean {
  return methods.some((word) => !readingWords.has(word));
}

/**
 * Tells the operator where callers are known by name and would approve, by elicitation, what they asked for
 * themselves: each of their writes will be refused. A warning and no error, because what reads still works.
 */
export function warnOfSelfApproval(
  manager: ToolManager,
  { methods = ["read"], approval, selfApproval }: McpOptions,
): void {
  const { guards, definitions, readOnly, onWarning } = toolkitOf(manager).setup;
  const own = guards.approval;
  const isRefused =
    own === undefined
      ? approval !== "none" && selfApproval !== true
      : asksByElicitation(own.ask) && own.selfApproval !== true;
  if (!isRefused || readOnly || guards.dryRun === true) return;
  // A tool of the operator's own may read by any verb.
  const isReading = (word: string) => {
    const named = definitions.filter(({ descriptor }) => descriptor.method === word);
    return named.length > 0 && named.every(({ descriptor }) => descriptor.kind === "read");
  };
  if (!mayWrite(methods.filter((word) => !isReading(word)))) return;
  const option = own === undefined ? "selfApproval" : "approval.selfApproval";
  onWarning(
    `"authenticate" names the callers, and by elicitation each would approve what they asked for themselves: every write of theirs will be refused. Give "${option}": true to allow that, or the manager an "approval.ask" of your own.`,
  );
}
