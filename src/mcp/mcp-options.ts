import type { ToolFilter } from "../filter.js";
import { checkOneOf, refuseOption, shownOption } from "../option-error.js";

/** What an MCP server shows of a manager, and how it asks. */
export interface McpOptions {
  /**
   * Which tools exist, by kind, verb or `custom`: those that change people only where `"write"` or a verb that
   * writes is named. Another tool is neither listed nor callable.
   *
   * @default ["read"]
   */
  methods?: ToolFilter["methods"];
  /** Which tools exist, by tag. @default all tags */
  tags?: ToolFilter["tags"];
  /**
   * How a person is asked before each write, where the manager has no `approval` of its own: by the client, which
   * shows them a form (elicitation), or not at all.
   *
   * @default "elicitation"
   */
  approval?: "elicitation" | "none" | undefined;
  /**
   * Whether a caller who is known by name may approve, by elicitation, what they asked for themselves. Without it,
   * the writes of such callers are refused, and the manager's `onWarning` says so at the start: their client's answer is
   * their own. The person concerned never may approve. A manager's own `approval` has an option of the same name.
   *
   * @default false
   */
  selfApproval?: boolean | undefined;
  /**
   * Whom the tasks of this server are about: ids and emails. A write on anybody else is refused, also where the
   * manager has `taskUsers` of its own: both must hold. `[]` is nobody.
   *
   * @default no bound
   */
  taskUsers?: readonly string[] | undefined;
  /**
   * How long a call may wait before it comes back as not done, in milliseconds. Clients give up after about a
   * minute, and would take a write that comes after it for one that was never made.
   *
   * @default 45_000
   */
  patienceMs?: number | undefined;
  /**
   * What open questions are signed with: at least 32 random bytes, or as much text. Where several processes stand
   * behind one address, give each the same, and the manager `approval: { ask: askByElicitation(), key, store }` with a
   * key and a store that they share as well: without that store, an answer would hold once in each process.
   *
   * @default random, for this process
   */
  key?: string | Uint8Array | undefined;
  /** The names of tools: those that every provider takes, or Truto's. @default "portable" */
  names?: "portable" | "truto" | undefined;
}

/** Names of {@link McpOptions}. */
export const mcpOptionNames: readonly (keyof McpOptions)[] = [
  "methods",
  "tags",
  "approval",
  "selfApproval",
  "taskUsers",
  "patienceMs",
  "key",
  "names",
];

/** Bytes of a key that cannot be guessed. */
const shortestKey = 32;

/**
 * Checks what can be checked before any tool is known.
 *
 * @throws `ToolsetError` `invalid_argument` naming the option that does not fit
 */
export function checkMcpOptions(options: McpOptions): void {
  const { approval, selfApproval, patienceMs, key, names } = options;
  for (const name of ["methods", "tags"] as const) {
    // Left out by a slip, they would show more tools than were meant.
    if (Object.hasOwn(options, name) && options[name] === undefined) {
      throw refuseOption(name, "is undefined", "Give a list of words, or leave it out.");
    }
  }
  checkOneOf("approval", approval, ["elicitation", "none"]);
  checkOneOf("selfApproval", selfApproval, [true, false]);
  checkOneOf("names", names, ["portable", "truto"]);
  if (patienceMs !== undefined && !(Number.isFinite(patienceMs) && patienceMs > 0)) {
    throw refuseOption(
      "patienceMs",
      `is ${shownOption(patienceMs)}`,
      "Give a positive number of milliseconds.",
    );
  }
  const length = typeof key === "string" ? new TextEncoder().encode(key).length : key?.length;
  // Never with its value.
  if (key !== undefined && !(length !== undefined && length >= shortestKey)) {
    throw refuseOption(
      "key",
      "is too short to be safe, or no key",
      `Give at least ${shortestKey} random bytes, or as much text.`,
    );
  }
}
