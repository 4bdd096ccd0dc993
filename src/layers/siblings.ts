import { stopsHost } from "../bubble-up.js";
import type { Context, Layer } from "../call.js";
import { waitAtMost } from "./wait-at-most.js";

/** The calls of one thread that are under way. */
interface Family {
  running: number;
  readonly held: Set<() => void>;
}

/**
 * Holds back a host's signal to stop, such as LangGraph's interrupt, until the other writes of the same thread have
 * come to an end or to a signal of their own. Several hosts run all calls of a step in one task, which ends with
 * the first signal: the others would go on unseen, and write after the host has said that it stopped.
 */
export function siblings(): Layer {
  const families = new Map<string, Family>();

  return (next) => async (request) => {
    const { scope } = request.context;
    const family = families.get(scope) ?? { running: 0, held: new Set() };
    families.set(scope, family);
    family.running += 1;
    try {
      return await next(request);
    } catch (error) {
      if (stopsHost(error)) await heldIn(family, request.context);
      throw error;
    } finally {
      family.running -= 1;
      if (family.running === 0) families.delete(scope);
      else release(family);
    }
  };
}

function release({ held, running }: Family): void {
  if (held.size < running) return;
  for (const go of held) go();
}

async function heldIn(family: Family, context: Context): Promise<void> {
  let go: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (go = resolve));
  family.held.add(go);
  release(family);
  await waitAtMost(context, released);
  family.held.delete(go);
}
