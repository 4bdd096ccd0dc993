import { isBubbleUp } from "../bubble-up.js";
import type { Layer } from "../call.js";
import { comparableEmail, comparableEmailIn, readEmailDomain } from "../email-address.js";
import { userIdPattern, type User } from "../user.js";
import type { GuardOptions, ProtectPredicate } from "./guard-options.js";
import { refuse } from "./refuse.js";
import { shownPerson } from "./shown-person.js";

/** Keeps every write away from those who are protected, suspension and reactivation alike. */
export function protection(protect: NonNullable<GuardOptions["protect"]>): Layer {
  const isProtected = predicateOf(typeof protect === "function" ? [protect] : protect);
  return (next) => async (request) => {
    const { targets } = request.context;
    if (targets.state !== "known") return next(request);
    let found: { user: User; verdict: true | "unjudged" } | undefined;
    for (const user of targets.users) {
      const verdict = await isProtected(user);
      if (verdict !== false) found ??= { user, verdict };
    }
    if (found === undefined) return next(request);
    return refuse(request, next, {
      code: "protected",
      text:
        `${shownPerson(found.user)} is protected: the operator of these tools does not let anyone be changed by them ` +
        `who is on "protect". Nothing was changed. The same call will fail again. Next: report this to the person ` +
        `who gave you the task, and make no further call for it.`,
      // A predicate that failed may say something else the next time: such a refusal is not to be remembered.
      ...(found.verdict === "unjudged" ? { retryAfterMs: 0 } : {}),
    });
  };
}

function predicateOf(
  entries: readonly (string | ProtectPredicate)[],
): (user: User) => Promise<boolean | "unjudged"> {
  const words = entries.filter((entry) => typeof entry === "string");
  const predicates = entries.filter((entry) => typeof entry === "function");
  const ids = new Set(words.filter((word) => userIdPattern.test(word)));
  const emails = new Set(words.filter((word) => !word.startsWith("*@")).map(comparableEmailIn));
  const domains = words.flatMap((word) =>
    word.startsWith("*@") ? (readEmailDomain(word.slice(1)).domain ?? []) : [],
  );
  return async (user) => {
    const email = comparableEmail(user.email);
    if (ids.has(user.id) || emails.has(email) || domains.some((domain) => email.endsWith(`@${domain}`)))
      return true;
    for (const predicate of predicates) {
      try {
        if (await predicate(user)) return true;
      } catch (error) {
        if (isBubbleUp(error)) throw error;
        // Whoever cannot be judged is not touched.
        return "unjudged";
      }
    }
    return false;
  };
}
