import type { CallRequest, CallResult, Layer, Refusal } from "../call.js";
import { HttpError } from "../errors/http-error.js";
import { ToolsetError, type ToolsetErrorCode } from "../errors/toolset-error.js";
import { digest } from "./approval-signature.js";
import { BoundedMap } from "./bounded-map.js";
import { canonicalJson } from "./canonical-json.js";
import { subjectId } from "./subject.js";

/** How many calls are remembered at most. */
const mostRemembered = 10_000;
/** The longest key that is kept as it is, in UTF-16 code units. */
const longestKey = 500;
const failureMs = 10 * 60_000;
const rejectionMs = 24 * 3_600_000;

/** Refusals that the same arguments meet again. */
const lastingRefusals: ReadonlySet<ToolsetErrorCode> = new Set(["identity_mismatch", "protected"]);
/** A server's refusals that the same request meets again. */
const lastingErrors: ReadonlySet<ToolsetErrorCode> = new Set(["not_found", "forbidden", "invalid_argument"]);

/** How a call ended that must not be made again as it was. */
interface Ending {
  readonly person: string | undefined;
  readonly until: number;
  readonly how: { readonly refusal: Refusal } | { readonly error: HttpError };
}

/**
 * Remembers which calls failed for good or were rejected by a person, and does not let them through again with the
 * same arguments in the same thread.
 */
export function repeats(): Layer {
  const endings = new BoundedMap<Ending>(mostRemembered);

  function recall(key: string): Ending | undefined {
    const ending = endings.get(key);
    if (ending === undefined || ending.until > Date.now()) return ending;
    endings.delete(key);
    return undefined;
  }

  function forget(person: string | undefined): void {
    if (person === undefined) return;
    for (const [key, ending] of endings) if (ending.person === person) endings.delete(key);
  }

  return (next) => async (request) => {
    const { failure, rejection } = await keysOf(request);
    const earlier = recall(failure) ?? recall(rejection);
    if (earlier !== undefined && !request.context.dryRun) return again(earlier);
    const person = subjectId(request) ?? idIn(request);
    try {
      const result = await next(request);
      if (result.kind === "refused") {
        const { kind: _kind, ...refusal } = result;
        const how = { refusal };
        if (lastingRefusals.has(result.code) && result.retryAfterMs === undefined)
          endings.set(failure, { person, until: Date.now() + failureMs, how });
        if (result.code === "approval_rejected") {
          endings.set(rejection, { person, until: Date.now() + rejectionMs, how });
        }
      } else if (request.descriptor.kind === "write" && result.kind !== "planned") forget(person);
      return result;
    } catch (error) {
      if (error instanceof HttpError && lastingErrors.has(error.code) && !error.retryable && !error.inDoubt) {
        endings.set(failure, { person, until: Date.now() + failureMs, how: { error } });
      }
      throw error;
    }
  };
}

/** The ending of the earlier call, as the answer to the same call made again. */
function again({ how }: Ending): CallResult {
  if ("error" in how) {
    throw new ToolsetError("repeated", `Not sent: this same call failed for good before. ${how.error.text}`, {
      unsent: true,
      cause: how.error,
    });
  }
  const { code, text, next } = how.refusal;
  const what =
    code === "approval_rejected"
      ? "a person rejected this same call before"
      : "this same call was refused before";
  return { kind: "refused", code: "repeated", text: `Not sent: ${what}. ${text}`, next };
}

async function keysOf(request: CallRequest): Promise<{ failure: string; rejection: string }> {
  const { descriptor, args, context } = request;
  const call = [context.scope, descriptor.name, canonicalJson(args)];
  return {
    failure: await boundedKey(["failure", ...call, context.expectedEmail ?? null]),
    // Asked again with another reason is another question.
    rejection: await boundedKey(["rejection", ...call, context.reason ?? null]),
  };
}

/** A digest of what is long: arguments may be as long as a model or a client cares to make them. */
function boundedKey(parts: readonly unknown[]): string | Promise<string> {
  const key = JSON.stringify(parts);
  return key.length > longestKey ? digest(key) : key;
}

function idIn({ args }: CallRequest): string | undefined {
  return typeof args.id === "string" ? args.id : undefined;
}
