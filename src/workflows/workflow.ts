import type { CallResult, Context, Refusal } from "../call.js";
import type { ToolDescriptor } from "../descriptor.js";
import type { Grants, PersonChange } from "../layers/guards.js";
import type { ToolSource } from "../sources/source.js";

/** What a workflow works with: the account's people, and writes that pass every guard. */
export interface AccountTools {
  readonly source: ToolSource;
  /**
   * Makes one write, through all guards.
   *
   * @param method - the verb, such as `suspend`
   * @throws `ToolsetError` `forbidden` where the account offers no such tool
   */
  write(method: string, args: Readonly<Record<string, unknown>>, context: Context): Promise<CallResult>;
  /** Asks once for several changes; see `Guards`. */
  askForAll(
    changes: readonly PersonChange[],
    action: string,
    context: Context,
  ): Promise<Grants | Refusal | null>;
}

/** A tool made of several calls. */
export interface Workflow {
  readonly descriptor: ToolDescriptor;
  /** How it is where it may only read; left out, it does not exist there. */
  readonly reading?: ToolDescriptor;
  call(args: Readonly<Record<string, unknown>>, context: Context, tools: AccountTools): Promise<CallResult>;
}
