import type { DocumentedRequest, SandboxApi, SandboxOperation } from "./documented-requests.js";

/** What goes wrong with a request that a {@link SandboxFault} picks. */
export type SandboxFaultAction =
  /**
   * Another answer in place of the real one. An object is sent as JSON, a text as it is; without a body,
   * it is the API's own error for that status. Nothing takes effect.
   */
  | { kind: "status"; status: number; body?: string | object; headers?: Record<string, string> }
  /** No answer: the connection is cut, before or after the operation takes effect. */
  | { kind: "close"; when: "before" | "after" }
  /** The first half of the real answer, and then the connection is cut. The operation takes effect. */
  | { kind: "half" }
  /** A page of HTML in place of the real answer, as a proxy in between would send. Nothing takes effect. */
  | { kind: "html"; status: number }
  /**
   * The real answer, late by so many milliseconds. The operation takes effect at once, or, with `when:
   * "before"`, only after the wait: even when the client has given up by then.
   */
  | { kind: "delay"; ms: number; when?: "before" | "after" }
  /** A 307, which asks to repeat the same request, body and all, somewhere else. Nothing takes effect. */
  | { kind: "redirect"; location: string }
  /** A 200 with JSON of your own, such as of a wrong shape. Nothing takes effect. */
  | { kind: "body"; body: unknown }
  /** A 200 with a JSON object of so many bytes, sent bit by bit. Nothing takes effect. */
  | { kind: "oversized"; bytes: number }
  /** The real answer with more headers, such as `deprecation` and `sunset`. */
  | { kind: "headers"; headers: Record<string, string> };

/**
 * One thing to go wrong. Of a list of them the first that matches a request applies to it, unless it still
 * has matches to let pass or is used up: then the next one that matches.
 *
 * A request with something undocumented in it, and one to a version that is not live, never gets this far.
 * Answers that replace the real one do not count towards the rate limit.
 *
 * @example
 * ```ts
 * // The second suspension is carried out, but its answer is lost; every list is half a second late.
 * const faults: SandboxFault[] = [
 *   { operation: "suspend", after: 1, do: { kind: "close", when: "after" } },
 *   { operation: "list", times: Infinity, do: { kind: "delay", ms: 500 } },
 * ];
 * ```
 */
export interface SandboxFault {
  /** Only requests to this API. Default: both. */
  api?: SandboxApi;
  /** Only this operation. Default: all of them. */
  operation?: SandboxOperation;
  /** How many matches pass untouched first. @default 0 */
  after?: number;
  /** How many matches it then applies to; `Infinity` for all that follow. @default 1 */
  times?: number;
  do: SandboxFaultAction;
}

/** The faults that are still to come. */
export interface Faults {
  /** What goes wrong with this request, if anything; counts it as a match. */
  take(request: DocumentedRequest): SandboxFaultAction | undefined;
  /** Replaces the list and starts counting anew. */
  set(faults: readonly SandboxFault[]): void;
}

/** Keeps count of which faults have been used. */
export function createFaults(initial: readonly SandboxFault[]): Faults {
  const armed = (faults: readonly SandboxFault[]) =>
    faults.map((fault) => ({ fault, toSkip: fault.after ?? 0, left: fault.times ?? 1 }));
  let rules = armed(initial);
  return {
    take: (request) => {
      for (const rule of rules) {
        const { api = request.api, operation = request.operation } = rule.fault;
        if (api !== request.api || operation !== request.operation) continue;
        if (rule.toSkip > 0) rule.toSkip -= 1;
        else if (rule.left > 0) {
          rule.left -= 1;
          return rule.fault.do;
        }
      }
      return undefined;
    },
    set: (faults) => {
      rules = armed(faults);
    },
  };
}
