import type { ToolFilter } from "../filter.js";

/** On whose behalf requests are served, and within what bounds. Sessions and approvals are bound to it. */
export interface McpAccess {
  /** Who calls, as records show them; never a secret. Two callers who must not use each other's sessions differ in it. */
  readonly principal: string;
  /** Where requests of callers come from who were not asked who they are, where it is known. Only places go by it. */
  readonly address?: string | undefined;
  /** Which server is called: `default`, or the id of one that was handed out. */
  readonly server: string;
  /** The tools that exist for the caller. */
  readonly filter: ToolFilter;
  /** Whom the caller's tasks are about: ids and emails; left out for no bound. */
  readonly taskUsers?: readonly string[];
  /** Aborts when the server is taken away or expires: from then on, nothing more is sent for its callers. */
  readonly over?: AbortSignal;
}

/** The principal of callers who were not asked who they are. */
export const anonymous = "anonymous";
