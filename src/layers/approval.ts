import { isBubbleUp } from "../bubble-up.js";
import type { Call, CallRequest, CallResult, Consent, Layer, Refusal } from "../call.js";
import { shownWord } from "../content/shown-email.js";
import { isToolsetError } from "../errors/toolset-error.js";
import { stateAfter } from "../user.js";
import { expired, type ApprovalDesk } from "./approval-desk.js";
import { matterOf, stateOf } from "./approval-matter.js";
import { alreadyThere } from "./identity.js";
import { shownPerson } from "./shown-person.js";

/**
 * Lets a write through only with a person's yes, and only while everything is as it was when they gave it.
 *
 * @param when - whether every write is asked for, or only those past the budget
 */
export function approval(desk: ApprovalDesk, when: "always" | "past-budget"): Layer {
  return (next) => async (request) => {
    const { context } = request;
    if (when === "past-budget" && context.needsApproval === undefined && context.grant === undefined) {
      const result = await next(request);
      if (result.kind !== "refused" || result.code !== "budget_exhausted") return result;
      // Others have used up what was left while this one was on its way.
      context.needsApproval = "the writes that may be made without asking are used up";
    }
    const matter = matterOf(request);
    if (matter === undefined) return { kind: "refused", ...nobodyToShow };
    const verdict =
      context.grant === undefined
        ? await desk.ask(matter, context)
        : await desk.redeem(context.grant, matter);
    if ("refusal" in verdict) return { kind: "refused", ...verdict.refusal };
    // Used first: a yes that is void because somebody has changed must not come back when they change back.
    const refusal = await desk.use(verdict.approval, matter, context);
    if (refusal !== undefined) return { kind: "refused", ...refusal };
    const drift = await driftOf(request);
    if (drift !== undefined) return drift;
    context.consent = verdict.approval.consent;
    try {
      return await within(verdict.approval.consent, next, request);
    } catch (error) {
      // A tool that asks its host something is run again from its beginning, and has not been run yet.
      if (isBubbleUp(error)) desk.giveBack(verdict.approval, matter, context);
      throw error;
    }
  };
}

/** Why nobody is asked about people who were not read. */
const nobodyToShow: Refusal = {
  code: "approval_unavailable",
  text:
    "This needs an approval, and whom it concerns is not known, so that nobody can be shown to an approver. Nothing " +
    "was changed. Next: report this to the person who gave you the task, and do not ask for it again.",
};

/** What has become of the person while somebody was asked; `undefined` where they are as they were. */
async function driftOf(request: CallRequest): Promise<CallResult | undefined> {
  const { context, descriptor } = request;
  const { targets } = context;
  if (targets.state !== "known") return undefined;
  const wanted = stateAfter(descriptor.method);
  for (const user of targets.users) {
    const now = await context.readUser(user.id, { fresh: true });
    if (stateOf(now) === stateOf(user)) continue;
    const isAlone = targets.users.length === 1;
    if (isAlone && now.email === user.email && now.state === wanted) return alreadyThere(now, wanted);
    return {
      kind: "refused",
      code: "approval_expired",
      text:
        `While the approval was asked for, ${shownPerson(user)}, ${shownWord(user.state)}, has become ${shownPerson(now)}, ` +
        `${shownWord(now.state)}: the approval no longer holds. Nothing was changed. Next: make sure that it is still to be done, ` +
        `and make this call once more, which asks again.`,
    };
  }
  return undefined;
}

/** Makes the call, as long as it leaves before the yes ends. */
async function within({ expiresAt }: Consent, next: Call, request: CallRequest): Promise<CallResult> {
  const { context } = request;
  if (Date.now() >= expiresAt) return { kind: "refused", ...expired };
  const send: typeof context.send = (exchange, options) =>
    context.send(exchange, { ...options, notAfter: Math.min(options.notAfter ?? expiresAt, expiresAt) });
  try {
    return await next({ ...request, context: { ...context, send } });
  } catch (error) {
    const didNothing =
      isToolsetError(error) && !error.inDoubt && (error.unsent || error.code === "rate_limited");
    if (!didNothing || Date.now() + (error.retryAfterMs ?? 0) < expiresAt) throw error;
    return {
      kind: "refused",
      code: "approval_expired",
      text:
        `The approval ended before the rate limit let the request out. Nothing was changed. Next: make this call ` +
        `once more, which asks again.`,
      ...(error.retryAfterMs === null ? {} : { retryAfterMs: error.retryAfterMs }),
    };
  }
}
