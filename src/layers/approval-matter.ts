import type { CallRequest } from "../call.js";
import { shownUser } from "../content/people-table.js";
import { plainText } from "../content/plain-text.js";
import type { User, UserState } from "../user.js";
import type { ApprovalPerson, ApprovalRequest } from "./approval-options.js";
import { canonicalJson } from "./canonical-json.js";
import { subjectId } from "./subject.js";

/** What a person is asked about, before it is signed. */
export interface Matter {
  /** The account, the action and the person: what an answer must be about. */
  readonly about: string;
  /** The person as read, and the reason: what must not have changed since. */
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

/** What a call is about. */
export function matterOf(request: CallRequest): Matter {
  const { descriptor, args, context } = request;
  const id = subjectId(request);
  const { subject, reason, account, needsApproval } = context;
  const because = needsApproval === undefined ? "" : ` It is asked because ${needsApproval}.`;
  const why = reason === undefined ? {} : { reason: plainText(reason, 500) };
  if (subject === undefined) {
    return {
      about: canonicalJson([account, descriptor.name, args]),
      state: canonicalJson([reason ?? null]),
      shown: {
        action: descriptor.name,
        person: null,
        consequence: `The tool ${descriptor.name} is called with these arguments.${because}`,
        ...why,
        args: shownArguments(args),
      },
      // Where nobody was read, the id is all that is known of whom it concerns.
      people: id === undefined ? [] : [{ id, email: "", display_name: "" }],
    };
  }
  return {
    about: aboutPerson(account, descriptor.method, subject),
    state: stateOf(subject, reason),
    shown: {
      action: descriptor.method,
      person: approvalPerson(subject),
      consequence: `${consequenceOf(descriptor.method)}${because}`,
      ...why,
    },
    people: [subject],
  };
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
export function consequenceOf(method: string): string {
  const known = Object.hasOwn(consequences, method) ? consequences[method] : undefined;
  return known ?? `"${method}" is done to them.`;
}

/** What a change of a person is about, however they are. */
export function aboutPerson(account: string, method: string, { id }: User): string {
  return canonicalJson([account, method, id]);
}

function shownArguments(args: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const text = JSON.stringify(args, (_name, value: unknown) =>
    typeof value === "string" ? plainText(value, longestArgument) : value,
  );
  if (text.length <= longestArguments) return JSON.parse(text) as Record<string, unknown>;
  return { truncated: `${text.slice(0, longestArguments)}…` };
}
