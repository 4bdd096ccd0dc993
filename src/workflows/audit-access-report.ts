import type { ToolsetErrorCode } from "../errors/toolset-error.js";
import type { User, UserState } from "../user.js";
import type { WantedState } from "./access-list.js";

/** Whom to check, and what for. */
export type AuditAccessOptions = {
  /**
   * What those without a state of their own should be.
   *
   * @default "SUSPENDED"
   */
  state?: "ACTIVE" | "SUSPENDED" | undefined;
  /** Whether those found in the other state are changed, through every guard. @default false */
  fix?: boolean | undefined;
  /** Why, such as a ticket: shown to the approver and recorded with each change. */
  reason?: string | undefined;
} & (
  | {
      /** Up to 10,000. */
      emails: readonly string[];
      csv?: undefined;
    }
  | {
      /**
       * CSV text of up to 1,000,000 characters and 10,000 lines. With a header, its columns are found by name (`email`,
       * `state` or `expected state`); without one, a line holds an email and at most a state.
       */
      csv: string;
      emails?: undefined;
    }
);

/**
 * What a line of the list turned out to be. `other_state` and `not_in_account` are drift; of an email that is given
 * twice, the later lines are `duplicate`, or all of them `contradictory` where they want different states; an email
 * that several people have is `shared`.
 */
export type AuditAccessFinding =
  "as_expected" | "other_state" | "not_in_account" | "duplicate" | "contradictory" | "malformed" | "shared";

/** What became of the change that a line called for. */
export interface AuditAccessFix {
  /**
   * `changed` and `unchanged` (they were in the state by then): they are in the wanted state now. `planned`: a dry
   * run. `refused`: a guard or the server said no for this person. `unknown`: it was sent, and nobody knows what it
   * did. `left`: it was not sent, because the run was stopped.
   */
  readonly outcome: "changed" | "unchanged" | "planned" | "refused" | "unknown" | "left";
  /** As the server showed them afterwards. */
  readonly state?: UserState;
  /** Of a refusal or a failure; of a plan, of what would have stopped it. */
  readonly code?: ToolsetErrorCode;
  /** What has to be known beside that; of a plan, the plan. */
  readonly note?: string;
}

/** One line of the list. */
export interface AuditAccessRow {
  /** 1 being the first; in CSV, of the text with its header and blank lines. */
  readonly line: number;
  /** The email, or of a malformed line all of it: on one line, bounded, without hidden characters. */
  readonly given: string;
  /** What they should be; `null` for a malformed line. */
  readonly expected: WantedState | null;
  readonly finding: AuditAccessFinding;
  /** Who has the email, as they were before any change; several where it is shared. */
  readonly people: readonly User[];
  /** Of a duplicate, the line that came first. */
  readonly firstLine?: number;
  /** What is wrong with the line, or with its email. */
  readonly why?: string;
  /** Only with `fix`, and only for those in another state. */
  readonly fix?: AuditAccessFix;
}

/** Why a run with `fix` came to an end before its last person. */
export interface AuditAccessStop {
  readonly code: ToolsetErrorCode;
  readonly why: string;
  /** When it is worth going on, in milliseconds; `null` where nobody knows. */
  readonly retryAfterMs: number | null;
}

/** What an audit found, and what it changed. It is the artifact's `data`. */
export interface AuditAccessReport {
  /** How many people the account has; every one of them was looked at. */
  readonly lookedAt: number;
  /** Lines by what they turned out to be; together they are all lines. */
  readonly counts: Readonly<Record<AuditAccessFinding, number>>;
  /** Lines that are `other_state` or `not_in_account`, as they were before any change. */
  readonly drift: number;
  /** With `fix`: changes by what became of them. */
  readonly fixes?: Readonly<Record<AuditAccessFix["outcome"], number>>;
  /** With `fix`: why the run was stopped. The same call, made again, does what is left. */
  readonly stopped?: AuditAccessStop;
  /** One for each line of the list, in its order. */
  readonly rows: readonly AuditAccessRow[];
}
