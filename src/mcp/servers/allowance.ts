import type { ToolDescriptor } from "../../descriptor.js";
import { isToolsetError } from "../../errors/toolset-error.js";
import type { ToolFilter } from "../../filter.js";
import type { McpServerConfig } from "./server-store.js";

/** What servers that are handed out may hold. */
export interface Allowance {
  /**
   * A config with what was left out filled in: the operator's own tags and methods, the latter without those that
   * write where the server has no writes.
   */
  complete(config: McpServerConfig, mayWrite: boolean): Promise<McpServerConfig>;
  /**
   * Why a config is not allowed, and what is; `undefined` where it is. Judged by the tools that it selects, because
   * different words may select the same.
   *
   * @throws whatever keeps the tools from being listed
   */
  refusal(config: McpServerConfig, mayWrite: boolean): Promise<string | undefined>;
}

/** How many tools a sentence names. */
const mostNamed = 20;

/**
 * Judges by what an operator allows.
 *
 * @param descriptors - the tools that a filter selects of all that there are
 * @param filter - what the operator's own server holds
 */
export function createAllowance(
  descriptors: (filter: ToolFilter) => Promise<readonly ToolDescriptor[]>,
  filter: ToolFilter,
): Allowance {
  async function completeMethods(mayWrite: boolean): Promise<readonly string[] | undefined> {
    const { methods } = filter;
    if (mayWrite) return methods;
    if (methods === undefined || methods.includes("read")) return ["read"];
    const reads = (await descriptors(filter)).filter(({ kind }) => kind === "read");
    // Without any, the operator's own words stand, and are refused as writes by their names.
    return reads.length === 0 ? methods : [...new Set(reads.map(({ method }) => method))];
  }

  return {
    async complete(config, mayWrite) {
      const methods = config.methods ?? (await completeMethods(mayWrite));
      const tags = config.tags ?? filter.tags;
      return {
        ...(methods !== undefined && { methods }),
        ...(tags !== undefined && { tags }),
        ...(config.task_users !== undefined && { task_users: config.task_users }),
      };
    },

    async refusal(config, mayWrite) {
      let selected: readonly ToolDescriptor[];
      try {
        const { task_users: _taskUsers, ...words } = config;
        selected = await descriptors(words);
      } catch (error) {
        if (isToolsetError(error) && ["invalid_argument", "read_only"].includes(error.code))
          return error.text;
        throw error;
      }
      const allowed = await descriptors(filter);
      const given = `Allowed are ${named(allowed)}, which is ${shown(filter)}.`;
      if (selected.length === 0) return `"config" selects no tool: ${shown(config)}. ${given}`;
      const beyond = selected.filter((tool) => !allowed.some((other) => covers(other, tool)));
      if (beyond.length > 0) {
        return `"config" selects tools beyond those that are allowed: ${named(beyond)}. ${given} Narrow "methods" or "tags".`;
      }
      const writes = selected.filter(({ kind }) => kind === "write");
      if (mayWrite || writes.length === 0) return undefined;
      return (
        `"config" selects tools that change people (${named(writes)}), and a server that its URL alone opens has ` +
        `none. Give "methods": ["read"], or "require_api_token_auth": true.`
      );
    },
  };
}

/** A tool that only reads under one filter may write under another, where one of its arguments makes the difference. */
function covers(allowed: ToolDescriptor, { name, kind }: ToolDescriptor): boolean {
  return allowed.name === name && (kind === "read" || allowed.kind === "write");
}

function named(tools: readonly ToolDescriptor[]): string {
  const names = tools.slice(0, mostNamed).map(({ name }) => name);
  const more = tools.length - names.length;
  return `${names.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function shown({ methods, tags }: ToolFilter): string {
  return JSON.stringify({ methods, tags });
}
