import type { Layer } from "../call.js";
import type { ToolDescriptor } from "../descriptor.js";
import { ToolsetError } from "../errors/toolset-error.js";
import { namesItsTargets } from "./targets.js";

/** A layer of the user's own, kept from doing what would make the guards around it worth nothing. */
export function ownLayer(layer: Layer, original: ToolDescriptor): Layer {
  return (next) => {
    const call = layer((request) => {
      // Those whom the guards outside have judged, and no others, may be reached.
      if (namesItsTargets(original, request)) return next(request);
      throw new ToolsetError(
        "invalid_argument",
        `A layer of your own changed whom "${request.descriptor.name}" concerns after the guards had looked at ` +
          "them. Nothing was sent. Leave that argument as it is.",
        { unsent: true },
      );
    });
    return async (request) => {
      const result = (await call(request)) as Awaited<ReturnType<typeof call>> | undefined;
      if (result !== undefined) return result;
      throw new TypeError(
        `A layer around "${request.descriptor.name}" returned nothing. Return what next(request) resolves to.`,
      );
    };
  };
}
