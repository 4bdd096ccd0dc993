import { noMeta, type CallResult, type Layer } from "../call.js";
import { plainText } from "../content/plain-text.js";
import { comparableEmail, stateAfter, type User, type UserState } from "../user.js";
import { refuse } from "./refuse.js";
import { shownPerson, subjectId } from "./subject.js";

/**
 * Makes sure that a write reaches the person whom the caller means, by reading them first. A person who is in the
 * wanted state already is left alone.
 *
 * @param mode - whether an `expected_email` must be given
 * @param alwaysReads - whether other guards need the person even where no `expected_email` is given
 */
export function identity(mode: "required" | "optional" | "off", alwaysReads: boolean): Layer {
  return (next) => async (request) => {
    const { context, descriptor } = request;
    const id = subjectId(request);
    if (id === undefined) return next(request);
    const expected = context.expectedEmail;
    if (mode === "required" && expected === undefined) {
      return refuse(request, next, {
        code: "identity_required",
        text: `${descriptor.name} needs expected_email, the email of the person you mean. Nothing was changed.`,
        next: { method: "get", args: { id }, why: "to see whose id that is" },
      });
    }
    if (expected === undefined && !alwaysReads) return next(request);
    const person = await context.readUser(id);
    context.subject = person;
    if (expected !== undefined && comparableEmail(person.email) !== comparableEmail(expected)) {
      const wanted = plainText(expected, 254);
      return refuse(request, next, {
        code: "identity_mismatch",
        text:
          `The id "${id}" is that of ${shownPerson(person)}, not of <${wanted}>. Nothing was changed. The same call ` +
          `will fail again.`,
        next: { method: "find", args: { email: wanted }, why: "to learn the right id" },
      });
    }
    const state = stateAfter(descriptor.method);
    return state !== undefined && person.state === state ? alreadyThere(person, state) : next(request);
  };
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
