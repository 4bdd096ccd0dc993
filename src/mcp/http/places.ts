import type { McpAccess } from "../access.js";

/** Bounds how many calls are under way, and how many of them are one caller's. */
export interface Places {
  /**
   * Takes places for calls that begin together.
   *
   * @returns what gives one of them back, to be called once for each; `undefined` where there are not as many for
   * this caller
   */
  take(access: McpAccess, count: number): (() => void) | undefined;
}

/** Whose a session or a call is, as far as places are concerned. */
export function ownerOf({ principal, server, address }: McpAccess): string {
  return JSON.stringify([server, principal, address]);
}

/**
 * Shares places out so that no caller takes the last one from the others: a caller gets one more only while they have
 * fewer than are free. Alone, one gets half of them; however many do their worst, the next one still gets in.
 *
 * @see https://doi.org/10.1109/90.664262 - dynamic thresholds, by which switches share their buffers
 */
export function createPlaces(most: number): Places {
  const held = new Map<string, number>();
  let taken = 0;

  const giveBack = (owner: string) => {
    taken -= 1;
    const left = (held.get(owner) ?? 0) - 1;
    if (left > 0) held.set(owner, left);
    else held.delete(owner);
  };

  return {
    take(access, count) {
      const owner = ownerOf(access);
      const own = held.get(owner) ?? 0;
      // Judged at the last of them, when those before have their places.
      const others = count - 1;
      if (count > 0 && own + others >= most - taken - others) return undefined;
      taken += count;
      if (count > 0) held.set(owner, own + count);
      return () => giveBack(owner);
    },
  };
}
