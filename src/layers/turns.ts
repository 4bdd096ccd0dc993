import type { Layer } from "../call.js";
import { stateAfter } from "../user.js";
import { alreadyThere } from "./identity.js";
import { subjectId } from "./subject.js";
import { waitAtMost } from "./wait-at-most.js";

/**
 * Lets one write on a person be under way at a time. Who had to wait for another one looks at the person again, and
 * leaves them alone where that has done what was wanted.
 */
export function turns(canRead: boolean): Layer {
  const underWay = new Map<string, Promise<unknown>>();

  return (next) => async (request) => {
    const id = subjectId(request);
    if (id === undefined) return next(request);
    let hadToWait = false;
    for (let other = underWay.get(id); other !== undefined; other = underWay.get(id)) {
      hadToWait = true;
      await waitAtMost(request.context, other);
      request.context.signal.throwIfAborted();
      // It may be the call from which this one is made, or hang: who is waited for in vain is not waited for again.
      if (underWay.get(id) === other) underWay.delete(id);
    }
    const turn = async () => {
      const wanted = stateAfter(request.descriptor.method);
      if (hadToWait && canRead && wanted !== undefined && request.context.subject !== undefined) {
        const now = await request.context.readUser(id, { fresh: true });
        if (now.state === wanted) return alreadyThere(now, wanted);
      }
      return next(request);
    };
    const mine = turn();
    const ended = mine.then(
      () => undefined,
      () => undefined,
    );
    underWay.set(id, ended);
    try {
      return await mine;
    } finally {
      if (underWay.get(id) === ended) underWay.delete(id);
    }
  };
}
