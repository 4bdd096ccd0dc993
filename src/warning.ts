import { isToolsetError } from "./errors/toolset-error.js";

/** What a warning is about, beside its text. */
export interface WarningDetails {
  /** What was thrown, whole, by a function of the operator's. */
  readonly cause: unknown;
}

/**
 * Hears of what an operator has to know: options that do not work together, functions that threw. What comes here
 * with a `cause` reaches no model. What a listener throws, or rejects with, is ignored: it must not cost a call.
 */
export type WarningListener = (message: string, details?: WarningDetails) => void;

/** A listener that never throws; one for `console.warn` where none is given. */
export function warningListener(onWarning: WarningListener | undefined): WarningListener {
  const listener: (...warning: Parameters<WarningListener>) => unknown = onWarning ?? printWarning;
  return (...warning) => {
    try {
      Promise.resolve(listener(...warning)).catch(() => undefined);
    } catch {
      // There is nobody left to tell.
    }
  };
}

/** Prints no `cause`: its text may hold credentials, and not every log is kept as they have to be. */
function printWarning(message: string, details?: WarningDetails): void {
  globalThis.console.warn(
    details === undefined ? message : `${message} Give "onWarning", which gets what was thrown as its cause.`,
  );
}

/**
 * What kind of error was thrown, in brackets behind a space; empty for what is none. Only an error of this library is
 * shown by its text, which holds no secrets.
 */
export function thrownKind(thrown: unknown): string {
  if (isToolsetError(thrown)) return ` (${thrown.text.replace(/\.$/, "")})`;
  // Bundlers put a _ before the names of classes that speak of themselves.
  return thrown instanceof Error ? ` (${thrown.constructor.name.replace(/^_/, "")})` : "";
}
