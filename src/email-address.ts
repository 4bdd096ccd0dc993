import { plainText } from "./content/plain-text.js";

/** The longest text that is looked at for one address, in UTF-16 code units. */
const longestText = 1000;

/** The longest email address that SMTP carries (RFC 5321, 4.5.3.1.3, less its brackets). */
const longestAddress = 254;

/** An address in the form in which it is compared, or why a text is not one address. */
export type EmailReading =
  | { readonly address: string; readonly why?: undefined }
  | { readonly address?: undefined; readonly why: string };

/** A domain in the form in which it is compared, or why a text is not one. */
export type DomainReading =
  | { readonly domain: string; readonly why?: undefined }
  | { readonly domain?: undefined; readonly why: string };

/**
 * Reads the one email address that a text holds, in the forms in which people and systems write it: with `mailto:` or
 * `smtp:` before it, as `Name <a@example.com>`, with a comment behind it, in quotes of any language, with the
 * punctuation of a sentence or a list around it, with an apostrophe of a spreadsheet before it, in full-width or with
 * invisible characters, with a Unicode or an `xn--` domain. All of these are one address. What a person could take
 * for the same and a mail server does not (plus-tags, dots, look-alike letters, `ß` and `ss`) stays another one.
 *
 * @returns the address as {@link comparableEmail} gives it; or why the text is not one address, as a sentence without
 * its full stop, with the text quoted and bounded
 * @see https://www.rfc-editor.org/rfc/rfc5322#section-3.4 and https://www.rfc-editor.org/rfc/rfc6068
 * @example
 * ```ts
 * readEmailAddress("Michael Scott <mailto:M.Scott@example.com>"); // { address: "m.scott@example.com" }
 * readEmailAddress("Michael Scott"); // { why: '"Michael Scott" is not one email address' }
 * ```
 */
export function readEmailAddress(text: string): EmailReading {
  if (text.length > longestText) return { why: `${shown(text)} ${tooLong}` };
  const bare = folded(text);
  const address = addressIn(bare);
  if (address === undefined) return { why: reasonAgainst(text, bare) };
  if (address.includes("#ext#@"))
    return { why: `${shown(text)} is the sign-in name of a guest, and not their email address` };
  return { address };
}

/**
 * An email of a directory as it is compared. Unlike {@link readEmailAddress} it takes nothing away that stands around
 * an address: a person whose email only holds somebody else's address must not pass for them.
 *
 * @returns lower case, NFC, the domain in its ASCII form. What is not an address gets a form that equals no address.
 */
export function comparableEmail(email: string): string {
  if (isSimple.test(email)) return email.toLowerCase();
  const address = email.length > longestText ? undefined : bareAddress(folded(email).trim());
  return address ?? ` ${email.normalize("NFC").trim().toLowerCase()}`;
}

/** Whether what {@link comparableEmail} gave stands for an address, and not for a text that is none. */
export function isComparableAddress(comparable: string): boolean {
  return !comparable.startsWith(" ");
}

/**
 * What a text gives as an email, as it is compared with {@link comparableEmail} of a person's.
 *
 * @returns of a text that is not understood, a form that equals the email of a directory that is the same text
 */
export function comparableEmailIn(text: string): string {
  return readEmailAddress(text).address ?? comparableEmail(text);
}

/**
 * Reads a domain, such as `example.com`, with or without an `@` before it.
 *
 * @returns the domain in the form in which {@link comparableEmail} ends; or why the text is not one
 */
export function readEmailDomain(text: string): DomainReading {
  // Without its wildcard, a text would mean fewer people than whoever wrote it had in mind.
  const bare = text.length > longestText || text.includes("*") ? "" : withoutEnds(folded(text));
  const domain = comparableDomain(bare.startsWith("@") ? bare.slice(1) : bare);
  if (domain !== undefined) return { domain };
  return { why: `${shown(text)} is not a domain, such as example.com` };
}

const tooLong = `is longer than the ${longestAddress} characters of an email address`;

/** What needs no reading. It is the common case, and a whole directory is compared at once. */
const isSimple = /^[a-z\d][\w.+'-]*@(?:(?!xn--)[a-z\d][a-z\d-]*\.)+[a-z]+$/i;

/** Characters that nobody sees, but for the two joiners, which the domains of some scripts need. */
const invisible = /(?![\u200c\u200d])[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;
const joiners = /[\u200c\u200d]/g;

/** Full-width, half-width and small forms, as East Asian keyboards type them. */
const otherWidth = /[\ufe50-\ufe6b\uff01-\uffee]+/g;

/** A text without what only looks different: widths, invisible characters, ways to write an accent. */
function folded(text: string): string {
  return text
    .replace(otherWidth, (run) => run.normalize("NFKC"))
    .replace(invisible, "")
    .normalize("NFC");
}

/** What mail programs, sheets and directories put before an address. */
const scheme = /^(mailto|smtp|e-?mail|mail) *:/i;

/** What may stand before an address, and no address begins with. */
const before = /^[\s\p{Ps}\p{Pi}\p{Pf}"'´′″,;:<>|…•·‣◦]$/u;

/** What may stand behind an address, and no domain ends with. */
const behind = /^(?!@)[\s\p{P}´`<>|]$/u;

/** A mark that begins a line of a list, or an empty sign of a spreadsheet's formula. */
const listMark = /^(?:[-*+–—](?=\s)|=(?="))/;

/** Brackets that an address or a comment is put in, none of which an address without quotes holds. */
const openings: Readonly<Record<string, string>> = {
  ">": "<",
  ")": "(",
  "]": "[",
  "〉": "〈",
  "》": "《",
  "」": "「",
  "』": "『",
  "】": "【",
  "〕": "〔",
};

/** How many wrappings are taken off at most. */
const mostWrappings = 12;

/** The address in a folded text; `undefined` where it holds none, several, or something beside it that may mean more. */
function addressIn(text: string): string | undefined {
  let rest = text.trim();
  for (let wrapping = 0; wrapping < mostWrappings; wrapping += 1) {
    const bare = bareAddress(rest);
    if (bare !== undefined) return bare;
    const opening = openings[rest.at(-1) ?? ""];
    const at = opening === undefined ? -1 : rest.lastIndexOf(opening);
    if (at > 0) return agreedAddress([rest.slice(0, at), rest.slice(at + 1, -1)]);
    const inner = unwrapped(rest);
    if (inner === undefined || inner === rest) return undefined;
    rest = inner;
  }
  return undefined;
}

/** The address of `Name <address>`, `Name (address)`, `address (comment)` and `[address](mailto:address)`. */
function agreedAddress(sides: readonly string[]): string | undefined {
  const [address, ...others] = sides.filter((side) => /@|%40/.test(side)).map(addressIn);
  // Who is called by another's address may be either of them.
  return others.every((other) => other === address) ? address : undefined;
}

/** A text without one layer around it; `undefined` where there is none. */
function unwrapped(text: string): string | undefined {
  const [prefix, name = ""] = scheme.exec(text) ?? [];
  if (prefix !== undefined) {
    const rest = text.slice(prefix.length);
    return name.toLowerCase() === "mailto" ? linkedAddress(rest) : rest.trim();
  }
  const mark = listMark.exec(text)?.[0] ?? "";
  if (mark !== "") return text.slice(mark.length).trim();
  const [first = ""] = text;
  // Marks of formatted text; alone they may begin an address.
  if (/[`*_~]/.test(first) && text.endsWith(first) && text.length > 1) return text.slice(1, -1).trim();
  return withoutEnds(text);
}

/** The address of a `mailto:` link; `undefined` where it adds further ones. */
function linkedAddress(link: string): string | undefined {
  // Chats write the text that is shown for a link behind it.
  const [target = "", shownText] = link.split("|");
  const [to = "", ...fields] = target.trim().split(/[?&]/);
  if (fields.some((field) => /^(?:to|cc|bcc)=/i.test(field))) return undefined;
  try {
    const address = folded(decodeURIComponent(to.startsWith("//") ? to.slice(2) : to)).trim();
    return shownText === undefined ? address : agreedAddress([address, shownText]);
  } catch {
    return undefined;
  }
}

/** A text without the quotes and the punctuation around it. */
function withoutEnds(text: string): string {
  const characters = Array.from(text);
  let start = 0;
  let end = characters.length;
  while (start < end && before.test(characters[start] ?? "")) start += 1;
  while (end > start && behind.test(characters[end - 1] ?? "")) {
    const opening = openings[characters[end - 1] ?? ""];
    if (opening !== undefined && characters.includes(opening, start + 1)) break;
    end -= 1;
  }
  return characters.slice(start, end).join("");
}

/**
 * A part before the @ that needs no quotes: RFC 5322's `dot-atom` and RFC 6531's letters, without `|`, which separates
 * fields, and without an apostrophe at its beginning, which says that a cell of a sheet is text.
 */
const atom = /^(?!['\u2019]+[^'\u2019])[\w!#$%&'*+/=?^`{}~.\-\p{L}\p{M}\p{N}\p{So}\u2019]+$/u;
const quotedPart = /^"(?:[^"\\]|\\.)*"$/su;

/** A folded text that is an address and nothing else, in the form in which it is compared. */
function bareAddress(text: string): string | undefined {
  const at = text.lastIndexOf("@");
  if (at <= 0 || text.length > longestAddress) return undefined;
  const local = comparableLocalPart(text.slice(0, at).replace(joiners, ""));
  const domain = comparableDomain(text.slice(at + 1));
  return local === undefined || domain === undefined ? undefined : `${local}@${domain}`;
}

function comparableLocalPart(text: string): string | undefined {
  const lower = text.toLowerCase().normalize("NFC");
  if (atom.test(lower)) return lower;
  if (!quotedPart.test(lower)) return undefined;
  const content = lower.slice(1, -1).replace(/\\(.)/gsu, "$1");
  // Quotes that are not needed change nothing.
  return atom.test(content) ? content : `"${content.replace(/["\\]/g, "\\$&")}"`;
}

const label = /^[a-z\d_-]{1,63}$/;

/** Whether a text is a domain's name: its last label is no number, as that of an address of the network would be. */
function isDomainName(name: string): boolean {
  const labels = name.split(".");
  const last = labels.pop() ?? "";
  return label.test(last) && !last.includes("_") && /\D/.test(last) && labels.every((one) => label.test(one));
}

/** A domain in ASCII and lower case, without the dot of the root. */
function comparableDomain(text: string): string | undefined {
  // Whatever else is ASCII has a meaning to a URL, and would be read as that.
  // eslint-disable-next-line no-control-regex
  if (!/^(?:[\w.-]|[^\x00-\x7f])+$/.test(text)) return undefined;
  const isPlain = /^[\w.-]+$/.test(text) && !/xn--/i.test(text);
  const ascii = isPlain ? text.toLowerCase() : (hostOf(text) ?? hostOf(text.replace(joiners, "")));
  const name = ascii?.endsWith(".") === true ? ascii.slice(0, -1) : ascii;
  return name !== undefined && isDomainName(name) ? name : undefined;
}

/**
 * A domain as URLs have it: mapped and encoded, with `ß` kept.
 *
 * @see https://url.spec.whatwg.org/#concept-domain-to-ascii
 */
function hostOf(domain: string): string | undefined {
  const url = `http://${domain}`;
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}

function reasonAgainst(text: string, bare: string): string {
  const line = bare.trim();
  if (line === "") return "there is no email address";
  if (line.length > longestAddress) return `${shown(text)} ${tooLong}`;
  if (plainText(line, longestAddress) !== line.replace(/\s+/g, " "))
    return `${shown(text)} holds characters that cannot be seen`;
  return `${shown(text)} is not one email address`;
}

function shown(text: string): string {
  return JSON.stringify(plainText(text, 80));
}
