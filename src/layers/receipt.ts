import type { CallRequest, CallResult } from "../call.js";
import { noMeta } from "../call.js";
import { answerText } from "../content/answer-text.js";
import type { UserState } from "../user.js";

/** What a write that was made has come to. */
export type MadeWrite = Extract<CallResult, { kind: "write" | "answer" }>;

/** What is kept of a write, to answer with where the same call comes again. */
export interface Receipt {
  readonly kind: MadeWrite["kind"];
  /** When it was made, in milliseconds since the epoch. */
  readonly at: number;
  readonly requestId: string | null;
  /** What the last change of each user concerned is kept by. */
  readonly users: readonly string[];
  /** What the model reads, where it is not put together of the states. */
  readonly text?: string;
  /** Only of a change of a person, as are the next three. */
  readonly previous?: UserState | "unknown";
  readonly state?: UserState | "unknown";
  readonly changed?: boolean | null;
  readonly note?: string;
}

/** The longest text that is kept of an answer, in UTF-16 code units. */
const maxText = 4000;

/** What is kept of a write. Of the users there is nothing in it: they are read again where it is shown. */
export function receiptOf(
  result: MadeWrite,
  { descriptor, args }: CallRequest,
  at: number,
): Omit<Receipt, "users"> {
  const { requestId } = result.meta;
  if (result.kind === "answer") {
    return { kind: "answer", at, requestId, text: bounded(answerText(descriptor, args, result)) };
  }
  const { previous, state, changed, note, text } = result;
  return {
    kind: "write",
    at,
    requestId,
    previous,
    state,
    changed,
    ...(note === undefined ? {} : { note: bounded(note) }),
    ...(text === undefined ? {} : { text: bounded(text) }),
  };
}

/**
 * A receipt from what a store has kept.
 *
 * @throws where that is none
 */
export function parseReceipt(text: string): Receipt {
  const receipt = JSON.parse(text) as Partial<Record<keyof Receipt, unknown>>;
  const { kind, at, requestId, users, previous, state, changed } = receipt;
  const isKnown = kind === "answer" || kind === "write";
  const hasStates =
    kind === "answer" ||
    (isText(previous) && isText(state) && (typeof changed === "boolean" || changed === null));
  const fits =
    isKnown &&
    typeof at === "number" &&
    (isText(requestId) || requestId === null) &&
    hasStates &&
    Array.isArray(users) &&
    users.every(isText) &&
    [receipt.text, receipt.note].every((one) => one === undefined || isText(one));
  if (!fits) throw new Error("The store gave a text that is no receipt.");
  return receipt as Receipt;
}

/** The result that a receipt stands for. The data of the answer itself is not kept. */
export function resultOfReceipt(receipt: Receipt): MadeWrite {
  const { requestId, text, note } = receipt;
  const meta = { ...noMeta, requestId };
  if (receipt.kind === "answer") return { kind: "answer", data: null, meta, text: text ?? "" };
  const { previous = "unknown", state = "unknown", changed = null } = receipt;
  return {
    kind: "write",
    previous,
    state,
    changed,
    meta,
    ...(note === undefined ? {} : { note }),
    ...(text === undefined ? {} : { text }),
  };
}

function bounded(text: string): string {
  return text.length <= maxText
    ? text
    : `${text.slice(0, maxText)}… (cut off: ${text.length} characters in all)`;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
