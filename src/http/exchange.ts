import { isToolsetError, ToolsetError } from "../errors/toolset-error.js";
import { onAbort } from "../on-abort.js";
import { shownCause, systemCode } from "./shown-cause.js";

/** How a system says that no connection was made, so that nothing can have been sent on it. */
const neverConnected: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENETUNREACH",
]);

/** How one exchange with a server is bounded and named. */
export interface ExchangeOptions {
  /** Method, path template and origin, for the errors: never a full URL, which may hold an id or a token. */
  what: string;
  /** How long the exchange may take, in milliseconds, the body's last byte included. */
  timeoutMs: number;
  signal: AbortSignal;
  /** The credentials that are sent, which no error may repeat. */
  secrets: readonly string[];
}

/**
 * Runs one exchange to the last byte of its body, and turns what breaks it into this library's errors.
 *
 * @throws the signal's own reason when the caller aborts; {@link ToolsetError} `timeout` or `network` else.
 */
export async function exchange<T>(
  { what, timeoutMs, signal, secrets }: ExchangeOptions,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), timeoutMs);
  // By hand rather than by AbortSignal.any, which on Node 20 leaks for signals that live long.
  const stopListening = onAbort(signal, () => controller.abort(signal.reason));
  try {
    return await run(controller.signal);
  } catch (error) {
    signal.throwIfAborted();
    // Not by the caller, so by the timer.
    if (controller.signal.aborted) {
      throw new ToolsetError(
        "timeout",
        `${what} gave no whole answer within ${timeoutMs} ms. Try again, or raise "timeoutMs".`,
        { cause: shownCause(error, secrets) },
      );
    }
    if (isToolsetError(error)) throw error;
    const code = systemCode(error, secrets);
    throw new ToolsetError(
      "network",
      `${what} failed on the way${code === null ? "" : ` (${code})`}. Try again; if it stays, check the network ` +
        `and "baseUrl".`,
      { cause: shownCause(error, secrets), unsent: code !== null && neverConnected.has(code) },
    );
  } finally {
    clearTimeout(timer);
    stopListening();
  }
}

/** Waits for something that several callers share; one caller's abort ends only that caller's wait. */
export async function waitFor<T>(shared: Promise<T>, signal: AbortSignal): Promise<T> {
  // Whoever else waits hears of a failure; if nobody does, it is no unhandled rejection.
  shared.catch(() => undefined);
  signal.throwIfAborted();
  return new Promise<T>((resolve, reject) => {
    const stopListening = onAbort(signal, () => reject(signal.reason as Error));
    shared.then(resolve, reject).finally(stopListening);
  });
}
