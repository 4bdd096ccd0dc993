import type { Call, CallRequest, CallResult, Refusal } from "../call.js";

/**
 * Refuses a write. One that is only planned goes on, so that its plan names everything that stands against it.
 */
export async function refuse(request: CallRequest, next: Call, refusal: Refusal): Promise<CallResult> {
  if (!request.context.dryRun) return { kind: "refused", ...refusal };
  request.context.obstacles.push(refusal);
  return next(request);
}
