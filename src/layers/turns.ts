import type { Layer } from "../call.js";
import { stateAfter } from "../user.js";
import { changedSinceJudged, isAnother } from "./drift.js";
import { alreadyThere } from "./identity.js";
import { soleUser, targetIds } from "./targets.js";
import { waitAtMost } from "./wait-at-most.js";

/**
 * Lets one write on a person be under way at a time. Who had to wait for another one looks at the person again, and
 * leaves them alone where that has done what was wanted.
 */
export function turns(canRead: boolean): Layer {
  const underWay = new Map<string, Promise<unknown>>();

  return (next) => async (request) => {
    const ids = targetIds(request.context);
    if (ids.length === 0) return next(request);
    let hadToWait = false;
    const otherOf = () =>
      ids.map((id) => [id, underWay.get(id)] as const).find(([, other]) => other !== undefined);
    for (let found = otherOf(); found !== undefined; found = otherOf()) {
      const [id, other] = found;
      hadToWait = true;
      await waitAtMost(request.context, other ?? Promise.resolve());
      request.context.signal.throwIfAborted();
      // It may be the call from which this one is made, or hang: who is waited for in vain is not waited for again.
      if (underWay.get(id) === other) underWay.delete(id);
    }
    const turn = async () => {
      const wanted = stateAfter(request.descriptor.method);
      const user = soleUser(request.context);
      if (hadToWait && canRead && wanted !== undefined && user !== undefined) {
        const now = await request.context.readUser(user.id, { fresh: true });
        if (isAnother(now, user)) return changedSinceJudged(user, now);
        if (now.state === wanted) return alreadyThere(now, wanted);
      }
      return next(request);
    };
    const mine = turn();
    const ended = mine.then(
      () => undefined,
      () => undefined,
    );
    for (const id of ids) underWay.set(id, ended);
    try {
      return await mine;
    } finally {
      for (const id of ids) if (underWay.get(id) === ended) underWay.delete(id);
    }
  };
}
