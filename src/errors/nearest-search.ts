/** Criteria of a search, of the forms that every search takes. */
export interface NearestSearch {
  email?: string;
  emails?: string[];
  email_domain?: string;
  name_contains?: string;
  state?: "ACTIVE" | "SUSPENDED";
  limit?: number;
}

const longestEmail = 254;
const longestDomain = 253;
const longestName = 100;
const mostEmails = 100;
const largestLimit = 100;

const address = /^[^*\s"'<>()[\],:;@]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}$/i;
const domain = /^[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}$/i;

/** Whether a text is one plain address, and nothing beside it. */
export function isPlainEmail(text: string): boolean {
  return text.length <= longestEmail && address.test(text);
}

/** The email inside of a value, without the words and the punctuation around it. */
export function emailIn(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  return value
    .slice(0, 1000)
    .split(/[\s"'<>()[\]{},:;=]+/)
    .map(withoutEndMarks)
    .find(isPlainEmail);
}

function withoutEndMarks(word: string): string {
  let end = word.length;
  while (end > 0 && ".!?".includes(word.charAt(end - 1))) end -= 1;
  return word.slice(0, end);
}

/** The state that a value means by one of its words; `undefined` for none, both, and what is negated. */
export function stateIn(value: unknown): "ACTIVE" | "SUSPENDED" | undefined {
  const words = wordsOf(value);
  if (words.some((word) => ["not", "non", "no", "!"].includes(word))) return undefined;
  const isActive = words.includes("active");
  const isSuspended = words.some((word) => word === "suspended" || word === "suspend");
  if (isActive === isSuspended) return undefined;
  return isActive ? "ACTIVE" : "SUSPENDED";
}

/** The words of a text in lower case, `user.isActive()` being three; an exclamation mark is one of its own. */
export function wordsOf(value: unknown): string[] {
  if (typeof value !== "string") return [];
  const apart = value.slice(0, 200).replace(/([a-z])([A-Z])/g, "$1 $2");
  return apart.toLowerCase().match(/[a-z]+|!/g) ?? [];
}

/**
 * The search that arguments most likely mean: those that fit as they are, and of the others what can be understood.
 * `undefined` where a criterion was given, and none is left.
 */
export function nearestSearch(args: Readonly<Record<string, unknown>>): NearestSearch | undefined {
  const near: NearestSearch = {};
  const lost: [name: string, value: unknown][] = [];
  for (const [name, value] of Object.entries(args)) {
    if (name === "cursor" || value === undefined || value === null) continue;
    if (name === "limit") Object.assign(near, limitOf(value));
    else if (!takeAsGiven(near, name, value)) lost.push([name, value]);
  }
  const isWithout = () => Object.keys(near).every((name) => name === "limit");
  const wasAsked = !isWithout() || lost.length > 0;
  for (const [name, value] of lost) Object.assign(near, { ...guess(name, value), ...near });
  if (near.email !== undefined && near.emails !== undefined) {
    near.emails = [...new Set([near.email, ...near.emails])].slice(0, mostEmails);
    delete near.email;
  }
  return wasAsked && isWithout() ? undefined : near;
}

function limitOf(value: unknown): NearestSearch {
  const limit = typeof value === "string" && /^\d{1,9}$/.test(value) ? Number(value) : value;
  if (typeof limit !== "number" || !Number.isInteger(limit)) return {};
  return { limit: Math.min(Math.max(limit, 0), largestLimit) };
}

/** Takes a criterion that fits; says whether it did. */
function takeAsGiven(near: NearestSearch, name: string, value: unknown): boolean {
  if (name === "emails" && Array.isArray(value)) {
    const emails = value.slice(0, mostEmails).filter((one) => typeof one === "string" && isPlainEmail(one));
    if (emails.length > 0) near.emails = emails as string[];
    return emails.length > 0;
  }
  if (typeof value !== "string") return false;
  const text = value.trim();
  if (name === "email" && isPlainEmail(text)) near.email = text;
  else if (name === "email_domain" && text.length <= longestDomain && domain.test(text))
    near.email_domain = text;
  else if (name === "name_contains" && isName(text)) near.name_contains = text;
  else if (name === "state" && (value === "ACTIVE" || value === "SUSPENDED")) near.state = value;
  else return false;
  return true;
}

/** What an argument that does not fit most likely means, by its value first and then by its name. */
function guess(name: string, value: unknown): NearestSearch {
  if (Array.isArray(value)) {
    const emails = value.slice(0, mostEmails).flatMap((one) => emailIn(one) ?? []);
    return emails.length > 0 ? { emails } : {};
  }
  if (typeof value !== "string") return {};
  const email = emailIn(value);
  if (email !== undefined && !/domain/i.test(name)) return { email };
  if (/domain/i.test(name)) {
    const found = value
      .slice(0, 300)
      .split(/[\s@*/:]+/)
      .map((part) => withoutEndMarks(part.startsWith(".") ? part.slice(1) : part))
      .find((part) => domain.test(part));
    return found === undefined ? {} : { email_domain: found };
  }
  const state = stateIn(value);
  if (state !== undefined && !/name/i.test(name)) return { state };
  const text = value.trim();
  return /name|query|search|email|user|text|^q$|^id$/i.test(name) && isName(text)
    ? { name_contains: text }
    : {};
}

/** Whether a text can be part of a name: it has letters, and nothing that only a machine would write. */
function isName(text: string): boolean {
  return text.length <= longestName && /^\p{L}[\p{L}\p{M}\d'’ .-]*$/u.test(text);
}

/** The longest run of letters in front of an email's @, which is most often a name; `undefined` for less than three. */
export function nameIn(email: string): string | undefined {
  const runs = (email.slice(0, longestEmail).split("@")[0] ?? "").match(/\p{L}+/gu) ?? [];
  const longest = runs.reduce((found, run) => (run.length > found.length ? run : found), "");
  return longest.length < 3 ? undefined : longest;
}
