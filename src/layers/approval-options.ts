import type { Context } from "../call.js";
import type { UserState } from "../user.js";

/** Somebody whom an approver decides about. Every text is on one line, bounded and without hidden characters. */
export interface ApprovalPerson {
  readonly id: string;
  readonly email: string;
  readonly display_name: string;
  readonly state: UserState;
  /** When they joined the account, RFC 3339. */
  readonly create_time: string;
}

/** One change of several that are asked for at once. */
export interface ApprovalItem {
  readonly action: string;
  readonly person: ApprovalPerson;
}

/** What a person is asked. It is plain data: it goes through JSON, an interrupt, a queue or a chat unchanged. */
export interface ApprovalRequest {
  /** Names this request in the answer. Signed: it stands for the account, the action, the person and their state. */
  readonly id: string;
  /** What is to be done: `suspend`, `reactivate`, `audit`, or the name of another tool that writes. */
  readonly action: string;
  /** Whom it concerns; `null` for a batch, whose people are in `items`, and for a write that concerns nobody. */
  readonly person: ApprovalPerson | null;
  /** What the action does, and what it does not. */
  readonly consequence: string;
  /** Why, in the words of whoever asked for it, such as a ticket. */
  readonly reason?: string;
  /** The arguments of a write that concerns nobody. */
  readonly args?: Readonly<Record<string, unknown>>;
  /** When the request ends, in milliseconds since the epoch. */
  readonly expiresAt: number;
  /** The changes of a batch. */
  readonly items?: readonly ApprovalItem[];
}

/** A person's answer. Whatever is not of this shape is a no. */
export interface ApprovalAnswer {
  decision: "approve" | "reject";
  /** Told to the model and recorded. */
  reason?: string | undefined;
  /**
   * Who decided: an email, an id or a name. Must be neither the person concerned nor, without `selfApproval`, the one
   * who asked (`actor`). Left out, it is recorded as `unknown`, and is good only where no `actor` is known or
   * `selfApproval` is `true`.
   */
  approver?: string | undefined;
  /** The request that is answered. Always needed where answers may be mixed up, as by interrupts. */
  requestId?: string | undefined;
}

/** Asks a person. What it throws, and a wait beyond the request's end, count as no; LangGraph's interrupts pass. */
export type Ask = (request: ApprovalRequest, context: Context) => unknown;

/** Remembers which approvals were used. */
export interface ApprovalStore {
  /**
   * Takes an approval, atomically: `true` for the first who takes it, `false` for everybody after.
   *
   * @param nonce - names the approval; letters, digits, `-` and `_`
   * @param expiresAt - when it ends, in milliseconds since the epoch; afterwards it may be forgotten
   */
  consume(nonce: string, expiresAt: number): boolean | Promise<boolean>;
}

/** How writes are approved. */
export interface ApprovalOptions {
  ask: Ask;
  /**
   * What requests are signed with: 32 random bytes or as much text. Give the same to every process that may go on
   * with a write that another one asked for.
   *
   * @default random, for this process
   */
  key?: string | Uint8Array | undefined;
  /** Where used approvals are remembered. Processes that share a key share this too. @default memory */
  store?: ApprovalStore | undefined;
  /** How long a request may be answered and used, in milliseconds. @default 3_600_000 */
  ttlMs?: number | undefined;
  /**
   * Whether the one who asked for a change (`actor`) may approve it. The person concerned never may.
   *
   * @default false
   */
  selfApproval?: boolean | undefined;
  /**
   * Which writes are asked for: all of them, or only those past `maxWrites`.
   *
   * @default "always"
   */
  when?: "always" | "past-budget" | undefined;
}
