import { isToolsetError, ToolsetError } from "../errors/toolset-error.js";

/** How one exchange with a server is bounded and named. */
export interface ExchangeOptions {
  /** Method, path template and origin, for the errors: never a full URL, which may hold an id or a token. */
  what: string;
  /** How long the exchange may take, in milliseconds, the body's last byte included. */
  timeoutMs: number;
  signal: AbortSignal;
}

/**
 * Runs one exchange to the last byte of its body, and turns what breaks it into this library's errors.
 *
 * @throws the signal's own reason when the caller aborts; {@link ToolsetError} `timeout` or `network` else.
 */
export async function exchange<T>(
  { what, timeoutMs, signal }: ExchangeOptions,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const controller = new AbortController();
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    controller.abort();
  }, timeoutMs);
  // By hand rather than by AbortSignal.any, which on Node 20 leaks for signals that live long.
  const onAbort = () => controller.abort(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await run(controller.signal);
  } catch (error) {
    signal.throwIfAborted();
    if (timedOut) {
      throw new ToolsetError(
        "timeout",
        `${what} gave no whole answer within ${timeoutMs} ms, and whether it took effect is not known. ` +
          `Try again, or raise "timeoutMs".`,
        { cause: error },
      );
    }
    if (isToolsetError(error)) throw error;
    throw new ToolsetError(
      "network",
      `${what} failed on the way${systemCode(error)}, and whether it took effect is not known. Try again; ` +
        `if it stays, check the network and "baseUrl".`,
      { cause: error },
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

function systemCode(error: unknown): string {
  const { cause, code } = error as { cause?: { code?: unknown }; code?: unknown };
  const found = cause?.code ?? code;
  return typeof found === "string" ? ` (${found})` : "";
}
