import { isToolsetError, ToolsetError } from "../errors/toolset-error.js";
import { shownCause, systemCode } from "./shown-cause.js";

/** How one exchange with a server is bounded and named. */
export interface ExchangeOptions {
  /** Method, path template and origin, for the errors: never a full URL, which may hold an id or a token. */
  what: string;
  /** How long the exchange may take, in milliseconds, the body's last byte included. */
  timeoutMs: number;
  signal: AbortSignal;
  /** The credentials that are sent. Where they are not told, no message of a foreign error is repeated. */
  secrets?: readonly string[];
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
  const onAbort = () => controller.abort(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await run(controller.signal);
  } catch (error) {
    signal.throwIfAborted();
    // Not by the caller, so by the timer.
    if (controller.signal.aborted) {
      throw new ToolsetError(
        "timeout",
        `${what} gave no whole answer within ${timeoutMs} ms, and whether it took effect is not known. ` +
          `Try again, or raise "timeoutMs".`,
        { cause: shownCause(error, secrets) },
      );
    }
    if (isToolsetError(error)) throw error;
    const code = systemCode(error);
    throw new ToolsetError(
      "network",
      `${what} failed on the way${code === null ? "" : ` (${code})`}, and whether it took effect is not known. Try again; ` +
        `if it stays, check the network and "baseUrl".`,
      { cause: shownCause(error, secrets) },
    );
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

/** Waits for something that several callers share; one caller's abort ends only that caller's wait. */
export async function waitFor<T>(shared: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let onAbort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason as Error);
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([shared, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
