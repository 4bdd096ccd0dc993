import type { Layer } from "../call.js";
import { ToolsetError } from "../errors/toolset-error.js";
import { subjectId } from "./subject.js";

/** A layer of the user's own, kept from doing what would make the guards around it worth nothing. */
export function ownLayer(layer: Layer): Layer {
  return (next) => {
    const call = layer((request) => {
      const { subject } = request.context;
      // What the guards outside have judged is this person, and no other may be reached.
      if (subject === undefined || subjectId(request) === subject.id) return next(request);
      throw new ToolsetError(
        "invalid_argument",
        `A layer of your own changed whom "${request.descriptor.name}" concerns, from "${subject.id}", after the ` +
          "guards had looked at them. Nothing was sent. Leave that argument as it is.",
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
