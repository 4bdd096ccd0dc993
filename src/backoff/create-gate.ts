import { loadOnce } from "../load-once.js";
import { refuseOption } from "../option-error.js";
import type { Gate, GateRequest } from "./gate.js";
import type { Lanes } from "./lanes.js";

const loadLanes = loadOnce(() => import("./lanes.js"));

/**
 * Makes a gate, to be shared by everything that calls the same API with the same credentials.
 *
 * The first 429, or an answer with nothing remaining, closes it for every caller until the reset; then it lets
 * through as many as the limit allows. Each account has a lane of its own. Nothing is shared between processes.
 *
 * @throws `ToolsetError` `invalid_argument` for an option: there are none
 * @example
 * ```ts
 * const gate = createGate();
 * const reading = new ToolManager({ source, readOnly: true, backoff: { gate } });
 * const writing = new ToolManager({ source, backoff: { gate } });
 * ```
 */
export function createGate(...options: readonly []): Gate {
  const [given] = options as readonly unknown[];
  if (given !== undefined) {
    throw refuseOption("createGate", "takes no options", 'What bounds a wait is an option of "backoff".');
  }
  let lanes: Lanes | undefined;
  async function laneOf(account: GateRequest["account"]) {
    const { Lanes } = await loadLanes();
    lanes ??= new Lanes();
    return lanes.of(account);
  }
  return {
    enter: async (request) => (await laneOf(request.account)).enter(request),
    reserve: async (request, permits) => (await laneOf(request.account)).reserve(request, permits),
  };
}
