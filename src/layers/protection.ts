import { isBubbleUp } from "../bubble-up.js";
import type { Layer } from "../call.js";
import {
  comparableEmail,
  comparableEmailIn,
  isComparableAddress,
  readEmailAddress,
  readEmailDomain,
} from "../email-address.js";
import { userIdPattern, type User } from "../user.js";
import { thrownKind, type WarningListener } from "../warning.js";
import type { GuardOptions, ProtectPredicate } from "./guard-options.js";
import { refuse } from "./refuse.js";
import { shownPerson } from "./shown-person.js";

/**
 * Keeps every write away from those who are protected, suspension and reactivation alike.
 *
 * @param warn - hears what a predicate throws, which no model does
 */
export function protection(protect: NonNullable<GuardOptions["protect"]>, warn: WarningListener): Layer {
  const isProtected = predicateOf(typeof protect === "function" ? [protect] : protect, warn);
  return (next) => async (request) => {
    const { targets } = request.context;
    if (targets.state !== "known") return next(request);
    let found: { user: User; verdict: Exclude<Verdict, false> } | undefined;
    for (const user of targets.users) {
      const verdict = await isProtected(user);
      if (verdict !== false) found ??= { user, verdict };
    }
    if (found === undefined) return next(request);
    if (found.verdict === "unreadable") {
      return refuse(request, next, {
        code: "protected",
        text:
          `Whether ${shownPerson(found.user)} is protected is not known: their email is not one address, and "protect" ` +
          `names emails. Nothing was changed. The same call will fail again. Next: report this to the person who gave ` +
          `you the task, and make no further call for it.`,
      });
    }
    if (found.verdict !== true) {
      return refuse(request, next, {
        code: "protected",
        text:
          `Whether ${shownPerson(found.user)} is protected is not known: what the operator of these tools judges it by ` +
          `failed, and they have been told why. Nothing was changed. Next: report this to the person who gave you the ` +
          `task, and make no further call for it.`,
        cause: found.verdict.thrown,
        // It may say something else the next time: such a refusal is not to be remembered.
        retryAfterMs: 0,
      });
    }
    return refuse(request, next, {
      code: "protected",
      text:
        `${shownPerson(found.user)} is protected: the operator of these tools does not let anyone be changed by them ` +
        `who is on "protect". Nothing was changed. The same call will fail again. Next: report this to the person ` +
        `who gave you the task, and make no further call for it.`,
    });
  };
}

/** Whether a user is protected, or why that is not known: their email, or what a predicate threw. */
type Verdict = boolean | "unreadable" | { readonly thrown: unknown };

function predicateOf(
  entries: readonly (string | ProtectPredicate)[],
  warn: WarningListener,
): (user: User) => Promise<Verdict> {
  const words = entries.filter((entry) => typeof entry === "string");
  const predicates = entries.filter((entry) => typeof entry === "function");
  const ids = new Set(words.filter((word) => userIdPattern.test(word)));
  const emails = new Set(words.filter((word) => !word.startsWith("*@")).map(comparableEmailIn));
  const domains = words.flatMap((word) =>
    word.startsWith("*@") ? (readEmailDomain(word.slice(1)).domain ?? []) : [],
  );
  const namesEmails = words.length > ids.size;
  return async (user) => {
    if (ids.has(user.id)) return true;
    const own = comparableEmail(user.email);
    // Who has somebody's address with a name around it may be them, which is enough to be left alone.
    const { address } = readEmailAddress(user.email);
    const isNamed = [own, address].some(
      (email) =>
        email !== undefined && (emails.has(email) || domains.some((domain) => email.endsWith(`@${domain}`))),
    );
    if (isNamed) return true;
    if (namesEmails && address === undefined && !isComparableAddress(own)) return "unreadable";
    for (const predicate of predicates) {
      try {
        if (await predicate(user)) return true;
      } catch (error) {
        if (isBubbleUp(error)) throw error;
        warn(`A predicate of "protect" failed${thrownKind(error)}, and the write was refused.`, {
          cause: error,
        });
        // Whoever cannot be judged is not touched.
        return { thrown: error };
      }
    }
    return false;
  };
}
