import { boundedErrorText } from "../content/bounded-text.js";

/**
 * What went wrong, as a word that programs may rely on. It stands in {@link ToolsetError.code}, in the
 * artifact of a failed tool call and in the last line of the text that a model reads.
 */
export type ToolsetErrorCode =
  | "invalid_argument"
  | "not_found"
  | "forbidden"
  | "unauthorized"
  | "rate_limited"
  | "server_error"
  | "network"
  | "timeout"
  | "aborted"
  | "bad_response"
  | "identity_mismatch"
  | "identity_required"
  | "protected"
  | "budget_exhausted"
  | "repeated"
  | "approval_required"
  | "approval_rejected"
  | "approval_unavailable"
  | "approval_expired"
  | "audit_unavailable"
  | "out_of_scope"
  | "read_only"
  | "outcome_unknown";

/** What a {@link ToolsetError} carries beside its code and text. */
export interface ToolsetErrorOptions {
  /** Whether the same call may succeed later without a change. Default: what is usual for the code. */
  retryable?: boolean | undefined;
  /** How long to wait before trying again, in milliseconds, where that is known. */
  retryAfterMs?: number | undefined;
  /** Whether it is certain that the request itself was not sent. @default false */
  unsent?: boolean | undefined;
  /** Whether an earlier attempt of the same request got no answer, and may have taken effect. @default false */
  inDoubt?: boolean | undefined;
  /** The error underneath, if any. */
  cause?: unknown;
}

const brand = Symbol.for("langchain-1password.error");

const retryableCodes: ReadonlySet<ToolsetErrorCode> = new Set([
  "rate_limited",
  "server_error",
  "network",
  "timeout",
  "audit_unavailable",
]);

/**
 * The base of every error that this library throws.
 *
 * Its `message` is written to be acted on, by a person or by a model: what happened, the value concerned
 * and what to do next. The last line is one JSON object,
 * `{"code":"not_found","retryable":false,"retry_after_s":null}`, because some hosts pass on text alone. What stands
 * before it has at most 20,000 characters: a longer text loses its middle, and says so.
 *
 * `instanceof` goes by a brand rather than by the prototype: the ESM and the CommonJS build each have a
 * class of their own, and LangChain's classic `AgentExecutor` needs these errors to be of a class of its
 * own as well.
 */
export class ToolsetError extends Error {
  /** What went wrong, as a stable word. */
  readonly code: ToolsetErrorCode;
  /** Whether the same call may succeed later without a change. */
  readonly retryable: boolean;
  /** How long to wait before trying again, in milliseconds; `null` where nobody knows. */
  readonly retryAfterMs: number | null;
  /**
   * Whether it is certain that the request itself was not sent, so that it can have changed nothing. `false`
   * says nothing of the contrary.
   */
  readonly unsent: boolean;
  /** Whether an earlier attempt of the same request got no answer, so that it may have taken effect all the same. */
  readonly inDoubt: boolean;

  constructor(code: ToolsetErrorCode, text: string, options: ToolsetErrorOptions = {}) {
    const retryable = options.retryable ?? retryableCodes.has(code);
    const retryAfterMs = options.retryAfterMs ?? null;
    super(
      `${boundedErrorText(text)}\n${machineLine(code, retryable, retryAfterMs)}`,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.code = code;
    this.retryable = retryable;
    this.retryAfterMs = retryAfterMs;
    this.unsent = options.unsent ?? false;
    this.inDoubt = options.inDoubt ?? false;
    brandError(this, "ToolsetError");
  }

  /** The message without its last line, the machine-readable one. */
  get text(): string {
    return this.message.slice(0, this.message.lastIndexOf("\n"));
  }

  /** The same error, told in other words. The original is its `cause`, because waiters may share it. */
  withText(text: string, { unsent = this.unsent, inDoubt = this.inDoubt } = {}): ToolsetError {
    return new ToolsetError(this.code, text, {
      retryable: this.retryable,
      retryAfterMs: this.retryAfterMs ?? undefined,
      unsent,
      inDoubt,
      cause: this,
    });
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return isInstanceByBrand(this, ToolsetError, "ToolsetError", value);
  }
}

/**
 * Whether a value is an error of this library, by brand: true across the ESM and the CommonJS build.
 *
 * @example
 * ```ts
 * try {
 *   await tool.invoke({ id });
 * } catch (error) {
 *   if (isToolsetError(error) && error.code === "rate_limited") await pause(error.retryAfterMs);
 *   else throw error;
 * }
 * ```
 */
export function isToolsetError(value: unknown): value is ToolsetError {
  return hasBrand(value, "ToolsetError");
}

/** Marks an error as one of the named class, for {@link isInstanceByBrand}. Not enumerable. */
export function brandError(error: Error, className: string): void {
  const classes = [...((error as { [brand]?: string[] })[brand] ?? []), className];
  Object.defineProperty(error, brand, { value: classes, configurable: true });
  Object.defineProperty(error, "name", { value: className, configurable: true, writable: true });
}

/** `instanceof` by brand for a class of this library, by prototype for a class that a user derives. */
export function isInstanceByBrand(asked: unknown, own: unknown, className: string, value: unknown): boolean {
  if (asked === own) return hasBrand(value, className);
  return Function.prototype[Symbol.hasInstance].call(asked, value);
}

function hasBrand(value: unknown, className: string): boolean {
  if (typeof value !== "object" || value === null) return false;
  const classes = (value as { [brand]?: unknown })[brand];
  return Array.isArray(classes) && classes.includes(className);
}

function machineLine(code: ToolsetErrorCode, retryable: boolean, retryAfterMs: number | null): string {
  const retryAfterS = retryAfterMs === null ? null : Math.ceil(retryAfterMs / 1000);
  return JSON.stringify({ code, retryable, retry_after_s: retryAfterS });
}
