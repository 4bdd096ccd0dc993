import { longestTimerMs } from "../../backoff/timer.js";

/** How long a server that another process deleted may keep a stream open here, in milliseconds. */
const lookMs = 1000;

/** A server that was called in this process, so that it may have open sessions. */
interface CalledServer {
  readonly over: AbortController;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** What {@link ServerEnds} is made of. */
export interface ServerEndsSetup {
  /** The ids of all servers that there are. */
  readonly ids: () => Promise<readonly string[]>;
  /** Ends what is open on a server. */
  readonly end: (id: string) => Promise<void>;
}

/** Ends the open sessions of servers that end: deleted here, deleted by another process, or expired. */
export class ServerEnds {
  readonly #setup: ServerEndsSetup;
  readonly #called = new Map<string, CalledServer>();
  #look: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  constructor(setup: ServerEndsSetup) {
    this.#setup = setup;
  }

  /** A signal that aborts when a server ends; `undefined` for one that was not called here yet. */
  signalOf(id: string): AbortSignal | undefined {
    return this.#called.get(id)?.over.signal;
  }

  /**
   * Watches over a server from its first call on.
   *
   * @param expiresAt - in milliseconds since the epoch
   */
  watch(id: string, expiresAt: number | undefined): AbortSignal {
    const known = this.#called.get(id);
    if (known !== undefined) return known.over.signal;
    const server: CalledServer = { over: new AbortController(), timer: undefined };
    this.#called.set(id, server);
    if (expiresAt !== undefined) this.#wait(id, server, expiresAt);
    this.#lookLater();
    return server.over.signal;
  }

  /** Ends a server now. Settles when nothing is open on it any more. */
  async end(id: string): Promise<void> {
    const server = this.#called.get(id);
    this.#called.delete(id);
    clearTimeout(server?.timer);
    server?.over.abort();
    await this.#setup.end(id);
  }

  /** Watches no more; ends nothing. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#look);
    for (const { timer } of this.#called.values()) clearTimeout(timer);
  }

  #wait(id: string, server: CalledServer, expiresAt: number): void {
    const leftMs = expiresAt - Date.now();
    server.timer = unheld(
      setTimeout(
        () => {
          if (leftMs > longestTimerMs) this.#wait(id, server, expiresAt);
          else void this.#endQuietly(id);
        },
        Math.max(0, Math.min(leftMs, longestTimerMs)),
      ),
    );
  }

  #lookLater(): void {
    if (this.#look !== undefined || this.#isClosed) return;
    this.#look = unheld(setTimeout(() => void this.#endDeleted(), lookMs));
  }

  async #endDeleted(): Promise<void> {
    try {
      // Not those that are called from now on: they may be newer than the list.
      const called = [...this.#called.keys()];
      const there = new Set(await this.#setup.ids());
      await Promise.all(called.filter((id) => !there.has(id)).map((id) => this.#endQuietly(id)));
    } catch {
      // Nothing is known of a store that does not answer. Each request asks it, and is refused.
    }
    this.#look = undefined;
    if (this.#called.size > 0) this.#lookLater();
  }

  async #endQuietly(id: string): Promise<void> {
    try {
      await this.end(id);
    } catch {
      // Nobody is there to hear of it, and no request gets in.
    }
  }
}

/** A timer that keeps no process alive, where there are processes. */
function unheld(timer: ReturnType<typeof setTimeout>): ReturnType<typeof setTimeout> {
  (timer as { unref?: () => void }).unref?.();
  return timer;
}
