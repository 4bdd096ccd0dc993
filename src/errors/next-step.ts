import { userIdPattern } from "../user.js";
import { fits, idIn, sortArguments, type SortedArguments } from "./fitting-arguments.js";
import { emailIn, isPlainEmail, nearestSearch } from "./nearest-search.js";
import { askSomebody, findBy, findSomebody, nextCall, type Situation } from "./situation.js";

/**
 * What to do instead of a call whose arguments do not fit: the same call with what fits of them, or the search that
 * leads to what is missing.
 */
export function nextStep(situation: Situation): string {
  const { descriptor } = situation;
  if (isSearch(situation)) return searchStep(situation) ?? otherCriteria(situation);
  const sorted = sortArguments(situation);
  const { fitting, lost } = sorted;
  const email = Object.values(lost)
    .map(emailIn)
    .find((found) => found !== undefined);
  const byEmail = email === undefined ? undefined : findBy(situation, email, "and use the id that it gives");
  if (byEmail !== undefined) return byEmail;
  const missing = (descriptor.inputSchema.required ?? []).filter((name) => !(name in fitting));
  if ("id" in lost || missing.includes("id")) return idStep(situation, sorted);
  if (missing.length === 0) return lostSearch(situation, sorted) ?? sameCall(situation, sorted);
  if (missing.length === 1 && missing[0] === "reason") {
    return `Next: make the same call with a reason, such as the ticket that asks for it; where you were given none, ask for one.`;
  }
  const { id } = fitting;
  if (missing.includes("expected_email") && typeof id === "string") {
    const why = `and, where it gives the id ${id}, make the same call with that id and with their email as expected_email`;
    return findSomebody(situation, why) ?? askSomebody;
  }
  return again(situation);
}

/**
 * The search that the arguments of one that was refused most likely mean; `undefined` where that cannot be told, or is
 * what was refused.
 */
export function searchStep(situation: Situation): string | undefined {
  const { args } = situation;
  const near = nearestSearch(args);
  if (near === undefined || JSON.stringify(near) === JSON.stringify(args)) return undefined;
  return nextCall(situation, "find", { ...near }, "");
}

/** Whether the tool is the search of people, and no other that is called so. */
export function isSearch({ descriptor }: Pick<Situation, "descriptor">): boolean {
  return descriptor.method === "find" && Object.hasOwn(descriptor.inputSchema.properties, "name_contains");
}

function otherCriteria({ descriptor }: Situation): string {
  return `Next: call ${descriptor.name} with email, emails, email_domain, name_contains or state, or without any for the number of people.`;
}

const looksLikeName = /^\p{L}[\p{L}\p{M}'’ .-]{1,80}$/u;

/** How to come by the id of a user that is missing, or that is none. */
function idStep(situation: Situation, { fitting, lost }: SortedArguments): string {
  if (situation.descriptor.inputSchema.properties.id?.pattern !== userIdPattern.source)
    return again(situation);
  const why = "and use the id that it gives";
  const known = [fitting.expected_email, fitting.email].find(
    (email) => typeof email === "string" && isPlainEmail(email),
  );
  const byEmail = typeof known === "string" ? findBy(situation, known, why) : undefined;
  if (byEmail !== undefined) return byEmail;
  const { id } = lost;
  const isName = typeof id === "string" && idIn(id) === undefined && looksLikeName.test(id);
  const byName = isName
    ? nextCall(situation, "find", { name_contains: id.slice(0, 60).trim() }, why)
    : undefined;
  return byName ?? findSomebody(situation, why) ?? nextCall(situation, "list", {}, why) ?? askSomebody;
}

/** A list that was to be searched: what it cannot do, the search can. */
function lostSearch(situation: Situation, { lost }: SortedArguments): string | undefined {
  if (situation.descriptor.method !== "list") return undefined;
  const { limit: _limit, ...texts } = lost;
  const criteria = Object.keys(texts).length === 0 ? undefined : nearestSearch(texts);
  return criteria === undefined || Object.keys(criteria).length === 0
    ? undefined
    : nextCall(situation, "find", { ...criteria }, "");
}

/** The longest arguments that are written out, in UTF-16 code units. */
const longestArguments = 1000;
/** Names of arguments that may be meant to keep a call from its whole effect. */
const limiting = /dry|preview|simul|test|plan|check|only|confirm|until|from|start|schedul/i;

/** The same call with the arguments that fit. */
function sameCall(situation: Situation, { fitting, lost }: SortedArguments): string {
  const { descriptor } = situation;
  const { inputSchema, kind } = descriptor;
  const mayLimit = ([name, value]: [string, unknown]) =>
    Object.hasOwn(inputSchema.properties, name) || typeof value === "boolean" || limiting.test(name);
  // Without what was to hold it back, a write would do more than was meant.
  if (kind === "write" && Object.entries(lost).some(mayLimit)) return again(situation);
  if (!fits(fitting, inputSchema) || !namesPeople(descriptor.method, fitting)) return again(situation);
  if (JSON.stringify(fitting).length > longestArguments) {
    const names = Object.keys(lost).map((name) => JSON.stringify(name.slice(0, 60)));
    return names.length === 0
      ? again(situation)
      : `Next: make the same call without ${names.slice(0, 10).join(", ")}.`;
  }
  const next = nextCall({ nameOf: () => descriptor.name }, descriptor.method, fitting, "");
  return `${next?.slice(0, -1) ?? ""}, or with other arguments that fit.`;
}

/** Whether a task's call says for whom: its schema cannot say that one of two arguments is needed. */
function namesPeople(method: string, { email, id, emails, csv }: SortedArguments["fitting"]): boolean {
  if (method === "offboard")
    return email === undefined ? id !== undefined : typeof email === "string" && isPlainEmail(email);
  // Whether a file can be read, only the call itself finds out.
  if (method === "audit")
    return csv === undefined && Array.isArray(emails) && emails.map(String).every(isPlainEmail);
  return true;
}

function again({ descriptor }: Situation): string {
  return `Next: call ${descriptor.name} again with arguments that fit.`;
}
