import {
  brandError,
  isInstanceByBrand,
  ToolsetError,
  type ToolsetErrorCode,
  type ToolsetErrorOptions,
} from "./toolset-error.js";

/** What an {@link HttpError} carries beside its code and text. */
export interface HttpErrorOptions extends ToolsetErrorOptions {
  /** The status code of the answer. */
  status: number;
  /** Headers of the answer, lower-case, on the allow-list of what may be shown. */
  headers: Readonly<Record<string, string>>;
  /** The server's own name for this request, for its support. */
  requestId?: string | null | undefined;
  /** The server's own reason, such as `no_owner_remain`. */
  reason?: string | null | undefined;
}

/** A server answered, and the answer was not a success. */
export class HttpError extends ToolsetError {
  /** The status code of the answer. */
  readonly status: number;
  /** Headers of the answer, their names in lower case: `error.headers["ratelimit-reset"]`. */
  readonly headers: Readonly<Record<string, string>>;
  /** The server's own name for this request; `null` where it gave none. */
  readonly requestId: string | null;
  /** The server's own reason, such as `no_owner_remain`; `null` where it gave none. */
  readonly reason: string | null;

  constructor(code: ToolsetErrorCode, text: string, options: HttpErrorOptions) {
    super(code, text, options);
    this.status = options.status;
    this.headers = options.headers;
    this.requestId = options.requestId ?? null;
    this.reason = options.reason ?? null;
    brandError(this, "HttpError");
  }

  override withText(text: string, { unsent = this.unsent, inDoubt = this.inDoubt } = {}): HttpError {
    return new HttpError(this.code, text, {
      retryable: this.retryable,
      retryAfterMs: this.retryAfterMs ?? undefined,
      status: this.status,
      headers: this.headers,
      requestId: this.requestId,
      reason: this.reason,
      unsent,
      inDoubt,
      cause: this,
    });
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return isInstanceByBrand(this, HttpError, "HttpError", value);
  }
}

/** The code that a status stands for. */
export function codeOfStatus(status: number): ToolsetErrorCode {
  if (status === 401) return "unauthorized";
  if (status === 403) return "forbidden";
  if (status === 404 || status === 410) return "not_found";
  if (status === 408) return "timeout";
  return status >= 500 ? "server_error" : "invalid_argument";
}
