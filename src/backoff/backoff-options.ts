import type { Context } from "../call.js";
import { refuseOption, refuseUnknownOptions, shownOption } from "../option-error.js";
import { thrownKind, warningListener, type WarningListener } from "../warning.js";
import type { Wait } from "./attempts.js";
import { createGate } from "./create-gate.js";
import type { Gate } from "./gate.js";

/** What backoff has to know of a call. */
export type BackoffContext = Pick<Context, "account" | "signal" | "deadline" | "priority" | "emit">;

/** How rate limits are waited out, and what failed is repeated. */
export interface BackoffOptions {
  /**
   * How long one HTTP request may wait in all, in milliseconds: in the line before it is sent, for the rate
   * limit to reset, before a repetition. A wait that would take longer ends at once, with a `RateLimitError`
   * that says when to try again. Does not bound how long the answers themselves take.
   *
   * So long, and ten minutes at most, a server is believed that nothing may be sent: then one request asks again.
   *
   * @default 60_000
   */
  maxWaitMs?: number | undefined;
  /**
   * How often one HTTP request is sent at most, not counting those that a 429 refused: these did nothing, and are
   * sent again as long as `maxWaitMs` allows. Six: a pause that doubles from half a second on reaches 16 seconds by
   * then, which outlasts a restart.
   *
   * @default 6
   */
  maxAttempts?: number | undefined;
  /** Told of every wait as it begins. What it throws goes to `onWarning` and costs the call nothing. */
  onBackoff?: ((event: Wait) => void) | undefined;
  /**
   * What holds requests back. Give the same gate to everything that uses the same credentials. Does not bring
   * accounts together: each has a lane of its own.
   *
   * @default a gate of its own
   */
  gate?: Gate | undefined;
}

/** {@link BackoffOptions} with every default filled in. */
export interface BackoffSetup {
  readonly maxWaitMs: number;
  readonly maxAttempts: number;
  readonly onBackoff: (event: Wait) => void;
  readonly gate: Gate;
}

const known: readonly (keyof BackoffOptions)[] = ["maxWaitMs", "maxAttempts", "onBackoff", "gate"];

/**
 * Checks options and fills in the defaults.
 *
 * @param warn - hears what `onBackoff` throws
 * @throws {@link ToolsetError} `invalid_argument` naming the option that does not fit
 */
export function backoffSetup(
  options: BackoffOptions | true,
  warn: WarningListener = warningListener(undefined),
): BackoffSetup {
  const given: unknown = options;
  if (given !== true && (typeof given !== "object" || given === null)) {
    throw refuseOption(
      "backoff",
      `is ${shownOption(given)}`,
      'Give true, or options such as { "maxWaitMs": 60000 }.',
    );
  }
  const { maxWaitMs = 60_000, maxAttempts = 6, onBackoff, gate } = options === true ? {} : options;
  if (options !== true) refuseUnknownOptions(options, known, "backoff");
  if (typeof maxWaitMs !== "number" || !(maxWaitMs > 0)) {
    throw refuseOption(
      "maxWaitMs",
      `is ${shownOption(maxWaitMs)}`,
      "It must be a positive number of milliseconds.",
    );
  }
  if (!Number.isSafeInteger(maxAttempts) || maxAttempts < 1) {
    throw refuseOption(
      "maxAttempts",
      `is ${shownOption(maxAttempts)}`,
      "It must be a whole number from 1 on.",
    );
  }
  if (onBackoff !== undefined && typeof onBackoff !== "function") {
    throw refuseOption("onBackoff", `is ${shownOption(onBackoff)}`, "It must be a function.");
  }
  if (gate !== undefined && !isGate(gate)) {
    throw refuseOption("gate", `is ${shownOption(gate)}`, "Make one with createGate().");
  }
  return {
    maxWaitMs,
    maxAttempts,
    onBackoff:
      onBackoff === undefined
        ? () => undefined
        : harmless(onBackoff, (error) => {
            warn(`"onBackoff" failed${thrownKind(error)}.`, { cause: error });
          }),
    gate: gate ?? createGate(),
  };
}

function isGate(value: unknown): value is Gate {
  const { enter, reserve } = (value ?? {}) as Partial<Gate>;
  return typeof enter === "function" && typeof reserve === "function";
}

/** A listener whose errors, thrown or rejected, cost no wait: it goes on whether or not it could be shown. */
export function harmless(
  listener: (event: Wait) => unknown,
  onError: (error: unknown) => void = () => undefined,
): (event: Wait) => void {
  return (event) => {
    try {
      Promise.resolve(listener(event)).catch(onError);
    } catch (error) {
      onError(error);
    }
  };
}
