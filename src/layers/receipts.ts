import type { CallRequest, CallResult, Context, Layer } from "../call.js";
import { shownWord } from "../content/shown-email.js";
import { isToolsetError } from "../errors/toolset-error.js";
import { portableName } from "../openapi/portable-name.js";
import type { User } from "../user.js";
import { thrownKind, type WarningListener } from "../warning.js";
import { digest } from "./approval-signature.js";
import { BoundedMap } from "./bounded-map.js";
import { canonicalJson } from "./canonical-json.js";
import type { CompleteStore } from "./memory-approval-store.js";
import { noted } from "./noted.js";
import { parseReceipt, receiptOf, resultOfReceipt, type MadeWrite, type Receipt } from "./receipt.js";
import { shownPerson } from "./shown-person.js";
import { targetIds } from "./targets.js";

/** How many results are kept whole at most, for calls that come again in the process that made them. */
const maxWhole = 1000;

/** The longest key that is kept as it is, in UTF-16 code units. */
const maxKey = 500;

const hourMs = 3_600_000;

/** How much later than a write of the same step a question may be asked, in milliseconds. */
const laterMs = 600_000;

/** The last change of a user in a thread. */
interface LastChange {
  readonly call: string;
  readonly at: number;
}

/**
 * How long a receipt is kept, in milliseconds: at least as long as a question that was asked beside the write may be
 * answered.
 *
 * @param ttlMs - how long a question may be answered
 */
export function receiptLifetimeMs(ttlMs = 0): number {
  return Math.max(hourMs, ttlMs) + laterMs;
}

/**
 * Recognises a write that was made already: a host that resumes after an interrupt runs every call of a step
 * again, those that had ended among them. The same tool call of the same thread gets the receipt of the first time,
 * in every process that has the store. Where the store fails, it is not known whether the write was made, and it is
 * not made.
 *
 * A change of the user by another call of the thread makes the receipts before it void: some models count their
 * calls from the start.
 */
export function receipts(store: CompleteStore, lifetimeMs: number, warn: WarningListener): Layer {
  const whole = new BoundedMap<MadeWrite>(maxWhole);

  async function recall(call: string): Promise<Receipt | undefined> {
    const kept = await recallText(call);
    if (kept === undefined) return undefined;
    const receipt = parseReceipt(kept);
    for (const user of receipt.users) {
      const last = await recallText(user);
      if (last !== undefined && isLater(JSON.parse(last) as LastChange, call, receipt)) return undefined;
    }
    return receipt;
  }

  async function recallText(key: string): Promise<string | undefined> {
    // A database's own "nothing" is null.
    return (await store.recall(key)) ?? undefined;
  }

  async function keep(key: string, value: Receipt | LastChange): Promise<void> {
    await store.remember(key, JSON.stringify(value), Date.now() + lifetimeMs);
  }

  async function answerBy(receipt: Receipt, call: string, request: CallRequest): Promise<CallResult> {
    // Whoever runs the step again may ask again, and be answered as late once more.
    await keep(call, receipt).catch((error: unknown) => {
      warn(`The receipt of a write could not be kept longer${thrownKind(error)}.`, { cause: error });
    });
    return shown(whole.get(call) ?? resultOfReceipt(receipt), receipt, request);
  }

  async function remember(result: MadeWrite, call: string, request: CallRequest): Promise<CallResult> {
    const at = Date.now();
    whole.set(call, result);
    try {
      const users = await userKeysOf(request, store.isShared);
      await keep(call, { ...receiptOf(result, request, at), users });
      if (result.kind === "write" && result.changed !== false) {
        for (const user of users) await keep(user, { call, at });
      }
      return result;
    } catch (error) {
      warn(`"${request.descriptor.name}" was made, and its receipt could not be kept${thrownKind(error)}.`, {
        cause: error,
      });
      return noted(
        result,
        "The receipt of this call could not be kept: do not make the same call again.",
        request,
      );
    }
  }

  return (next) => async (request) => {
    if (request.context.dryRun) return next(request);
    const call = await callKeyOf(request, store.isShared);
    let receipt: Receipt | undefined;
    try {
      receipt = await recall(call);
    } catch (error) {
      warn(`"${request.descriptor.name}" was not sent: the store of receipts failed${thrownKind(error)}.`, {
        cause: error,
      });
      return { kind: "refused", code: "approval_unavailable", text: unknownText(request), cause: error };
    }
    if (receipt !== undefined) return answerBy(receipt, call, request);
    const result = await next(request);
    if (result.kind === "refused" && result.code === "approval_expired") {
      // Another process may have used the approval, and made this write, since it was looked up.
      const made = await recall(call).catch(() => undefined);
      return made === undefined ? result : answerBy(made, call, request);
    }
    const wasMade =
      request.context.trail.attempts > 0 && (result.kind === "write" || result.kind === "answer");
    return wasMade ? remember(result, call, request) : result;
  };
}

function isLater(last: LastChange, call: string, receipt: Receipt): boolean {
  return last.call !== call && last.at >= receipt.at;
}

/** What has become of a write that was made before. */
async function shown(result: MadeWrite, receipt: Receipt, request: CallRequest): Promise<CallResult> {
  const { context } = request;
  if (result.kind !== "write") return result;
  const made = `at ${new Date(receipt.at).toISOString()}`;
  let person: User | undefined;
  try {
    person = await soleUserNow(context);
  } catch (error) {
    if (!isToolsetError(error) || context.signal.aborted) throw error;
    return noted(result, `This call was made before, ${made}; the person could not be read now.`, request);
  }
  if (person === undefined) return result;
  const { previous, state } = result;
  if (person.state === state) return { ...result, user: person };
  if (state === "unknown") {
    const changed = previous === "unknown" ? null : previous !== person.state;
    return { ...result, state: person.state, changed, user: person };
  }
  return {
    kind: "refused",
    code: "repeated",
    text:
      `Not sent: this very call was made before, ${made}, and left ${shownPerson(person)} ${shownWord(state)}. Since ` +
      `then somebody else has made them ${shownWord(person.state)}. Next: report that, and ask before changing them again.`,
  };
}

function unknownText({ descriptor }: CallRequest): string {
  return (
    `"${descriptor.name}" was not sent: whether this call was made before is not known, because the store that holds ` +
    `it failed. The operator has been told why. Next: report this to the person who gave you the task, and make no ` +
    `further call for it.`
  );
}

/** The one user whom a call names, as they are; `undefined` where it names none or several. */
async function soleUserNow(context: Context): Promise<User | undefined> {
  const { targets } = context;
  if (targets.state === "known") return targets.users.length === 1 ? targets.users[0] : undefined;
  const [name, ...others] = targets.state === "named" ? targets.names : [];
  if (targets.state !== "named" || name === undefined || others.length > 0) return undefined;
  return targets.by === "id" ? context.readUser(name) : context.findUser(name);
}

function callKeyOf({ descriptor, args, context }: CallRequest, isShared: boolean): string | Promise<string> {
  const { account, scope, callId, expectedEmails = null } = context;
  const name = portableName(descriptor.name);
  return keyOf(["call", account, scope, callId, name, args, expectedEmails], isShared);
}

/** What the last change of each user is kept by. */
async function userKeysOf({ context }: CallRequest, isShared: boolean): Promise<string[]> {
  const { account, scope } = context;
  const keys: string[] = [];
  for (const id of targetIds(context)) keys.push(await keyOf(["user", account, scope, id], isShared));
  return keys;
}

/**
 * A key for a store. It is a digest where others see it, as the name of a file or a row, which must not say whom a call
 * concerned; and where it would be long. Else it is there at once: a write must not lose its place to reads by it.
 */
function keyOf(parts: readonly unknown[], isShared: boolean): string | Promise<string> {
  const key = canonicalJson(parts);
  return isShared || key.length > maxKey ? digest(key) : key;
}
