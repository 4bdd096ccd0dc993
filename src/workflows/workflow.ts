import type { CallResult, Context, Refusal } from "../call.js";
import type { ToolDescriptor } from "../descriptor.js";
import type { Grants, PersonChange } from "../layers/batch-approval.js";
import type { ToolSource } from "../sources/source.js";

/** What a workflow works with: the account's people, and writes that pass every guard. */
export interface AccountTools {
  readonly source: ToolSource;
  /**
   * Makes one change of one user, by the source's own tool and through all guards.
   *
   * @param method - the verb, such as `suspend`
   * @param facts - what the guards are told beside: `expected_email`, `reason`
   * @throws `ToolsetError` `forbidden` where the account offers no such tool, or several
   */
  write(method: string, id: string, facts: WriteFacts, context: Context): Promise<CallResult>;
  /** Asks once for several changes; see `Guards`. */
  askForAll(
    changes: readonly PersonChange[],
    action: string,
    context: Context,
  ): Promise<Grants | Refusal | null>;
}

/** What guards are told of a change beside whom it concerns. */
export type WriteFacts = Readonly<Partial<Record<"expected_email" | "reason", string>>>;

/** What the tools for whole tasks may do beyond what they always may. */
export interface WorkflowOptions {
  /**
   * Whether a model may give access back by a list: `audit_1_password_access` then has an argument `fix_reactivate`.
   *
   * @default false
   */
  readonly reviewReactivates?: boolean | undefined;
}

/** A tool made of several calls. */
export interface Workflow {
  readonly descriptor: ToolDescriptor;
  /** How it is where it may only read; left out, it does not exist there. */
  readonly reading?: ToolDescriptor;
  call(args: Readonly<Record<string, unknown>>, context: Context, tools: AccountTools): Promise<CallResult>;
}
