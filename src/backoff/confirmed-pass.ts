import type { Confirmation } from "../call.js";
import { RateLimitError } from "../errors/rate-limit-error.js";
import { isToolsetError } from "../errors/toolset-error.js";
import type { Gate, GatePass, GateRequest, Reservation } from "./gate.js";

/** A {@link Confirmation} whose look passes a gate: the one that its requests have a reservation at. */
export interface Confirm extends Omit<Confirmation, "look"> {
  /** Whether to look even where the request can leave at once. */
  readonly always: boolean;
  readonly look: (reserved: Gate) => Promise<void>;
}

/** How often a look is repeated whose request could not leave right after it. */
const maxRepetitions = 3;

/**
 * Waits until a request may be sent that rests on something: at once, or right after another look at that. Look and
 * request leave on one reservation. Where the request would have to wait after all, because the limit has changed
 * meanwhile, both begin anew.
 *
 * @throws what the look throws, marked as unsent; `RateLimitError` where the request could not leave after any look
 */
export async function confirmedPass(
  gate: Gate,
  request: GateRequest,
  { always, requests, look }: Confirm,
): Promise<GatePass> {
  if (!always) {
    const atOnce = await gate.enter({ ...request, maxWaitMs: 0 }).catch(tooLong);
    if (!(atOnce instanceof RateLimitError)) return atOnce;
  }
  for (let repetitions = 0; repetitions <= maxRepetitions; repetitions += 1) {
    const again = request.again || repetitions > 0;
    const reservation = await gate.reserve({ ...request, again }, requests + 1);
    try {
      const pass = (await hasLooked(look, reservation)) ? reservation.take() : null;
      if (pass !== null) return pass;
    } finally {
      reservation.release();
    }
  }
  throw await noRoom(gate, request, requests + 1);
}

/** Looks by the places that are reserved; `false` where they did not last. */
async function hasLooked(look: Confirm["look"], reservation: Reservation): Promise<boolean> {
  let lasted = true as boolean;
  const enter = ({ signal }: GateRequest): Promise<GatePass> => {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    const pass = reservation.take();
    if (pass !== null) return Promise.resolve(pass);
    lasted = false;
    const gone = new RateLimitError("The request was not sent: what was reserved for it is gone.", {
      headers: {},
      unsent: true,
    });
    return Promise.reject(gone);
  };
  try {
    await look({ enter, reserve: () => Promise.reject(new TypeError("A reservation holds no other one.")) });
    return true;
  } catch (error) {
    if (!lasted) return false;
    throw isToolsetError(error) ? error.withText(error.text, { unsent: true }) : error;
  }
}

function tooLong(error: unknown): RateLimitError {
  if (error instanceof RateLimitError && error.unsent) return error;
  throw error;
}

async function noRoom(gate: Gate, request: GateRequest, together: number): Promise<RateLimitError> {
  const told = await gate.enter({ ...request, maxWaitMs: 0 }).catch(tooLong);
  if (!(told instanceof RateLimitError)) told.settle({ kind: "unsent" });
  const { headers = {}, retryAfterMs = null } = told instanceof RateLimitError ? told : {};
  const again = retryAfterMs === null ? "" : ` Try again in ${Math.ceil(retryAfterMs / 1000)} s.`;
  return new RateLimitError(
    `The request was not sent, and nothing was changed by it: it has to leave right after those that it rests on, ` +
      `${together} in all, and ${maxRepetitions + 1} times the rate limit had no room for them together.${again}`,
    { headers, retryAfterMs: retryAfterMs ?? undefined, unsent: true },
  );
}
