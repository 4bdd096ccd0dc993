import type { User } from "../user.js";
import type { WarningListener } from "../warning.js";
import type { ApprovalOptions } from "./approval-options.js";
import type { AuditSink } from "./audit-record.js";

/** Whether a person is one that must not be touched. What it throws counts as yes. */
export type ProtectPredicate = (user: User) => boolean | Promise<boolean>;

/** How many writes are made at most. */
export interface WriteBudget {
  /** Writes in any stretch of `windowMs`; those that had nothing to change are not counted. */
  readonly count: number;
  /** In milliseconds. */
  readonly windowMs: number;
}

/** What every write passes before it is sent. */
export interface GuardOptions {
  /**
   * Whether writes say whom they mean. With `"optional"` they take an `expected_email`; where it is given, the
   * person is read first, and another email means no write. With `"required"` it must be given. Does not apply to
   * tools that concern nobody.
   *
   * @default "optional"
   */
  identity?: "required" | "optional" | "off" | undefined;
  /**
   * Who is never suspended or reactivated: ids, emails, `*@domain`, predicates. Judged on the person as read,
   * never on the arguments. A write whose users are unknown is refused. Does not apply to tools that
   * concern nobody.
   *
   * @default []
   */
  protect?: ProtectPredicate | readonly (string | ProtectPredicate)[] | undefined;
  /**
   * Whom the task is about: ids and emails, set by the host and never by a model. A write on anybody else is refused
   * before anything else is judged. `configurable.taskUsers` says the same for one run; given twice, both must hold.
   * `[]` is nobody. An entry that can match nobody, such as `*@example.com`, is refused. A value of
   * `configurable.taskUsers` that is no list of ids and emails refuses every write.
   *
   * @default no bound
   */
  taskUsers?: readonly string[] | undefined;
  /**
   * How many writes are made in a stretch of time. Past it, a write needs an approval, or is refused where there
   * is no `approval`. Counted for one manager, just before sending.
   *
   * @default no bound
   */
  maxWrites?: WriteBudget | undefined;
  /**
   * Whether a call that failed for good is not sent again with the same arguments in the same thread
   * (`configurable.thread_id`, else the run): remembered for 10 minutes. A write that a person rejected is
   * remembered for a day. A write that succeeds on the person clears both.
   *
   * @default true
   */
  repeats?: boolean | undefined;
  /** Asks a person before each write. @default nobody is asked */
  approval?: ApprovalOptions | undefined;
  /**
   * Where every write is recorded before it is sent, and every outcome, refusal, rejection and dry run after. A
   * write whose intent cannot be recorded is not made.
   *
   * @default nothing is recorded
   */
  audit?: AuditSink | undefined;
  /** Whether writes are only planned: everything is read and checked, nothing is written, nobody is asked. @default false */
  dryRun?: boolean | undefined;
  /** Whether every write takes a `reason`, such as a ticket, for those who approve and record it. @default false */
  requireReason?: boolean | undefined;
  /** Who is behind calls whose config names no `configurable.actor`. Never an argument of a tool. */
  actor?: string | undefined;
  /**
   * Hears what a function of yours threw, as `cause`, and of set-ups that cannot work: `approval.ask`, its store,
   * `protect`, `readUser`, an audit sink, `onBackoff`; an interrupt without a checkpointer, a resume of the wrong shape.
   * A model reads only that something failed, and nothing of what was thrown. Also hears, once each, of a listed tool
   * that is left out because the guards could not judge whom it changes, and of what the Users API warns of where no
   * `source` is given; a source has an `onWarning` of its own.
   *
   * @default console.warn, with the message alone
   */
  onWarning?: WarningListener | undefined;
}

/** Names of {@link GuardOptions}. */
export const guardOptionNames: readonly (keyof GuardOptions)[] = [
  "identity",
  "protect",
  "taskUsers",
  "maxWrites",
  "repeats",
  "approval",
  "audit",
  "dryRun",
  "requireReason",
  "actor",
  "onWarning",
];
