import type { Context } from "../../call.js";
import { isToolsetError, ToolsetError } from "../../errors/toolset-error.js";
import { waitFor } from "../../http/exchange.js";
import type { RoutedTool } from "./tool-descriptor.js";

/** The tools of an account that read its people, as far as it has them. */
export interface DirectoryTools {
  readonly list: RoutedTool | undefined;
  readonly get: RoutedTool | undefined;
}

/** What an account offers changes when somebody sets it up anew, and that takes effect after so long. */
const rememberedMs = 5 * 60_000;

/**
 * Remembers which tools of an account read its people, so that looking somebody up does not list the tools
 * each time. A list that failed is not remembered, and all who ask at the same time share one.
 */
export class DirectoryMemory {
  readonly #read: (context: Context) => Promise<readonly RoutedTool[]>;
  #known: { tools: DirectoryTools; until: number } | undefined;
  #pending: Promise<DirectoryTools> | undefined;

  /** @param read - lists at least the account's reads */
  constructor(read: (context: Context) => Promise<readonly RoutedTool[]>) {
    this.#read = read;
  }

  /** Takes over a list that holds all of the account's reads. */
  remember(tools: readonly RoutedTool[]): DirectoryTools {
    const find = (method: string) => tools.find(({ route }) => route.isAboutUsers && route.method === method);
    const found = { list: find("list"), get: find("get") };
    this.#known = { tools: found, until: Date.now() + rememberedMs };
    return found;
  }

  /**
   * The tool that lists people, or the one that gets one.
   *
   * @throws {@link ToolsetError} `forbidden` where the account does not offer it
   */
  async tool(method: keyof DirectoryTools, context: Context): Promise<RoutedTool> {
    const tool = (await this.#tools(context))[method];
    if (tool !== undefined) return tool;
    const wanted = method === "list" ? "list_all_1_password_users" : "get_single_1_password_user_by_id";
    throw new ToolsetError(
      "forbidden",
      `This integrated account offers no tool that ${method}s 1Password users, so that nobody can be looked up ` +
        `in it. Set up "${wanted}" for it in Truto.`,
    );
  }

  async #tools(context: Context): Promise<DirectoryTools> {
    for (;;) {
      if (this.#known !== undefined && Date.now() < this.#known.until) return this.#known.tools;
      const isMine = this.#pending === undefined;
      this.#pending ??= this.#load(context);
      try {
        return await waitFor(this.#pending, context.signal);
      } catch (error) {
        // Whoever asked first may have given up; that is not a failure of those who joined.
        if (isMine || context.signal.aborted || isToolsetError(error)) throw error;
      }
    }
  }

  async #load(context: Context): Promise<DirectoryTools> {
    try {
      return this.remember(await this.#read(context));
    } finally {
      this.#pending = undefined;
    }
  }
}
