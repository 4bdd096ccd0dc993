interface Listening {
  readonly listeners: Set<() => void>;
  readonly stop: () => void;
}

const listeningTo = new WeakMap<AbortSignal, Listening>();

/**
 * Calls a listener when a signal aborts, until the returned function is called. However many listen, the signal
 * has one listener, and none once all have stopped: the calls of one agent run share a signal, and Node warns of
 * a leak from the eleventh on.
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  const { listeners, stop } = listeningTo.get(signal) ?? listenTo(signal);
  // A function of its own for each caller, so that one who listens twice is called twice.
  const once = () => listener();
  listeners.add(once);
  return () => {
    if (listeners.delete(once) && listeners.size === 0) stop();
  };
}

function listenTo(signal: AbortSignal): Listening {
  const listeners = new Set<() => void>();
  const callAll = () => {
    for (const listener of listeners) listener();
  };
  const stop = () => {
    listeningTo.delete(signal);
    signal.removeEventListener("abort", callAll);
  };
  const listening = { listeners, stop };
  listeningTo.set(signal, listening);
  signal.addEventListener("abort", callAll, { once: true });
  return listening;
}
