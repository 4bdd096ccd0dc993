import type { Context, Layer, Refusal } from "../call.js";
import { comparableEmail, readEmailAddress } from "../email-address.js";
import { refuseOption, shownOption } from "../option-error.js";
import type { User } from "../user.js";
import { refuse } from "./refuse.js";
import { shownPerson } from "./shown-person.js";
import { targetIds } from "./targets.js";

/** The key of `configurable` that holds whom a task is about. */
export const taskUsersKey = "taskUsers";

/** The most entries that one list may have. */
const maxEntries = 10_000;

/** Whom a task is about: a test for each list that was given, all of which must hold. */
type TaskUsers = readonly ((user: User) => boolean)[] | "not_understood";

/** What an id may be where a source has ids of its own: an entry with a wildcard in it would match nobody. */
const anyId = /^[^\s@*\uff20\ufe6b]+$/;

/**
 * Reads a list of ids and emails.
 *
 * @param userIds - what an id looks like, where that is known
 * @returns `undefined` for anything else
 */
export function parseTaskUsers(value: unknown, userIds = anyId): ((user: User) => boolean) | undefined {
  if (!Array.isArray(value) || value.length > maxEntries) return undefined;
  const ids = new Set<string>();
  const emails = new Set<string>();
  for (const entry of value as readonly unknown[]) {
    if (typeof entry !== "string" || entry.length > 320) return undefined;
    const { address } = readEmailAddress(entry);
    // An address may hold a *, and whoever writes one here means a wildcard.
    if (address !== undefined && !address.includes("*")) emails.add(address);
    else if (entry.search(userIds) === 0) ids.add(entry);
    else return undefined;
  }
  return ({ id, email }) => ids.has(id) || emails.has(comparableEmail(email));
}

/**
 * Checks the option, because an entry that can match nobody would only show when a write is refused.
 *
 * @throws `ToolsetError` `invalid_argument` with the entry that is no id and no address
 */
export function checkTaskUsers(value: unknown, userIds?: RegExp): void {
  if (value === undefined || parseTaskUsers(value, userIds)) return;
  const list = Array.isArray(value) ? (value as readonly unknown[]) : [value];
  throw refuseOption(
    "taskUsers",
    `is or holds ${shownOption(list.find((entry) => !parseTaskUsers([entry], userIds)) ?? value)}, which does not fit`,
    "Give a list of ids and whole emails; an empty one means nobody.",
  );
}

/**
 * Whom the task of a call is about, by the option and by what the host has put into `configurable`.
 *
 * @returns `undefined` where neither was given
 */
export function taskUsersOf({
  config,
  taskUsers,
  userIds,
}: Pick<Context, "config" | "taskUsers" | "userIds">): TaskUsers | undefined {
  const { configurable = {} } = config;
  // A key that is there and holds nothing is a host that meant to say whom, and did not.
  const given: readonly unknown[] = [
    ...taskUsers,
    ...(taskUsersKey in configurable ? [configurable[taskUsersKey] as unknown] : []),
    // A slip in the key must not take the scope away.
    ...(Object.keys(configurable).some(isSlip) ? [undefined] : []),
  ];
  if (given.length === 0) return undefined;
  const tests = given.map((list) => parseTaskUsers(list, userIds));
  return tests.includes(undefined) ? "not_understood" : (tests as ((user: User) => boolean)[]);
}

function isSlip(key: string): boolean {
  return key !== taskUsersKey && /^task[_-]?users?$/i.test(key);
}

/** Why a write on a user is not part of the task; `undefined` where it is. */
export function outOfScope(
  user: User,
  context: Pick<Context, "config" | "taskUsers" | "userIds">,
): Refusal | undefined {
  const taskUsers = taskUsersOf(context);
  if (taskUsers === undefined) return undefined;
  if (taskUsers === "not_understood") return notUnderstood;
  return taskUsers.every((isMeant) => isMeant(user)) ? undefined : notMeant(user);
}

/** Lets a write through only for those whom the host has said that the task is about. */
export const taskScope: Layer = (next) => (request) => {
  const { context } = request;
  const { targets } = context;
  const taskUsers = taskUsersOf(context);
  if (taskUsers === undefined || targets.state === "none") return next(request);
  if (taskUsers === "not_understood") return refuse(request, next, notUnderstood);
  // Unknown users were refused before; a user who was named and not read has been compared with nothing.
  if (targets.state !== "known") return refuse(request, next, notRead(targetIds(context)));
  const outside = targets.users.find((user) => !taskUsers.every((isMeant) => isMeant(user)));
  return outside === undefined ? next(request) : refuse(request, next, notMeant(outside));
};

const stop =
  "Next: go on with the people whom the task is about, or report this to the person who gave you the task.";

function notMeant(user: User): Refusal {
  return {
    code: "out_of_scope",
    text:
      `${shownPerson(user)} is not among those whom this task is about, as its host has set them ("taskUsers"). Nothing ` +
      `was changed. The same call will fail again. ${stop}`,
  };
}

function notRead(ids: readonly string[]): Refusal {
  return {
    code: "out_of_scope",
    text:
      `Whether ${ids.map((id) => JSON.stringify(id)).join(", ") || "this user"} is among those whom this task is about ` +
      `("taskUsers") is not known: the user was not read. Nothing was changed. ${stop}`,
  };
}

const notUnderstood: Refusal = {
  code: "out_of_scope",
  text:
    `Whom this task is about is not known: "taskUsers" is something else than a list of ids and email addresses, so no ` +
    `write is made. Nothing was changed. Next: report this to the person who gave you the task; whoever runs these ` +
    `tools has to mend it.`,
};
