import type { Layer, Refusal } from "../call.js";
import { refuse } from "./refuse.js";

/** Why a write without a reason is refused. */
const noReason: Refusal = {
  code: "invalid_argument",
  text: '"reason" is missing: every change here needs one, such as a ticket. Nothing was changed. Next: give it.',
};

/** Whether a reason says anything. */
function hasReason(reason: string | undefined): boolean {
  return (reason ?? "").trim() !== "";
}

/** Refuses writes without a reason, also those that come by no tool, whose schema would have asked for it. */
export const requiredReason: Layer = (next) => (request) =>
  hasReason(request.context.reason) ? next(request) : refuse(request, next, noReason);
