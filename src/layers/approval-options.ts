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
  /** What the call says beside whom it concerns: all arguments of a write that concerns nobody. */
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

/**
 * Asks a person. What it throws, and a wait beyond the request's end, count as no; LangGraph's interrupts pass.
 * `context.signal` aborts when the answer is not waited for any more: the call was aborted, the request has ended, or
 * the manager was closed.
 */
export type Ask = (request: ApprovalRequest, context: Context) => ApprovalAnswer | Promise<ApprovalAnswer>;

/**
 * Remembers which approvals were used, and what became of the writes that were made, for every process that is given
 * it. What a method throws means that no write is made: without what it remembers nobody knows whether it was made
 * already.
 *
 * `remember` and `recall` come together. Without them receipts of writes stay in the process, and there can be no
 * `key`.
 *
 * @example
 * ```ts
 * // PostgreSQL; `ended` rows are deleted by a job of your own.
 * const store: ApprovalStore = {
 *   consume: async (nonce, expiresAt) =>
 *     (await sql`INSERT INTO used (nonce, ended) VALUES (${nonce}, ${expiresAt}) ON CONFLICT DO NOTHING RETURNING 1`).length === 1,
 *   remember: async (key, text, expiresAt) => {
 *     await sql`INSERT INTO receipts (key, text, ended) VALUES (${key}, ${text}, ${expiresAt})
 *       ON CONFLICT (key) DO UPDATE SET text = excluded.text, ended = excluded.ended`;
 *   },
 *   recall: async (key) =>
 *     (await sql`SELECT text FROM receipts WHERE key = ${key} AND ended > ${Date.now()}`)[0]?.text,
 * };
 * ```
 */
export interface ApprovalStore {
  /**
   * Takes an approval, atomically: `true` for the first who takes it, `false` for everybody after.
   *
   * @param nonce - names the approval; letters, digits, `-` and `_`
   * @param expiresAt - when it ends, in milliseconds since the epoch; afterwards it may be forgotten
   */
  consume(nonce: string, expiresAt: number): boolean | Promise<boolean>;
  /**
   * Keeps a text, in the place of one that it kept before under the same key. It resolves once every process that
   * has the store recalls the text.
   *
   * @param key - at most 128 letters, digits, `-` and `_`; a digest, which says nothing of what the text is about
   * @param text - at most 20,000 characters. It holds no id, no email and no argument of the call, but of a tool of
   * others what it answered
   * @param expiresAt - when it may be forgotten, in milliseconds since the epoch
   */
  remember?(key: string, text: string, expiresAt: number): void | Promise<void>;
  /** The text that is kept under a key; `undefined` where there is none, or it has ended. */
  recall?(key: string): string | undefined | Promise<string | undefined>;
}

/** How writes are approved. */
export interface ApprovalOptions {
  ask: Ask;
  /**
   * What requests are signed with: 32 random bytes or as much text. Give the same to every process that may go on
   * with a write that another one asked for, together with a `store` that they share: an answer outlives the process
   * by this key, and that it was used has to outlive it as well.
   *
   * @default random, for this process
   */
  key?: string | Uint8Array | undefined;
  /**
   * Where used approvals and the receipts of writes are remembered, such as `fileApprovalStore(folder)`. Must be
   * given beside a `key`. @default the memory of this process
   */
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
