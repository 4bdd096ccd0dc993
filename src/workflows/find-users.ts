import type { AnswerMeta, Context } from "../call.js";
import { plainText } from "../content/plain-text.js";
import { comparableEmail, readEmailAddress, readEmailDomain } from "../email-address.js";
import { isToolsetError, ToolsetError } from "../errors/toolset-error.js";
import { endingPages } from "../sources/ending-pages.js";
import type { DirectoryPage, DirectoryQuery, ToolSource } from "../sources/source.js";
import type { User, UserState } from "../user.js";
import { nearEmail } from "./near-email.js";
import {
  firstPlace,
  placeOf,
  searchCursor,
  staleCursor,
  userMark,
  type SearchPlace,
} from "./search-cursor.js";

/** Whom to look for. Every criterion given must hold; `email` and `emails` are one criterion. */
export interface FindUsersCriteria {
  /** In any form in which people and systems write an address, such as `Name <a@example.com>`. */
  email?: string;
  /** Up to 100, looked for in one pass. */
  emails?: string[];
  email_domain?: string;
  name_contains?: string;
  state?: "ACTIVE" | "SUSPENDED";
  /** How many people to show; 0 only counts them. @default 5, or as many as `emails` has */
  limit?: number;
  /** Where a search of the same criteria goes on: the cursor that it gave. */
  cursor?: string;
}

/** Where and when an unfinished search goes on. */
export interface UnfinishedSearch {
  readonly cursor: string;
  /** In milliseconds; `null` where nobody knows. */
  readonly retryAfterMs: number | null;
}

/** What a search found. It is the artifact's `data`. */
export interface FindUsersResult {
  /** At most `limit` people; none where there are no criteria, and people are only counted. */
  matches: User[];
  /** Whether more people match than `matches` and the calls before this one hold. */
  more: boolean;
  /**
   * How many people match in all, those before `cursor` included. `null` where not every page was read, and where the
   * server was asked for an email, whose idea of an equal one may be narrower.
   */
  total: number | null;
  /** How many people match at the least: those that were met, shown or not. */
  atLeast: number;
  /** How many matches stand before those in `matches`: those that the calls before this one gave. */
  earlier: number;
  /** Where the same search goes on; `null` where nothing is left to look at or to show. */
  cursor: string | null;
  /** Emails that were asked for and that nobody looked at has, in lower case and with their domains in ASCII. */
  notFound: string[];
  /**
   * Of people looked at, those whose emails could be taken for one in `notFound`: another plus-tag, dot or look-alike
   * letter. They are other people until somebody says otherwise. At most 5.
   */
  near: User[];
  /** How many people were looked at. */
  lookedAt: number;
  /** Whether every page was read (from `cursor` on, where one was given): only then may anybody be said not to exist. */
  complete: boolean;
  /** Where to go on, where the call's deadline ended the search. */
  unfinished?: UnfinishedSearch;
  /** What the people looked at were narrowed to by the server. */
  narrowedBy: readonly ("state" | "email")[];
  /** What the server was asked to narrow by and ignored; it was applied here. */
  ignored?: readonly ("state" | "email")[];
  /** People looked at, by state. Past ten states, the rest are counted as `other`. */
  counts: Partial<Record<UserState | "other", number>>;
}

const defaultLimit = 5;

/** So many states are counted each by itself. */
const maxStates = 10;
const longestState = 40;

/** How many people are shown at most whose emails are near one that nobody has. */
const mostNear = 5;

/** Reads the directory until the answer is known, and keeps only who matches. */
export async function findUsers(
  source: ToolSource,
  criteria: FindUsersCriteria,
  context: Context,
  {
    everyPage = false,
  }: {
    /** Whether to read on where the answer seems to be known, so that nobody else who matches is missed. */
    everyPage?: boolean;
  } = {},
): Promise<{ result: FindUsersResult; meta: AnswerMeta }> {
  checkCriteria(criteria);
  const emails = wantedEmails(criteria);
  const search = searchOf(source, criteria, emails);
  const place = criteria.cursor === undefined ? firstPlace : await placeOf(criteria.cursor, search);
  const everybody = queryFrom(place, criteria);
  const [email, ...others] = emails;
  const isByEmail = criteria.cursor === undefined ? others.length === 0 : place.byEmail;
  const query = email !== undefined && isByEmail ? { ...everybody, email } : everybody;
  const read = (one: DirectoryQuery) =>
    readDirectory(source, one, { criteria, emails, search, place, everyPage }, context);
  const first = await read(query);
  if (first.result.atLeast > 0 || !first.result.narrowedBy.includes("email")) return first;
  // A server's idea of an equal email may be narrower than ours; only a look at everybody settles it.
  return read(everybody);
}

/** What a cursor belongs to: another account or other criteria are another search. */
function searchOf(
  { key }: ToolSource,
  { email_domain, name_contains, state }: FindUsersCriteria,
  emails: readonly string[],
): unknown {
  return [key, [...emails].sort(), email_domain ?? null, name_contains ?? null, state ?? null];
}

function queryFrom({ page }: SearchPlace, { state }: FindUsersCriteria): DirectoryQuery {
  return { ...(state === undefined ? {} : { state }), ...(page === null ? {} : { cursor: page }) };
}

/** What one reading of the directory is for. */
interface Search {
  readonly criteria: FindUsersCriteria;
  /** Comparable, each once. */
  readonly emails: readonly string[];
  /** What its cursors belong to. */
  readonly search: unknown;
  readonly place: SearchPlace;
  readonly everyPage: boolean;
}

async function readDirectory(
  source: ToolSource,
  query: DirectoryQuery,
  { criteria, emails, search, place, everyPage }: Search,
  context: Context,
): Promise<{ result: FindUsersResult; meta: AnswerMeta }> {
  const limit = hasCriteria(criteria) ? (criteria.limit ?? Math.max(defaultLimit, emails.length)) : 0;
  const matches = matcher(criteria, new Set(emails));
  const missing = new Set(emails);
  const nearKeys = new Set(emails.map(nearEmail));
  const near = new Map<string, User>();
  const met = new Set<string>();
  const result: FindUsersResult = {
    matches: [],
    more: false,
    total: null,
    atLeast: place.earlier,
    earlier: place.earlier,
    cursor: null,
    notFound: [],
    near: [],
    lookedAt: 0,
    complete: false,
    narrowedBy: [],
    counts: {},
  };
  let meta: AnswerMeta | undefined;
  let pages = 0;
  let thisPage = place.page;
  let lastShown: Pick<SearchPlace, "page" | "after"> | undefined;
  let late: ToolsetError | undefined;
  for await (const page of pagesUntilDeadline(source, query, context)) {
    if ("unfinished" in page) {
      // Whoever needs every page must not take some of them for all.
      if (everyPage || meta === undefined || meta.nextCursor === null || result.narrowedBy.includes("email"))
        throw page.unfinished;
      late = page.unfinished;
      break;
    }
    meta = page.meta;
    result.narrowedBy = page.narrowedBy;
    if (page.ignored !== undefined && page.ignored.length > 0) result.ignored = page.ignored;
    const users = pages === 0 ? usersAfter(page, place, criteria) : page.users;
    for (const user of users) {
      // Whoever joins meanwhile pushes somebody onto the next page as well, who is one match all the same.
      if (met.has(user.id)) continue;
      result.lookedAt += 1;
      const state = countedState(user.state, result.counts);
      result.counts[state] = (result.counts[state] ?? 0) + 1;
      const own = comparableEmail(user.email);
      // Whoever has the email exists, whether or not the other criteria hold.
      missing.delete(own);
      if (nearKeys.size > 0 && !emails.includes(own) && nearKeys.has(nearEmail(own))) near.set(user.id, user);
      if (!matches(user)) continue;
      met.add(user.id);
      if (result.matches.length < limit) {
        result.matches.push(user);
        lastShown = { page: thisPage, after: userMark(user.id) };
      } else result.more = true;
    }
    result.atLeast = place.earlier + met.size;
    pages += 1;
    context.emit({ type: "page", page: pages, people: result.lookedAt });
    thisPage = page.meta.nextCursor;
    result.complete = thisPage === null;
    if (!everyPage && isAnswered(criteria, missing, place, result)) break;
  }
  if (meta === undefined)
    throw new ToolsetError("bad_response", "The directory gave no page at all. Try again later.");
  result.notFound = emails.filter((email) => missing.has(email));
  // Who has not been found yet may still be there.
  const missingKeys = new Set(result.complete ? result.notFound.map(nearEmail) : []);
  result.near = [...near.values()]
    .filter(({ email }) => missingKeys.has(nearEmail(email)))
    .slice(0, mostNear);
  result.total = totalOf(result, place);
  const next = placeAfter(result, lastShown, late === undefined ? null : thisPage);
  result.cursor = next === null ? null : await searchCursor(next, search);
  if (late !== undefined) {
    if (result.cursor === null) throw late;
    result.unfinished = { cursor: result.cursor, retryAfterMs: late.retryAfterMs };
  }
  return { result, meta: { ...meta, nextCursor: null } };
}

/** The word that a state is counted by: as it was given where it is known, else plain and one of a few. */
function countedState(state: string, counts: FindUsersResult["counts"]): UserState | "other" {
  const word = plainText(state, longestState);
  const isUsable = word !== "" && !(word in Object.prototype);
  const isCounted = Object.hasOwn(counts, word) || Object.keys(counts).length < maxStates;
  // A server may know states that this library does not.
  return isUsable && isCounted ? (word as UserState) : "other";
}

/** The users of a search's first page who stand behind its place. */
function usersAfter({ users }: DirectoryPage, { after }: SearchPlace, { cursor }: FindUsersCriteria) {
  if (after === null) return users;
  const [index, ...others] = users.flatMap(({ id }, at) => (userMark(id) === after ? [at] : []));
  if (index === undefined || others.length > 0) throw staleCursor(cursor ?? "");
  return users.slice(index + 1);
}

/** Whether the pages that are left can change nothing of the answer. */
function isAnswered(
  criteria: FindUsersCriteria,
  missing: ReadonlySet<string>,
  place: SearchPlace,
  { more }: FindUsersResult,
): boolean {
  // How many match was counted by the call that gave the cursor.
  if (more) return place.total !== null;
  return asksOnlyEmails(criteria) && missing.size === 0;
}

function asksOnlyEmails({ email, emails, limit: _limit, cursor: _cursor, ...others }: FindUsersCriteria) {
  return (email !== undefined || emails !== undefined) && !hasCriteria(others);
}

function totalOf({ complete, narrowedBy, atLeast }: FindUsersResult, place: SearchPlace): number | null {
  if (!complete) return place.total;
  return narrowedBy.includes("email") ? null : atLeast;
}

/** Where a search goes on: behind the last match shown, else with the page that there was no time for. */
function placeAfter(
  { more, matches, total, atLeast, earlier, narrowedBy }: FindUsersResult,
  lastShown: Pick<SearchPlace, "page" | "after"> | undefined,
  pageLeft: string | null,
): SearchPlace | null {
  const byEmail = narrowedBy.includes("email");
  if (more && lastShown !== undefined) {
    return { ...lastShown, earlier: earlier + matches.length, total, byEmail };
  }
  return pageLeft === null ? null : { page: pageLeft, after: null, earlier: atLeast, total: null, byEmail };
}

/** Whether anybody is looked for; without it, the question is how many there are. */
export function hasCriteria({ limit: _limit, cursor: _cursor, ...criteria }: FindUsersCriteria): boolean {
  return Object.values<unknown>(criteria).some((criterion) => criterion !== undefined);
}

/** Refuses what would match everybody or nobody, and look like an answer. */
function checkCriteria({ email_domain, name_contains }: FindUsersCriteria): void {
  if (name_contains !== undefined && comparableName(name_contains) === "") {
    throw new ToolsetError(
      "invalid_argument",
      `"name_contains" is blank. Nothing was sent. Next: give part of a name, or leave it out.`,
    );
  }
  // A single label is a slip far more often than somebody's whole domain.
  if (email_domain !== undefined && readEmailDomain(email_domain).domain?.includes(".") !== true) {
    throw new ToolsetError(
      "invalid_argument",
      `"email_domain" is ${JSON.stringify(plainText(email_domain, 120))}, and a domain is what follows the @, such ` +
        `as example.com, without wildcards. Nothing was sent. Next: give such a domain.`,
    );
  }
}

/** The emails looked for, comparable and each once. */
function wantedEmails({ email, emails = [] }: FindUsersCriteria): string[] {
  const given = email === undefined ? emails : [email, ...emails];
  const addresses = given.map((one) => {
    const { address, why } = readEmailAddress(one);
    if (address !== undefined) return address;
    throw new ToolsetError(
      "invalid_argument",
      `"${email === undefined ? "emails" : "email"}": ${why}. Nothing was sent. Next: give a whole address as email, ` +
        `or part of a name as name_contains.`,
    );
  });
  return [...new Set(addresses)];
}

function matcher(criteria: FindUsersCriteria, emails: ReadonlySet<string>): (user: User) => boolean {
  const domain =
    criteria.email_domain === undefined ? undefined : readEmailDomain(criteria.email_domain).domain;
  const name = criteria.name_contains === undefined ? undefined : comparableName(criteria.name_contains);
  return (user) => {
    if (criteria.state !== undefined && user.state !== criteria.state) return false;
    const email = comparableEmail(user.email);
    if (emails.size > 0 && !emails.has(email)) return false;
    if (domain !== undefined && !email.endsWith(`@${domain}`)) return false;
    return name === undefined || comparableName(user.display_name).includes(name);
  };
}

/** A name as people type it: without accents, case and doubled spaces. It only widens the candidates. */
function comparableName(name: unknown): string {
  if (typeof name !== "string") return "";
  return name.normalize("NFKD").replace(/\p{M}/gu, "").replace(/\s+/gu, " ").trim().toLowerCase();
}

/** The pages of a directory; where a call with a deadline cannot have the next one in time, why. */
async function* pagesUntilDeadline(
  source: ToolSource,
  query: DirectoryQuery,
  context: Context,
): AsyncGenerator<DirectoryPage | { readonly unfinished: ToolsetError }> {
  try {
    yield* pagesOf(source, query, context);
  } catch (error) {
    const isLate = isToolsetError(error) && (error.code === "rate_limited" || error.unsent);
    if (!isLate || context.deadline === Number.POSITIVE_INFINITY) throw error;
    yield { unfinished: error };
  }
}

function pagesOf(source: ToolSource, query: DirectoryQuery, context: Context) {
  if (source.readUsers === undefined) {
    throw new ToolsetError("invalid_argument", "This source cannot read a directory. Give one that can.");
  }
  return endingPages(source.readUsers(query, context));
}
