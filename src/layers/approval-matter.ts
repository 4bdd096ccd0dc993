import type { CallRequest } from "../call.js";
import { shownUser } from "../content/people-table.js";
import { plainText } from "../content/plain-text.js";
import { portableName } from "../openapi/portable-name.js";
import { targetOf, withoutTarget } from "../target.js";
import { stateAfter, type User, type UserState } from "../user.js";
import type { ApprovalPerson, ApprovalRequest } from "./approval-options.js";
import { canonicalJson } from "./canonical-json.js";

/** What a person is asked about, before it is signed. */
export interface Matter {
  /** The account, the action and the people: what an answer must be about. */
  readonly about: string;
  /** The people as read, and the reason: what must not have changed since. */
  readonly state: string;
  readonly shown: Omit<ApprovalRequest, "id" | "expiresAt">;
  /** Those concerned, none of whom may be the approver. */
  readonly people: readonly Pick<User, "id" | "email" | "display_name">[];
}

/** The longest text of an argument, and of all of them, that an approver is shown. */
const longestArgument = 500;
const longestArguments = 4000;

const consequences: Readonly<Record<string, string>> = {
  suspend:
    "They can no longer sign in, until somebody reactivates them. It does not wipe a device that is offline, which " +
    "keeps its local data until it reconnects; it does not keep directory sync from reactivating them; and it does " +
    "not change the secrets that they could see.",
  reactivate: "They can sign in again, to everything that is shared with them.",
};

/**
 * What a call is about.
 *
 * @returns `undefined` where it may concern users who were not read: nobody can be asked about those
 */
export function matterOf(request: CallRequest): Matter | undefined {
  const { descriptor, args, context } = request;
  const { targets, reason, account, needsApproval } = context;
  const because = needsApproval === undefined ? "" : ` Past the budget: ${needsApproval}.`;
  const why = reason === undefined ? {} : { reason: plainText(reason, 500) };
  if (targets.state === "none") {
    return {
      about: canonicalJson([account, portableName(descriptor.name), args]),
      state: canonicalJson([reason ?? null]),
      shown: {
        action: descriptor.name,
        person: null,
        consequence: `The tool ${descriptor.name} is called with these arguments.${because}`,
        ...why,
        args: shownArguments(args),
      },
      people: [],
    };
  }
  if (targets.state !== "known") return undefined;
  const { users } = targets;
  const action = stateAfter(descriptor.method) === undefined ? descriptor.name : descriptor.method;
  // What else the call says is part of what is decided: a role, a date, a new name.
  const rest = withoutTarget(targetOf(descriptor), args);
  const [first, ...others] = users;
  const isOne = first !== undefined && others.length === 0;
  return {
    about: aboutPeople(account, actionOf(request), users, rest),
    state: isOne
      ? stateOf(first, reason)
      : canonicalJson([reason ?? null, users.map((user) => stateOf(user))]),
    shown: {
      action,
      person: isOne ? approvalPerson(first) : null,
      consequence: `${consequenceOf(action)}${because}`,
      ...why,
      ...(Object.keys(rest).length === 0 ? {} : { args: shownArguments(rest) }),
      ...(isOne ? {} : { items: users.map((user) => ({ action, person: approvalPerson(user) })) }),
    },
    people: users,
  };
}

/**
 * What is done to people, whichever tool does it and by whichever name: the verb where every tool with it does the
 * same, else the tool.
 */
export function actionOf({ descriptor: { method, name } }: Pick<CallRequest, "descriptor">): string {
  return stateAfter(method) === undefined ? portableName(name) : method;
}

/** A person as an approver sees them. */
export function approvalPerson(user: User): ApprovalPerson {
  const { id, email, display_name, create_time } = shownUser(user);
  return { id, email, display_name, state: plainText(user.state, 40) as UserState, create_time };
}

/** Everything about a person that, once changed, makes what was said about them untrue. */
export function stateOf({ id, email, display_name, state, create_time }: User, reason?: string): string {
  return canonicalJson([id, email, display_name, state, create_time, reason ?? null]);
}

/** What an action does to a person, and what it does not. */
export function consequenceOf(action: string): string {
  const known = Object.hasOwn(consequences, action) ? consequences[action] : undefined;
  return known ?? `"${action}" is done to them.`;
}

/** What a change of people is about, however they are. */
export function aboutPeople(
  account: string,
  action: string,
  users: readonly Pick<User, "id">[],
  rest: Readonly<Record<string, unknown>> = {},
): string {
  return canonicalJson([account, action, users.map(({ id }) => id).sort(), rest]);
}

function shownArguments(args: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const text = JSON.stringify(args, (_name, value: unknown) =>
    typeof value === "string" ? plainText(value, longestArgument) : value,
  );
  if (text.length <= longestArguments) return JSON.parse(text) as Record<string, unknown>;
  return { truncated: `${text.slice(0, longestArguments)}…` };
}
