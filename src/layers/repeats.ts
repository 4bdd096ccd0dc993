import type { CallRequest, CallResult, Context, Layer, Refusal } from "../call.js";
import { HttpError } from "../errors/http-error.js";
import { ToolsetError, type ToolsetErrorCode } from "../errors/toolset-error.js";
import { portableName } from "../openapi/portable-name.js";
import { targetOf, withoutTarget } from "../target.js";
import { comparableEmail, comparableEmailIn } from "../email-address.js";
import type { User } from "../user.js";
import { actionOf } from "./approval-matter.js";
import { digest } from "./approval-signature.js";
import { BoundedMap } from "./bounded-map.js";
import { canonicalJson } from "./canonical-json.js";
import { targetIds } from "./targets.js";

/** How many calls are remembered at most, of each kind. */
const maxRemembered = 10_000;
/** The longest key that is kept as it is, in UTF-16 code units. */
const maxKeyLength = 500;
const failureMs = 10 * 60_000;
const rejectionMs = 24 * 3_600_000;

/** A server's refusals that the same request meets again. */
const lastingErrors: ReadonlySet<ToolsetErrorCode> = new Set(["not_found", "forbidden", "invalid_argument"]);

/** How a call ended that must not be made again as it was. */
interface Ending {
  /** The ids of those concerned. */
  readonly people: readonly string[];
  /** What was to be done to them. */
  readonly action: string;
  readonly until: number;
  readonly how: { readonly refusal: Refusal } | { readonly error: HttpError };
}

/** One change of one person, as a batch asks for it. */
interface Change {
  readonly method: string;
  readonly person: Pick<User, "id">;
}

/** Remembers which calls failed for good or were rejected by a person. */
export interface Repeats {
  /** Does not let those calls through again in the same thread. */
  readonly layer: Layer;
  /** Whether a person has rejected a change of a batch, whichever tool asked for it. */
  isRejected(change: Change, context: Context): boolean;
  /** Remembers a rejection of every change of a batch. */
  reject(changes: readonly Change[], refusal: Refusal, context: Context): void;
}

/**
 * Makes the memory of one manager. What failed is remembered by the same tool with the same arguments; an id that is
 * not that of the expected email, by the two; what a person rejected, by the change and whom it concerns, however it is
 * asked for. The three do not crowd each other out.
 */
export function repeats(): Repeats {
  const failures = new BoundedMap<Ending>(maxRemembered);
  const mismatches = new BoundedMap<Ending>(maxRemembered);
  const rejections = new BoundedMap<Ending>(maxRemembered);

  function remember(request: CallRequest, keys: Keys, refusal: Refusal): void {
    const people = targetIds(request.context);
    const ending = { people, action: actionOf(request), how: { refusal } };
    const now = Date.now();
    switch (refusal.code) {
      case "approval_rejected":
        for (const key of rejectionKeys(request, keys.rest))
          rejections.set(key, { ...ending, until: now + rejectionMs });
        return;
      case "identity_mismatch":
        if (keys.mismatch !== undefined && refusal.retryAfterMs === undefined)
          mismatches.set(keys.mismatch, { ...ending, until: now + rejectionMs });
        return;
      case "protected":
        if (refusal.retryAfterMs === undefined)
          failures.set(keys.failure, { ...ending, until: now + failureMs });
        return;
      default:
    }
  }

  /** A write that was made ends what is remembered of failures on the same people, and of a rejection of the same change. */
  function forget(request: CallRequest): void {
    const people = targetIds(request.context);
    const concerns = (ending: Ending) => ending.people.some((id) => people.includes(id));
    const action = actionOf(request);
    for (const [key, ending] of failures) if (concerns(ending)) failures.delete(key);
    for (const [key, ending] of rejections)
      if (ending.action === action && concerns(ending)) rejections.delete(key);
  }

  return {
    layer: (next) => async (request) => {
      const keys = await keysOf(request);
      const earlier =
        recall(failures, keys.failure) ??
        recall(mismatches, keys.mismatch) ??
        rejectionKeys(request, keys.rest)
          .map((key) => recall(rejections, key))
          .find((ending) => ending !== undefined);
      if (earlier !== undefined && !request.context.dryRun) return again(earlier);
      try {
        const result = await next(request);
        if (result.kind === "refused") {
          const { kind: _kind, ...refusal } = result;
          remember(request, keys, refusal);
        } else if (request.descriptor.kind === "write" && result.kind !== "planned") forget(request);
        return result;
      } catch (error) {
        if (
          error instanceof HttpError &&
          lastingErrors.has(error.code) &&
          !error.retryable &&
          !error.inDoubt
        ) {
          const people = targetIds(request.context);
          const until = Date.now() + failureMs;
          failures.set(keys.failure, { people, action: actionOf(request), until, how: { error } });
        }
        throw error;
      }
    },
    isRejected: ({ method, person: { id } }, context) =>
      recall(rejections, rejectionKey(context, method, id, noArguments)) !== undefined,
    reject(changes, refusal, context) {
      const until = Date.now() + rejectionMs;
      for (const { method, person } of changes) {
        const ending = { people: [person.id], action: method, until, how: { refusal } };
        rejections.set(rejectionKey(context, method, person.id, noArguments), ending);
      }
    },
  };
}

function recall(endings: BoundedMap<Ending>, key: string | undefined): Ending | undefined {
  const ending = key === undefined ? undefined : endings.get(key);
  if (key === undefined || ending === undefined || ending.until > Date.now()) return ending;
  endings.delete(key);
  return undefined;
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
      ? "a person rejected this same change before"
      : "this same call was refused before";
  return { kind: "refused", code: "repeated", text: `Not sent: ${what}. ${text}`, next };
}

/** What a call is remembered by. */
interface Keys {
  readonly failure: string;
  readonly mismatch: string | undefined;
  /** What a call says beside whom it concerns. */
  readonly rest: string;
}

const noArguments = canonicalJson({});

async function keysOf(request: CallRequest): Promise<Keys> {
  const { descriptor, args, context } = request;
  const { targets, expectedEmails } = context;
  // A tool that takes these itself, such as one with guards of its own, is not asked for anything else by them.
  const { expected_email: _email, reason: _reason, ...whatItDoes } = args;
  const name = portableName(descriptor.name);
  const emails = expectedEmails?.map(comparableEmailIn).sort();
  const ids = targetIds({ targets });
  return {
    failure: await boundedKey(["failure", context.scope, name, canonicalJson(args), emails ?? null]),
    mismatch:
      emails === undefined || ids.length === 0
        ? undefined
        : await boundedKey(["mismatch", context.scope, [...ids].sort(), emails]),
    rest: await bounded(canonicalJson(withoutTarget(targetOf(descriptor), whatItDoes))),
  };
}

/** One key for each name of each person, because the same change may be asked for by an id and by an email. */
function rejectionKeys(request: CallRequest, rest: string): string[] {
  const { context, descriptor } = request;
  const { targets } = context;
  if (descriptor.kind === "read" || targets.state === "unknown") return [];
  const names =
    targets.state === "none"
      ? [""]
      : targets.state === "named"
        ? targets.names.map((name) => (targets.by === "email" ? comparableEmailIn(name) : name))
        : targets.users.flatMap(({ id, email }) => [id, comparableEmail(email)]);
  return names.map((name) => rejectionKey(context, actionOf(request), name, rest));
}

/** Asked again with another reason is another question. */
function rejectionKey({ scope, reason }: Context, action: string, name: string, rest: string): string {
  return JSON.stringify([scope, action, name, rest, reason ?? null]);
}

/** A digest of what is long: arguments may be as long as a model or a client cares to make them. */
function bounded(text: string): string | Promise<string> {
  return text.length > maxKeyLength ? digest(text) : text;
}

function boundedKey(parts: readonly unknown[]): string | Promise<string> {
  return bounded(JSON.stringify(parts));
}
