import type { ToolsetErrorCode } from "../errors/toolset-error.js";
import type { User, UserState } from "../user.js";
import type { ColumnNames } from "./access-list-columns.js";
import type { ReadColumns, WantedState } from "./access-list.js";

/** In which directions an audit changes people. */
export interface FixDirections {
  /** Whether access is taken away. @default false */
  readonly suspend?: boolean | undefined;
  /** Whether access is given back. @default false */
  readonly reactivate?: boolean | undefined;
}

/** Whom to check, and what for. */
export type AuditAccessOptions = {
  /**
   * What those without a state of their own should be. With `fix`, it has to be given unless the list says it.
   *
   * @default "SUSPENDED" where the list says nothing of states
   */
  state?: "ACTIVE" | "SUSPENDED" | undefined;
  /**
   * Whether those found in the other state are changed, through every guard. `true` takes access away and gives none
   * back; `{ suspend: true, reactivate: true }` does both. Nobody is changed by a list that is not understood.
   *
   * @default false
   */
  fix?: boolean | FixDirections | undefined;
  /** Why, such as a ticket: shown to the approver and recorded with each change. */
  reason?: string | undefined;
} & (
  | {
      /** Up to 10,000. */
      emails: readonly string[];
      csv?: undefined;
      columns?: undefined;
    }
  | {
      /**
       * CSV text of up to 1,000,000 characters and 10,000 lines. With a header, its columns are found: that of emails
       * by a header that can mean nothing but the people's own, those of states (`state`, `suspended`,
       * `accountEnabled`, `termination date`) by header and cells. Without one, a line holds an email and at most a
       * state.
       */
      csv: string;
      /** The columns by their headers, where they are called something else. */
      columns?: ColumnNames | undefined;
      emails?: undefined;
    }
);

/**
 * What a line of the list turned out to be. `other_state` and `not_in_account` are drift, and so is `malformed`, a line
 * that could not be read, be it for its email or its state; of an email that is given
 * twice, the later lines are `duplicate`, or all of them `contradictory` where they want different states; an email
 * that several people have is `shared`.
 */
export type AuditAccessFinding =
  "as_expected" | "other_state" | "not_in_account" | "duplicate" | "contradictory" | "malformed" | "shared";

/** What became of the change that a line called for. */
export interface AuditAccessFix {
  /**
   * `changed` and `unchanged` (they were in the state by then): they are in the wanted state now. `planned`: a dry
   * run in which nothing stood against it. `refused`: a guard or the server said no for this person, or, in a dry run,
   * would have said so. `unknown`: it was sent, and nobody knows what it
   * did. `left`: it was not sent, because the run was stopped. `not_asked`: `fix` was not asked for this direction.
   */
  readonly outcome: "changed" | "unchanged" | "planned" | "refused" | "unknown" | "left" | "not_asked";
  /** As the server showed them afterwards. */
  readonly state?: UserState;
  /** Of a refusal or a failure. */
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
  /** What they should be; `null` where the line cannot be read. */
  readonly expected: WantedState | null;
  readonly finding: AuditAccessFinding;
  /**
   * Whether only a blank cell says what they should be, such as that of a termination date: nobody is given access
   * back for that.
   */
  readonly isByBlank?: boolean;
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
  /** Lines that are `other_state`, `not_in_account` or `malformed`, as they were before any change. */
  readonly drift: number;
  /** Of CSV with a header: which of its columns were read as what. */
  readonly columns?: ReadColumns;
  /** Without `fix`: why it would be refused for this list as a whole. */
  readonly obstacles?: readonly string[];
  /** With `fix`: changes by what became of them. */
  readonly fixes?: Readonly<Record<AuditAccessFix["outcome"], number>>;
  /** With `fix`: why the run was stopped. The same call, made again, does what is left. */
  readonly stopped?: AuditAccessStop;
  /** One for each line of the list, in its order. */
  readonly rows: readonly AuditAccessRow[];
}
