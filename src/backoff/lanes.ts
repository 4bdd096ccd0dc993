import { Traffic } from "./traffic.js";

/** How many lanes there may be before idle ones are looked for. */
const fewestToSweep = 256;

/**
 * One lane per account. Lanes that are idle and open are dropped when there are many: what they knew, one probe
 * learns again. Memory is bounded by the accounts in use at one time, not by those ever seen.
 */
export class Lanes {
  readonly #lanes = new Map<string, Traffic>();
  #sweepAt = fewestToSweep;

  get size(): number {
    return this.#lanes.size;
  }

  of(account: string): Traffic {
    const known = this.#lanes.get(account);
    if (known !== undefined) return known;
    if (this.#lanes.size >= this.#sweepAt) this.#sweep();
    const lane = new Traffic();
    this.#lanes.set(account, lane);
    return lane;
  }

  #sweep(): void {
    for (const [account, lane] of this.#lanes) {
      if (lane.isIdle()) this.#lanes.delete(account);
    }
    // A sweep costs as much as there are lanes, so that it has to be worth a doubling.
    this.#sweepAt = Math.max(fewestToSweep, this.#lanes.size * 2);
  }
}
