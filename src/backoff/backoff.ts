import type { Send, SendReservation } from "../call.js";
import { loadOnce } from "../load-once.js";
import type { WarningListener } from "../warning.js";
import { backoffSetup, type BackoffContext, type BackoffOptions } from "./backoff-options.js";

const loadPacedSend = loadOnce(() => import("./paced-send.js"));

/** A way that waits out rate limits. */
export type PacedSend = Send & {
  /** As {@link Context.reserve}. */
  readonly reserve: (requests: number) => Promise<SendReservation>;
};

/**
 * Makes the way of each HTTP request of a call one that waits out rate limits.
 *
 * A request that was refused by a 429 goes back to the gate, for its server did nothing. After a server error,
 * a failed connection, a timeout or an answer that broke off, it is sent again only where it is idempotent, for
 * it may have had its effect. Every other error is thrown as it is.
 *
 * @param options - `true` for the defaults
 * @param end - ends every wait, and only these: a request that is on its way is not cut off
 * @param warn - hears what `onBackoff` throws
 * @throws `ToolsetError` `invalid_argument` naming the option that does not fit
 *
 * @example
 * ```ts
 * const backoff = createBackoff({ maxWaitMs: 20_000, onBackoff: ({ waitMs }) => console.error(`${waitMs} ms`) });
 * const send = backoff(context);
 * const answer = await send((signal) => getJson("/users", signal), { idempotent: true });
 * ```
 */
export function createBackoff(
  options: BackoffOptions | true,
  end?: AbortSignal,
  warn?: WarningListener,
): (context: BackoffContext) => PacedSend {
  const setup = backoffSetup(options, warn);
  return (context) => {
    const send: Send = async (request, sendOptions) => {
      const { pacedSend } = await loadPacedSend();
      return pacedSend(setup, context, end)(request, sendOptions);
    };
    const reserve: PacedSend["reserve"] = async (requests) => {
      const { reservedSend } = await loadPacedSend();
      return reservedSend(setup, context, end, requests);
    };
    return Object.assign(send, { reserve });
  };
}
