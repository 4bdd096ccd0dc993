import type { AnswerMeta, Context } from "../call.js";
import { plainText } from "../content/plain-text.js";
import { comparableEmail, readEmailAddress, readEmailDomain } from "../email-address.js";
import { isToolsetError, ToolsetError } from "../errors/toolset-error.js";
import { endingPages } from "../sources/ending-pages.js";
import type { DirectoryPage, DirectoryQuery, ToolSource } from "../sources/source.js";
import type { User, UserState } from "../user.js";
import { nearEmail } from "./near-email.js";

/** Whom to look for. Every criterion given must hold; `email` and `emails` are one criterion. */
export interface FindUsersCriteria {
  /** In any form in which people and systems write an address, such as `Name <a@example.com>`. */
  email?: string;
  /** Up to 100, looked for in one pass. */
  emails?: string[];
  email_domain?: string;
  name_contains?: string;
  state?: "ACTIVE" | "SUSPENDED";
  /** How many people to show. @default 5, or as many as `emails` has */
  limit?: number;
  /** Where an unfinished search of the same criteria goes on: the cursor that it gave. */
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
  /** At most `limit` people. */
  matches: User[];
  /** Whether more people match than `matches` holds. */
  more: boolean;
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
  const { state, cursor } = criteria;
  const everybody: DirectoryQuery = {
    ...(state === undefined ? {} : { state }),
    ...(cursor === undefined ? {} : { cursor }),
  };
  const [email, ...others] = emails;
  // A search that was not finished looked at everybody.
  const query =
    email === undefined || others.length > 0 || cursor !== undefined ? everybody : { ...everybody, email };
  const search = () => readDirectory(source, query, criteria, emails, context, everyPage);
  const first = await search();
  if (first.result.matches.length > 0 || !first.result.narrowedBy.includes("email")) return first;
  // A server's idea of an equal email may be narrower than ours; only a look at everybody settles it.
  return readDirectory(source, everybody, criteria, emails, context, everyPage);
}

async function readDirectory(
  source: ToolSource,
  query: DirectoryQuery,
  criteria: FindUsersCriteria,
  emails: readonly string[],
  context: Context,
  everyPage: boolean,
): Promise<{ result: FindUsersResult; meta: AnswerMeta }> {
  const limit = criteria.limit ?? Math.max(defaultLimit, emails.length);
  const matches = matcher(criteria, new Set(emails));
  const missing = new Set(emails);
  const nearKeys = new Set(emails.map(nearEmail));
  const near = new Map<string, User>();
  const result: FindUsersResult = {
    matches: [],
    more: false,
    notFound: [],
    near: [],
    lookedAt: 0,
    complete: false,
    narrowedBy: [],
    counts: {},
  };
  let meta: AnswerMeta | undefined;
  let pages = 0;
  for await (const page of pagesUntilDeadline(source, query, context)) {
    if ("unfinished" in page) {
      // Whoever needs every page must not take some of them for all.
      if (everyPage || meta === undefined || meta.nextCursor === null || result.narrowedBy.includes("email"))
        throw page.unfinished;
      result.unfinished = { cursor: meta.nextCursor, retryAfterMs: page.unfinished.retryAfterMs };
      break;
    }
    meta = page.meta;
    result.narrowedBy = page.narrowedBy;
    if (page.ignored !== undefined && page.ignored.length > 0) result.ignored = page.ignored;
    result.lookedAt += page.users.length;
    for (const user of page.users) {
      const state = countedState(user.state, result.counts);
      result.counts[state] = (result.counts[state] ?? 0) + 1;
      const own = comparableEmail(user.email);
      // Whoever has the email exists, whether or not the other criteria hold.
      missing.delete(own);
      if (nearKeys.size > 0 && !emails.includes(own) && nearKeys.has(nearEmail(own))) near.set(user.id, user);
      if (!matches(user) || result.matches.some(({ id }) => id === user.id)) continue;
      if (result.matches.length < limit) result.matches.push(user);
      else result.more = true;
    }
    pages += 1;
    context.emit({ type: "page", page: pages, people: result.lookedAt });
    result.complete = page.meta.nextCursor === null;
    if (!everyPage && isAnswered(criteria, emails, missing, result)) break;
  }
  if (meta === undefined)
    throw new ToolsetError("bad_response", "The directory gave no page at all. Try again later.");
  result.notFound = emails.filter((email) => missing.has(email));
  // Who has not been found yet may still be there.
  const missingKeys = new Set(result.complete ? result.notFound.map(nearEmail) : []);
  result.near = [...near.values()]
    .filter(({ email }) => missingKeys.has(nearEmail(email)))
    .slice(0, mostNear);
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

function isAnswered(
  criteria: FindUsersCriteria,
  emails: readonly string[],
  missing: ReadonlySet<string>,
  { more }: FindUsersResult,
): boolean {
  if (!hasCriteria(criteria)) return false;
  return more || (emails.length > 0 && missing.size === 0);
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
  if (email_domain !== undefined && readEmailDomain(email_domain).domain === undefined) {
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
