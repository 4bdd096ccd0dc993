import { noMeta, type CallResult, type Layer } from "../call.js";
import { plainText } from "../content/plain-text.js";
import { shownEmail } from "../content/shown-email.js";
import { comparableEmail, comparableEmailIn, readEmailAddress } from "../email-address.js";
import { stateAfter, type User, type UserState } from "../user.js";
import { refuse } from "./refuse.js";

/** Refuses a write that does not say whom it means. One whose argument holds an email says it by that. */
export const requiredEmail: Layer = (next) => (request) => {
  const { context, descriptor } = request;
  const { targets, expectedEmails } = context;
  const isSaid = expectedEmails !== undefined || (targets.state === "named" && targets.by === "email");
  if (isSaid || (targets.state !== "named" && targets.state !== "known")) return next(request);
  return refuse(request, next, {
    code: "identity_required",
    text: `${descriptor.name} needs expected_email, the email of the person you mean. Nothing was changed.`,
    next: {
      method: "find",
      args: { email: "<the email that you were given>" },
      why: "to learn whose id it is, and call again with id and expected_email of that row",
    },
  });
};

/**
 * Makes sure that a write reaches the users whom the caller means, by comparing them as read with `expected_email`. A
 * person who is in the wanted state already is left alone.
 */
export const identity: Layer = (next) => (request) => {
  const { context, descriptor } = request;
  const { targets, expectedEmails } = context;
  if (targets.state !== "known") return next(request);
  const { users } = targets;
  if (expectedEmails !== undefined && !areSame(users, expectedEmails)) {
    const why = notUnderstood(users, expectedEmails);
    if (why !== undefined) {
      return refuse(request, next, {
        code: "invalid_argument",
        text:
          `Whom you mean is not understood: ${why}. Nothing was changed. Next: give the whole email address of the ` +
          `person you mean, as you were given it, such as "jane@example.com".`,
      });
    }
    const count = new Set(expectedEmails.map(comparableEmailIn)).size;
    if (count !== users.length) {
      return refuse(request, next, {
        code: "identity_mismatch",
        text:
          `${countOf(users.length, "user")} and ${countOf(count, "email")} are given, and "expected_email" has to hold one ` +
          `email for each user. Nothing was changed. Next: call it again with the email of each user, as you were given it.`,
      });
    }
    const [expected = ""] = expectedEmails;
    const wanted = expectedEmails.map((email) => `<${shownEmail(email)}>`).join(", ");
    const ids = users.map(({ id }) => JSON.stringify(plainText(id, 40))).join(", ");
    // Whose id it is stays out of the answer: a model that is told would call again with that email.
    return refuse(request, next, {
      code: "identity_mismatch",
      text:
        `The id ${ids} is that of somebody else, not of ${wanted}. Nothing was changed. The same id with the same ` +
        `email will be refused again.`,
      next: { method: "find", args: { email: plainText(expected, 254) }, why: "to learn the right id" },
    });
  }
  const state = stateAfter(descriptor.method);
  const [user, ...others] = users;
  return user !== undefined && others.length === 0 && state !== undefined && user.state === state
    ? Promise.resolve(alreadyThere(user, state))
    : next(request);
};

/** Whether the users are those whom the emails name, none more and none fewer. */
function areSame(users: readonly User[], expected: readonly string[]): boolean {
  const emails = new Set(users.map(({ email }) => comparableEmail(email)));
  const wanted = new Set(expected.map(comparableEmailIn));
  return emails.size === wanted.size && [...emails].every((email) => wanted.has(email));
}

/**
 * Why one of the emails is no address; `undefined` where each is one. A directory may hold what is none, and whoever
 * writes the same means the same.
 */
function notUnderstood(users: readonly User[], expected: readonly string[]): string | undefined {
  const emails = new Set(users.map(({ email }) => comparableEmail(email)));
  const others = expected.filter((email) => !emails.has(comparableEmailIn(email)));
  return others.map((email) => readEmailAddress(email).why).find((why) => why !== undefined);
}

function countOf(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** The result for a person who was in the wanted state before anything was sent. */
export function alreadyThere(user: User, state: UserState): CallResult {
  return {
    kind: "write",
    previous: state,
    state,
    changed: false,
    user,
    note: `already ${state === "SUSPENDED" ? "suspended" : "active"}, nothing changed`,
    meta: noMeta,
  };
}
