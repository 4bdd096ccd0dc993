/** How long a probe may take before it stops holding up the others. */
const patienceMs = 5_000;

/**
 * The requests that are out to learn whether the others may follow: one at first. If its answer is slow, or never
 * comes, two may be out, then four: a server that hangs must not be asked for its limit one timeout at a time.
 */
export class ProbeRound {
  /** How many are out. */
  out = 0;
  /** How many came to nothing. */
  lost = 0;
  readonly #since: number;

  constructor(now: number) {
    this.#since = now;
  }

  hasRoom(now: number): boolean {
    return this.out < 2 ** Math.min(10, this.#patiencesGone(now) + this.lost);
  }

  /** When there will be more room without an answer. */
  nextRoomAt(now: number): number {
    return this.#since + patienceMs * (this.#patiencesGone(now) + 1);
  }

  #patiencesGone(now: number): number {
    return Math.floor((now - this.#since) / patienceMs);
  }
}
