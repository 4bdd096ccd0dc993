import type { ToolsetErrorCode } from "../errors/toolset-error.js";
import type { UserState } from "../user.js";

/**
 * One entry of an audit log: OCSF's Account Change, with what OCSF has no place for under `unmapped`.
 *
 * @see https://schema.ocsf.io/1.3.0/classes/account_change
 */
export interface AuditRecord {
  readonly class_uid: 3001;
  readonly class_name: "Account Change";
  readonly category_uid: 3;
  readonly category_name: "Identity & Access Management";
  /** 2: enable (a reactivation), 5: disable (a suspension), 99: another write. */
  readonly activity_id: 2 | 5 | 99;
  readonly activity_name: string;
  /** `class_uid * 100 + activity_id`. */
  readonly type_uid: number;
  /** 1: informational, 3: medium, for a write whose outcome is not known. */
  readonly severity_id: 1 | 3;
  /** When it happened, in milliseconds since the epoch. */
  readonly time: number;
  /** 0: not known (an intent, or an outcome nobody saw), 1: success, 2: failure, 99: nothing was attempted. */
  readonly status_id: 0 | 1 | 2 | 99;
  readonly status: "Unknown" | "Success" | "Failure" | "Other";
  /** Why it failed, was refused or was not attempted. */
  readonly status_code?: ToolsetErrorCode | "dry_run" | "no_change";
  readonly status_detail?: string;
  readonly metadata: {
    /** OCSF's version. */
    readonly version: "1.3.0";
    readonly product: {
      readonly name: "langchain-1password";
      readonly vendor_name: "langchain-1password";
      readonly version: string;
    };
    /** This record's own id. */
    readonly uid: string;
    /** The id of the call, the same in an intent and its outcome. */
    readonly correlation_uid: string;
  };
  /** Who is behind the call. */
  readonly actor?: { readonly user: { readonly name: string } };
  /** Whom it concerns, where that is one person; every one of several is in `unmapped.users`. */
  readonly user?: AuditUser & { readonly uid: string };
  readonly unmapped: AuditFacts;
}

/** A person whom a write concerns, as read before the write; without that, as the arguments name them. */
export interface AuditUser {
  readonly uid?: string;
  readonly email_addr?: string;
  readonly name?: string;
}

/** What OCSF has no field for. */
export interface AuditFacts {
  /**
   * `intent`: a write is about to be sent. `outcome`: what became of it. `decision`: it was refused, rejected,
   * only planned, or there was nothing to do; nothing was sent.
   */
  readonly phase: "intent" | "outcome" | "decision";
  /** The `metadata.uid` of the intent that an outcome belongs to. */
  readonly intent?: string;
  /** Whom the write concerns: these people, no user of the directory (`none`), or nobody knows whom (`unknown`). */
  readonly users: readonly AuditUser[] | "none" | "unknown";
  readonly tool: string;
  /** The verb: `suspend`, `reactivate`. */
  readonly operation: string;
  /** Origin, account and client. */
  readonly account: string;
  readonly thread?: string;
  readonly run?: string;
  /** The model's tool call id, or one made for the call. */
  readonly call: string;
  /** The ticket, where the caller gave one. */
  readonly reason?: string;
  readonly approval?: { readonly request: string; readonly approver?: string; readonly reason?: string };
  readonly previous_state?: UserState | "unknown";
  readonly state?: UserState | "unknown";
  readonly changed?: boolean | null;
  /** The server's own name for the request. */
  readonly request_id?: string;
  /** How often the write was sent. */
  readonly attempts?: number;
}

/**
 * Where records go. A write is made only after `write` of its intent has resolved, so resolve when the record is
 * safe: on disk, acknowledged by a collector. A rejection for an intent stops the write.
 */
export interface AuditSink {
  write(record: AuditRecord): Promise<void> | void;
}
