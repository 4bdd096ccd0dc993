import { comparableEmail, readEmailAddress } from "../email-address.js";
import type { User } from "../user.js";

/** What a text names somebody by, all of it without what can be written in several ways. */
interface Names {
  /** Email addresses, without plus-tags and dots before the @. */
  readonly addresses: ReadonlySet<string>;
  /** What stands before the @ of these addresses. */
  readonly localParts: ReadonlySet<string>;
  /** Ids and names, letters and digits alone, in the order that they have and sorted. */
  readonly names: ReadonlySet<string>;
  /** The same of what stands in brackets beside a name: it may be a name as well, or a department of many. */
  readonly comments: ReadonlySet<string>;
}

/** The longest text that is compared, in UTF-16 code units. */
const longest = 2000;

const hidden = /[\p{C}\p{M}\p{Default_Ignorable_Code_Point}]/gu;
const bracketed = /\([^()]*\)|\[[^[\]]*\]/g;
const word = /[^\s<>()[\],;:|]+/g;
const separator = /[<>()[\],;:|\\/=]/;
/** An id with the name of who gave it before it, such as `auth0|123`: many have its beginning in common. */
const idOfProvider = /^[^\s<>()[\],;]+$/;

/**
 * Whether two texts may name one person. Only for refusing: display names, comments, `mailto:`, plus-tags, dots,
 * case, accents, widths and invisible characters do not count, so that it says yes too often rather than too seldom.
 */
export function mayBeSame(one: string, other: string): boolean {
  return overlap(namesIn(one), namesIn(other));
}

/** Whether a text may name a person of the directory, by their id, email or name. */
export function mayName(text: string, { id, email, display_name: name }: NamedPerson): boolean {
  const own = [id, email, name].filter((value) => typeof value === "string");
  const given = namesIn(text);
  return own.some((value) => overlap(given, namesIn(value)));
}

/** Whether a text names anybody at all. */
export function namesSomebody(text: string): boolean {
  const { addresses, names } = namesIn(text);
  return addresses.size + names.size > 0;
}

type NamedPerson = Pick<User, "id" | "email" | "display_name">;

function overlap(one: Names, other: Names): boolean {
  return isShared(one.addresses, other.addresses) || isSharedName(one, other) || isSharedName(other, one);
}

/** Whether a name of the one is a name of the other; what stands in brackets on both sides says nothing. */
function isSharedName({ names, comments }: Names, other: Names): boolean {
  return (
    isShared(names, other.names) ||
    isShared(names, other.localParts) ||
    isShared(comments, other.names) ||
    isShared(comments, other.localParts)
  );
}

function isShared(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return [...one].some((name) => other.has(name));
}

function namesIn(given: string): Names {
  const text = simplified(given);
  const { address } = readEmailAddress(given);
  const found = {
    addresses: new Set<string>(),
    localParts: new Set<string>(),
    names: new Set<string>(),
    comments: new Set<string>(),
  };
  if (address !== undefined) addAddresses(found, simplified(address));
  // A comment may name somebody, and may stand inside of an address.
  const bare = text.replace(bracketed, "");
  for (const form of [text, bare]) addName(found.names, withoutAddresses(form, found));
  for (const name of partsOf(withoutAddresses(text.replace(bracketed, " | "), found)))
    addName(found.names, name);
  for (const comment of text.match(bracketed) ?? []) {
    const rest = withoutAddresses(comment, found);
    for (const name of [rest, ...partsOf(rest.slice(1, -1))]) addName(found.comments, name);
  }
  return found.names.size > 0 ? found : { ...found, names: found.comments };
}

/** What a text without addresses may name somebody by, beside all of it. */
function partsOf(text: string): readonly string[] {
  const parts = text.split(separator);
  return idOfProvider.test(text.trim()) ? parts.slice(-1) : parts;
}

/** A text without the addresses in it, which are added to those that were found. */
function withoutAddresses(text: string, found: Found): string {
  return text.replace(word, (one) => {
    if (!one.includes("@")) return one;
    addAddresses(found, one);
    return " ";
  });
}

type Found = Record<"addresses" | "localParts", Set<string>>;

/** Adds each address that a word holds, with and without what stands around it and may be no part of it. */
function addAddresses({ addresses, localParts }: Found, found: string): void {
  const sides = found.split("@");
  for (const [index, after] of sides.slice(1).entries()) {
    const before = sides[index] ?? "";
    const [domain = ""] = /^[\p{L}\p{N}.\u3002\uff61-]+/u.exec(after) ?? [];
    const [, host = ""] = comparableEmail(`a@${domain.replace(/[.-]$/, "")}`).split("@");
    const near = before.split(/[^\p{L}\p{N}.+_-]/u).at(-1) ?? "";
    for (const side of [before, near.replace(/^[.+_-]+/, "")]) {
      const local = (side.split("+", 1)[0] ?? "").replaceAll(".", "");
      if (local === "") continue;
      if (domain !== "") addresses.add(`${local}@${host}`);
      addName(localParts, local);
    }
  }
}

/** Adds a name, and its words in another order. */
function addName(names: Set<string>, name: string): void {
  const words = name.match(/[\p{L}\p{N}]+/gu) ?? [];
  if (words.length === 0 || words.join("") === "mailto") return;
  names.add(words.join(""));
  names.add([...words].sort().join(""));
}

/** A text of a URL as it is read; where some of it is no escape, those of ASCII characters alone. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text.replace(/%[0-7][\da-f]/gi, (escape) => String.fromCharCode(parseInt(escape.slice(1), 16)));
  }
}

function simplified(given: string): string {
  return unescaped(given.slice(0, longest))
    .normalize("NFKD")
    .replace(/\s/gu, " ")
    .replace(hidden, "")
    .toLowerCase()
    .replace(/["'`\u2018\u2019\u201c\u201d]/g, "")
    .replace(/ ?@ ?/g, "@");
}
