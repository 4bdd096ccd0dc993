import type { CallRequest, CallResult, Send } from "../call.js";
import { shownWord } from "../content/shown-email.js";
import { stateAfter, type User } from "../user.js";
import { stateOf } from "./approval-matter.js";
import { alreadyThere } from "./identity.js";
import { shownPerson } from "./shown-person.js";

/**
 * Reads those whom the guards have judged once more.
 *
 * @param wasApproved - whether a person has said yes to the write meanwhile
 * @param send - the way that the reads take; the call's own where it is left out
 * @returns what the call comes to where they are not as they were judged; `undefined` where they are
 */
export async function driftOf(
  request: CallRequest,
  { wasApproved, send }: { wasApproved: boolean; send?: Send | undefined },
): Promise<CallResult | undefined> {
  const { context, descriptor } = request;
  const { targets } = context;
  if (targets.state !== "known") return undefined;
  const wanted = stateAfter(descriptor.method);
  // One after the other: together they would need more room than the limit may have.
  for (const user of targets.users) {
    const now = await context.readUser(user.id, { fresh: true, send });
    if (stateOf(now) === stateOf(user)) continue;
    const isAlone = targets.users.length === 1;
    if (isAlone && !isAnother(now, user) && now.state === wanted) return alreadyThere(now, wanted);
    return wasApproved ? changedSinceApproved(user, now) : changedSinceJudged(user, now);
  }
  return undefined;
}

/** Whether a user as read or answered is another one than the one who was judged. */
export function isAnother(user: User, judged: User): boolean {
  return user.id !== judged.id || user.email !== judged.email;
}

function changedSinceApproved(user: User, now: User): CallResult {
  return {
    kind: "refused",
    code: "approval_expired",
    text:
      `While the approval was asked for, ${shownPerson(user)}, ${shownWord(user.state)}, has become ${shownPerson(now)}, ` +
      `${shownWord(now.state)}: the approval no longer holds. Nothing was changed. Next: make sure that it is still to be done, ` +
      `and make this call once more, which asks again.`,
  };
}

/** What a call comes to whose user has changed while it waited. */
export function changedSinceJudged(user: User, now: User): CallResult {
  const what = isAnother(now, user)
    ? "has another email now"
    : `has changed, and is ${shownWord(now.state)} now`;
  return {
    kind: "refused",
    code: "identity_mismatch",
    text:
      `While the call waited, ${shownPerson(user)} ${what}. Nothing was changed. Next: find out whom ` +
      `this id belongs to, and whether the change is still to be made, before you make this call once more.`,
    // Judged anew, the same call may be right.
    retryAfterMs: 0,
  };
}
