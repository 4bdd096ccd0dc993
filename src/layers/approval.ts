import { isBubbleUp } from "../bubble-up.js";
import type { Call, CallRequest, CallResult, Consent, Layer, Refusal, SendReservation } from "../call.js";
import { isToolsetError } from "../errors/toolset-error.js";
import { expired, type ApprovalDesk } from "./approval-desk.js";
import { matterOf } from "./approval-matter.js";
import { driftOf } from "./drift.js";

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
      context.needsApproval = "other writes have used it up";
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
    const together = await roomFor(request);
    try {
      const drift = await driftOf(request, { wasApproved: true, send: together?.send });
      if (drift !== undefined) return drift;
      context.consent = verdict.approval.consent;
      const reserved = together === undefined ? context : { ...context, send: together.send };
      return await within(verdict.approval.consent, next, { ...request, context: reserved });
    } catch (error) {
      // A tool that asks its host something is run again from its beginning, and has not been run yet.
      if (isBubbleUp(error)) desk.giveBack(verdict.approval, matter, context);
      throw error;
    } finally {
      together?.release();
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

/** Room for the last look at those concerned and the write behind it; `undefined` where neither is made to wait. */
async function roomFor({ context }: CallRequest): Promise<SendReservation | undefined> {
  const { targets, reserve } = context;
  return targets.state === "known" ? reserve?.(targets.users.length + 1) : undefined;
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
