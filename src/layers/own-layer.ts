import { isBubbleUp } from "../bubble-up.js";
import type { CallRequest, CallResult, Layer } from "../call.js";
import type { ToolDescriptor } from "../descriptor.js";
import { operatorError } from "../errors/foreign-error.js";
import { isToolsetError, ToolsetError } from "../errors/toolset-error.js";
import { thrownKind, type WarningListener } from "../warning.js";
import { namesItsTargets } from "./targets.js";

/**
 * A layer of the user's own, kept from doing what would make the guards around it worth nothing. What it throws of
 * its own, and that is no error of this library, the operator is told of whole, and a model reads that it failed.
 *
 * @param warn - hears what it throws
 */
export function ownLayer(layer: Layer, original: ToolDescriptor, warn: WarningListener): Layer {
  return (next) => {
    // By what a changed context has in common with the one that it was made of.
    const sent = new WeakSet<object>();
    const call = layer((request) => {
      // Those whom the guards outside have judged, and no others, may be reached.
      if (namesItsTargets(original, request)) {
        sent.add(request.context.trail);
        return next(request);
      }
      throw new ToolsetError(
        "invalid_argument",
        `A layer of your own changed whom "${request.descriptor.name}" concerns after the guards had looked at ` +
          "them. Nothing was sent. Leave that argument as it is.",
        { unsent: true },
      );
    });
    const made = async (request: CallRequest): Promise<CallResult | undefined> => {
      try {
        return await call(request);
      } catch (error) {
        throw failed(error, request, { warn, isSent: sent.has(request.context.trail) });
      }
    };
    return async (request) => {
      const result = await made(request);
      if (result !== undefined) return result;
      throw new TypeError(
        `A layer around "${request.descriptor.name}" returned nothing. Return what next(request) resolves to.`,
      );
    };
  };
}

/** What a layer has thrown, as those around it see it. */
function failed(
  thrown: unknown,
  { context, descriptor }: CallRequest,
  { warn, isSent }: { warn: WarningListener; isSent: boolean },
): unknown {
  // LangGraph's signals and aborts are no failures, and errors of this library hold nothing but what a model may read.
  if (isToolsetError(thrown) || isBubbleUp(thrown) || context.signal.aborted) return thrown;
  const what = `A step of the operator's around ${JSON.stringify(descriptor.name)} failed`;
  warn(`A layer around ${JSON.stringify(descriptor.name)} failed${thrownKind(thrown)}.`, { cause: thrown });
  return operatorError(what, thrown, { unsent: !isSent, inDoubt: isSent && descriptor.kind === "write" });
}
