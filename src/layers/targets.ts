import type { CallRequest, Context, Layer, Targets } from "../call.js";
import { isToolsetError, ToolsetError } from "../errors/toolset-error.js";
import type { ToolDescriptor } from "../descriptor.js";
import { holdsEmails, maxTargets, namesIn, targetOf } from "../target.js";
import { comparableEmail, comparableEmailIn } from "../email-address.js";
import type { User } from "../user.js";

/** Which users a source can read. */
export interface Reading {
  readonly byId: boolean;
  readonly byEmail: boolean;
}

/** Finds out, from the arguments alone, whom a call of a tool concerns. It stands outside of every guard. */
export function nameTargets(original: ToolDescriptor): Layer {
  return (next) => (request) => {
    request.context.targets = targetsIn(original, request.args);
    return next(request);
  };
}

/** Whom a call concerns, as far as its descriptor and its arguments say it. */
export function targetsIn(descriptor: ToolDescriptor, args: Readonly<Record<string, unknown>>): Targets {
  const target = targetOf(descriptor);
  if (target === "none") return { state: "none" };
  if (target === "unknown") return { state: "unknown", why: `its descriptor has no "target"` };
  const names = namesIn(target, args);
  if (names === undefined) {
    return { state: "unknown", why: `its argument "${target.argument}" is missing or names no user` };
  }
  if (names.length > maxTargets) {
    throw new ToolsetError(
      "invalid_argument",
      `"${target.argument}" names ${names.length} users, and one call takes at most ${maxTargets}. Nothing was sent. ` +
        `Next: make several calls.`,
      { unsent: true },
    );
  }
  return { state: "named", names, by: holdsEmails(target) ? "email" : "id" };
}

/**
 * Reads the users whom a call names, where a guard has to look at them or the caller has said whom they mean.
 *
 * @param mustRead - whether guards look at users even where no `expected_email` is given
 */
export function readTargets(mustRead: (by: "id" | "email") => boolean): Layer {
  return (next) => async (request) => {
    const { context } = request;
    const { targets } = context;
    if (targets.state === "named" && (context.expectedEmails !== undefined || mustRead(targets.by))) {
      try {
        context.targets = { state: "known", users: await usersNamed(targets, context) };
      } catch (error) {
        if (!isToolsetError(error) || context.signal.aborted) throw error;
        const why = `${JSON.stringify(request.descriptor.name)} was not called: whom it concerns could not be read.`;
        throw error.withText(`${error.text} ${why} Nothing was changed.`, { unsent: true });
      }
    }
    return next(request);
  };
}

async function usersNamed(
  { names, by }: Extract<Targets, { state: "named" }>,
  context: Context,
): Promise<User[]> {
  const users = new Map<string, User>();
  // One after the other: a list must not take a rate limit by storm.
  for (const name of names) {
    const user = by === "id" ? await context.readUser(name) : await context.findUser(name);
    users.set(user.id, user);
  }
  return [...users.values()];
}

/** The one user whom a call concerns, as read; `undefined` where they were not read, or are several or none. */
export function soleUser({ targets }: Pick<Context, "targets">): User | undefined {
  return targets.state === "known" && targets.users.length === 1 ? targets.users[0] : undefined;
}

/** The id of the one user whom a call concerns; `undefined` where it is not known, or they are several or none. */
export function soleId(context: Pick<Context, "targets">): string | undefined {
  const [id, ...others] = targetIds(context);
  return others.length === 0 ? id : undefined;
}

/** The ids of the users whom a call concerns, as far as they are known. */
export function targetIds({ targets }: Pick<Context, "targets">): readonly string[] {
  if (targets.state === "known") return targets.users.map(({ id }) => id);
  return targets.state === "named" && targets.by === "id" ? targets.names : [];
}

/** Whether the arguments of a request still name the users whom the guards have judged. */
export function namesItsTargets(original: ToolDescriptor, { args, context }: CallRequest): boolean {
  const target = targetOf(original);
  const { targets } = context;
  if (typeof target === "string" || targets.state === "none") return true;
  const names = namesIn(target, args);
  if (targets.state === "unknown" || names === undefined)
    return (targets.state === "unknown") === (names === undefined);
  const isByEmail = holdsEmails(target);
  const judged =
    targets.state === "named"
      ? targets.names
      : targets.users.map(({ id, email }) => (isByEmail ? comparableEmail(email) : id));
  const sent = new Set(isByEmail && targets.state === "known" ? names.map(comparableEmailIn) : names);
  return sent.size === judged.length && judged.every((name) => sent.has(name));
}
