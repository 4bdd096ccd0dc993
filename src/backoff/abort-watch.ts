/**
 * Listens to abort signals on behalf of many waiters with one listener per signal: the calls of one agent run
 * often share a signal, and Node warns of a leak from the eleventh listener on.
 */
export class AbortWatch {
  readonly #watches = new Map<AbortSignal, { waiters: Set<() => void>; onAbort: () => void }>();

  /** Calls `onAbort` if the signal aborts before the returned function is called. */
  watch(signal: AbortSignal, onAbort: () => void): () => void {
    const { waiters } = this.#watches.get(signal) ?? this.#listen(signal);
    waiters.add(onAbort);
    return () => {
      waiters.delete(onAbort);
      if (waiters.size === 0) this.#forget(signal, waiters);
    };
  }

  #listen(signal: AbortSignal) {
    const waiters = new Set<() => void>();
    const onAbort = () => {
      this.#forget(signal, waiters);
      for (const waiter of waiters) waiter();
    };
    const watch = { waiters, onAbort };
    this.#watches.set(signal, watch);
    signal.addEventListener("abort", onAbort, { once: true });
    return watch;
  }

  #forget(signal: AbortSignal, waiters: Set<() => void>): void {
    const watch = this.#watches.get(signal);
    if (watch?.waiters !== waiters) return;
    this.#watches.delete(signal);
    signal.removeEventListener("abort", watch.onAbort);
  }
}
