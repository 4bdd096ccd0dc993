import { longestTimerMs } from "../../backoff/timer.js";
import { refuseOption, shownOption } from "../../option-error.js";

/** How much an endpoint takes on. */
export interface EndpointLimits {
  /** The largest body of a request, in bytes; a larger one is answered with 413. @default 1_048_576 */
  maxBodyBytes?: number | undefined;
  /** How long a request's body may take to arrive, in milliseconds; then 408. @default 10_000 */
  bodyMs?: number | undefined;
  /**
   * How long a call may take, in milliseconds, the wait for a person's answer included; then it is cancelled. It does
   * not apply to streams on which a client only listens: see `sessionIdleMs`.
   *
   * @default 600_000
   */
  requestMs?: number | undefined;
  /**
   * How many sessions of 2025 clients there are at most, and how many calls are under way at a time, open questions to
   * persons among them. One more session ends the one that has been idle for longest. A caller has as many calls under
   * way as there are places left, so that one alone gets half of them and nobody takes the last one from the others;
   * for one more, the answer is 503. Callers differ by what `authenticate` calls them, else by their address, where the
   * handler is given it.
   *
   * @default 1000
   */
  maxSessions?: number | undefined;
  /**
   * How long a session lasts after its last request or the end of its last call, in milliseconds. A call under way,
   * and a question to a person, keep it; an open stream on which the client only listens does not, since a
   * client that is gone may leave one open for ever. A 2026 client's subscription lasts as long from its start.
   *
   * @default 1_800_000
   */
  sessionIdleMs?: number | undefined;
  /** How long calls under way may go on when a server stops or is taken away, in milliseconds. @default 50_000 */
  graceMs?: number | undefined;
}

const defaults: Limits = {
  maxBodyBytes: 1_048_576,
  bodyMs: 10_000,
  requestMs: 600_000,
  maxSessions: 1000,
  sessionIdleMs: 1_800_000,
  graceMs: 50_000,
};

/** Every limit, as a number. */
export type Limits = { [Name in keyof EndpointLimits]-?: number };

/** The names of all limits, as options have them. */
export const limitNames = Object.keys(defaults) as (keyof Limits)[];

/**
 * The limits with their defaults.
 *
 * @throws {@link ToolsetError} `invalid_argument` for one that is no whole number above 0
 */
export function limitsOf(given: EndpointLimits = {}): Limits {
  const limits = { ...defaults };
  for (const name of limitNames) {
    const value = given[name];
    if (value === undefined) continue;
    if (!Number.isInteger(value) || value < 1 || value > longestTimerMs) {
      throw refuseOption(
        name,
        `is ${shownOption(value)}`,
        `It is a whole number from 1 to ${longestTimerMs}.`,
      );
    }
    limits[name] = value;
  }
  return limits;
}
