import { comparableEmail } from "../email-address.js";
import type { User } from "../user.js";

/** What a text names somebody by, all of it without what can be written in several ways. */
interface Names {
  /** Email addresses, without plus-tags and dots before the @. */
  readonly addresses: ReadonlySet<string>;
  /** What stands before the @ of these addresses. */
  readonly localParts: ReadonlySet<string>;
  /** Ids and names, letters and digits alone, in the order that they have and sorted. */
  readonly names: ReadonlySet<string>;
}

/** The longest text that is compared, in UTF-16 code units. */
const longest = 2000;

const hidden = /[\p{C}\p{M}\p{Default_Ignorable_Code_Point}]/gu;
const bracketed = /\([^()]*\)/g;
const word = /[^\s<>()[\],;:|]+/g;

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
  return (
    isShared(one.addresses, other.addresses) ||
    isShared(one.names, other.names) ||
    isShared(one.names, other.localParts) ||
    isShared(one.localParts, other.names)
  );
}

function isShared(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return [...one].some((name) => other.has(name));
}

function namesIn(given: string): Names {
  const text = simplified(given);
  const [addresses, localParts, names] = [new Set<string>(), new Set<string>(), new Set<string>()];
  // A comment may name somebody, and may stand inside of an address.
  for (const form of [text, text.replace(bracketed, "")]) {
    const rest = form.replace(word, (found) => {
      const at = found.indexOf("@");
      if (at === -1) return found;
      const [local = ""] = found.slice(0, at).split("+");
      const [domain = ""] = found.slice(at + 1).split(/[?&=/@]/);
      const [, host = ""] = comparableEmail(`a@${domain.replace(/\.$/, "")}`).split("@");
      addresses.add(`${local.replaceAll(".", "")}@${host}`);
      addName(localParts, local);
      return " ";
    });
    for (const name of [rest, ...rest.split(/[<>()[\],;:|]/)]) addName(names, name);
  }
  return { addresses, localParts, names };
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
