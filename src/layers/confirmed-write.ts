import type { CallResult, Confirmation, Layer, Send } from "../call.js";
import { isToolsetError, ToolsetError } from "../errors/toolset-error.js";
import { driftOf } from "./drift.js";

/**
 * Makes sure that a write that had to wait for a rate limit still reaches those whom the guards have judged: they are
 * read once more right before it leaves, and it is not sent where they are no longer as they were.
 */
export const confirmedWrite: Layer = (next) => async (request) => {
  const { context, descriptor } = request;
  const { targets } = context;
  if (targets.state !== "known") return next(request);
  let drift: CallResult | undefined;
  const confirm: Confirmation = {
    requests: targets.users.length,
    look: async (send) => {
      drift = await driftOf(request, { wasApproved: context.consent !== undefined, send });
      // Sent before without an answer, it may be what brought them there: the server is to say so.
      if (drift?.kind === "write" && context.trail.attempts > 0) drift = undefined;
      if (drift === undefined) return;
      const code = drift.kind === "refused" ? drift.code : "identity_mismatch";
      throw new ToolsetError(
        code,
        `${descriptor.name} was not sent: whom it concerns has changed meanwhile.`,
        {
          unsent: true,
        },
      );
    },
  };
  const send: Send = (exchange, options) => context.send(exchange, { ...options, confirm });
  try {
    return await next({ ...request, context: { ...context, send } });
  } catch (error) {
    if (drift === undefined || !isToolsetError(error)) throw error;
    if (error.unsent && !error.inDoubt) return drift;
    throw new ToolsetError(
      "outcome_unknown",
      `${descriptor.name} was sent and got no answer, and was not sent again, because whom it concerns has changed ` +
        `meanwhile. Whether the first request takes effect is not known. Next: read the person by id before anything ` +
        `else, and report what you see.`,
      { cause: error, inDoubt: true },
    );
  }
};
