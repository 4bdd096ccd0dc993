import { HttpError } from "./http-error.js";
import { askSomebody, findBy, findSomebody, nextCall, withNext, type Situation } from "./situation.js";
import { isToolsetError, type ToolsetError } from "./toolset-error.js";

const sameCallFails = "The same call will fail again.";

/** What each verb needs on the OAuth application, in the words of 1Password's console. */
const permissions: Record<string, string> = {
  list: "list users",
  find: "list users",
  get: "get user",
  suspend: "suspend users",
  reactivate: "reactivate users",
};

/** Verbs of tools that are made of several calls. */
const workflows: ReadonlySet<string> = new Set(["offboard", "audit"]);

/** Reasons that the API gives as a word, in a sentence. */
const reasons: Record<string, string> = {
  no_owner_remain:
    "this person is the last remaining owner of the account, and 1Password does not let its last owner be " +
    "suspended. Somebody else must be made an owner first, by a person in 1Password",
  externally_managed_admin:
    "this person is an externally managed administrator, whom 1Password does not let anyone suspend. It has to " +
    "be done where the person is managed",
};

/**
 * The words for a failure that came from a server or from the way to it: what it can mean, whether the same
 * call makes sense, and the next call to make. `undefined` where the error's own words are enough.
 */
export function httpWords(error: ToolsetError, situation: Situation): string | undefined {
  // What a user's own tool or another resource failed with is for its author to word.
  if (!/password_(users?|access)(?![a-z])/.test(situation.descriptor.name)) return undefined;
  if (workflows.has(situation.descriptor.method)) {
    // A write within it was told in words already; what is left is the reading of the account.
    if (isToolsetError(error.cause)) return undefined;
    const descriptor = { ...situation.descriptor, method: "list", kind: "read" as const };
    return httpWords(error, { ...situation, descriptor, args: {} });
  }
  if (error.code === "outcome_unknown") return lookFirst(error, situation);
  if (error.code === "repeated" && isToolsetError(error.cause)) {
    const earlier = httpWords(error.cause, situation);
    return earlier === undefined ? undefined : `${error.text.split(". ", 1).join("")}. ${earlier}`;
  }
  if (error.inDoubt && situation.descriptor.kind === "write") return unknownOutcomeWords(error, situation);
  switch (error.code) {
    case "forbidden":
      return error instanceof HttpError ? forbiddenWords(error, situation) : undefined;
    case "not_found":
      return error instanceof HttpError ? notFoundWords(error, situation) : undefined;
    case "invalid_argument":
      return error instanceof HttpError ? rejectedWords(error, situation) : undefined;
    case "rate_limited":
      return situation.descriptor.kind === "write" && !error.unsent
        ? `${error.text} Nothing was changed.`
        : undefined;
    case "network":
    case "timeout":
    case "server_error":
    case "bad_response":
      return situation.descriptor.kind === "write" ? unknownOutcomeWords(error, situation) : undefined;
    default:
      return undefined;
  }
}

function forbiddenWords(error: HttpError, situation: Situation): string {
  const { descriptor, args } = situation;
  const subject = subjectOf(args);
  const reason = error.reason === null ? undefined : reasons[error.reason];
  if (reason !== undefined) {
    return `1Password refused to ${descriptor.method} ${subject}: ${reason}. Nothing was changed. ${sameCallFails} ${askSomebody}`;
  }
  const permission = permissions[descriptor.method];
  const scope =
    permission === undefined
      ? "these credentials lack the permission for it"
      : `these credentials lack the permission "${permission}", which an administrator gives to the OAuth application`;
  const others =
    descriptor.method === "suspend"
      ? ", the person is an owner or administrator who cannot be suspended, or the id is nobody's here"
      : args.id === undefined
        ? ', or "accountId" is not the account that they were made for'
        : ", or the id is nobody's here";
  const told = error.reason === null ? "" : ` (${error.reason})`;
  return (
    `1Password refused to ${descriptor.method} ${subject}${told}, without saying why: ${scope}${others}. ` +
    `${nothingChanged(situation)}${sameCallFails} ${(args.id === undefined ? undefined : findById(situation)) ?? askSomebody}`
  );
}

function notFoundWords(error: HttpError, situation: Situation): string {
  const { args } = situation;
  if (args.id === undefined) {
    return `${error.text} ${sameCallFails} "accountId" may not be an account that these credentials know. ${askSomebody}`;
  }
  return (
    `No person with the id ${JSON.stringify(args.id ?? null)} is in this account, or these credentials may not ` +
    `see them. ${nothingChanged(situation)}${sameCallFails} Ids cannot be guessed. ${findById(situation) ?? askSomebody}`
  );
}

function rejectedWords(error: HttpError, situation: Situation): string {
  const { args, descriptor } = situation;
  const cursor = ["page_token", "next_cursor", "cursor"].find((name) => args[name] !== undefined);
  if (cursor !== undefined) {
    const { [cursor]: _dropped, ...rest } = args;
    return (
      `${error.text} The ${cursor} may have been changed, or belongs to a list with another filter: it goes back ` +
      `character for character, with all else the same. ${nextCall(situation, descriptor.method, rest, "to start from the first page") ?? ""}`.trim()
    );
  }
  const look =
    typeof args.id === "string" && descriptor.kind === "write"
      ? nextCall(situation, "get", { id: args.id }, "to see the state that the person is in already")
      : undefined;
  return `${error.text} ${nothingChanged(situation)}${sameCallFails} ${look ?? "Next: change the arguments, or report it."}`;
}

function unknownOutcomeWords(error: ToolsetError, situation: Situation): string | undefined {
  const { args, descriptor } = situation;
  if (error.unsent) return `${error.text} The request itself was not sent. Nothing was changed.`;
  if (typeof args.id !== "string") return undefined;
  const look = nextCall(situation, "get", { id: args.id }, "and look at the state before anything else");
  return (
    `${error.text.replace(/ Try again.*/s, "")} Whether the person was changed by ${descriptor.name} is not known. ` +
    (look ??
      `Next: call ${descriptor.name} once more with the same id, which changes nothing where it is done already.`)
  );
}

/** The sentence on the next call, with the name of the tool that makes it. */
function lookFirst(error: ToolsetError, situation: Situation): string | undefined {
  const { id } = situation.args;
  const look =
    typeof id === "string"
      ? nextCall(situation, "get", { id }, "before anything else, and report the state that you see")
      : undefined;
  return look === undefined ? undefined : withNext(error.text, look);
}

function findById(situation: Situation): string | undefined {
  const why = "to learn the right id";
  return (
    findBy(situation, situation.args.expected_email, why) ??
    findSomebody(situation, why) ??
    (situation.descriptor.method === "list" ? undefined : nextCall(situation, "list", {}, why))
  );
}

function nothingChanged({ descriptor }: Situation): string {
  return descriptor.kind === "write" ? "Nothing was changed. " : "";
}

function subjectOf(args: Readonly<Record<string, unknown>>): string {
  return typeof args.id === "string" ? `"${args.id}"` : "users";
}
