const listenersOf = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls a listener when a signal aborts, until the returned function is called. However many listen, the signal
 * gets one listener: the calls of one agent run share a signal, and Node warns of a leak from the eleventh on.
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  const listeners = listenersOf.get(signal) ?? listenTo(signal);
  // A function of its own for each caller, so that one who listens twice is called twice.
  const once = () => listener();
  listeners.add(once);
  return () => listeners.delete(once);
}

function listenTo(signal: AbortSignal): Set<() => void> {
  const listeners = new Set<() => void>();
  listenersOf.set(signal, listeners);
  const callAll = () => {
    for (const listener of listeners) listener();
    listeners.clear();
  };
  signal.addEventListener("abort", callAll, { once: true });
  return listeners;
}
