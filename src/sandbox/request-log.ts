import { now } from "./clock.js";
import type { SandboxStep } from "./environment.js";
import type { Redact } from "./redaction.js";
import { parseTarget } from "./request-target.js";

/** One request as the server saw it. Entries stand in the order of arrival; they hold no secret. */
export interface SandboxRequest {
  readonly method: string;
  /** The path as it was sent, still percent-encoded. */
  readonly path: string;
  /** Decoded; of a name that is given twice, the last value. */
  readonly query: Readonly<Record<string, string>>;
  /** 0 until there is an answer, and for good where the connection was cut instead. */
  readonly status: number;
  /** When it arrived: milliseconds since the epoch, with fractions, from a clock that never goes back. */
  readonly at: number;
}

/** Writes each request into a list on arrival, and its status when the answer is made. */
export function logRequests(log: SandboxRequest[], redact: Redact): SandboxStep {
  return async (context, next) => {
    const { method = "", url = "" } = context.env.incoming;
    const { path, query } = parseTarget(url);
    const entry = {
      method,
      path: redact(path),
      query: Object.fromEntries([...query].map(([name, value]) => [redact(name), redact(value)] as const)),
      status: 0,
      at: now(),
    };
    log.push(entry);
    await next();
    if (!context.get("unanswered")) entry.status = context.res.status;
  };
}
