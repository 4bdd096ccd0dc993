/** The longest header that is looked at; a longer one means nothing that is known. */
const maxHeaderLength = 200;

/** What a header is folded to where it is too long to be one: a word that no list holds. */
const tooLong = ["\u2026"];

/** Letters that Unicode does not take apart into a plain letter and a mark. */
const plainLetters: Readonly<Record<string, string>> = {
  ß: "ss",
  ł: "l",
  ø: "o",
  æ: "ae",
  œ: "oe",
  đ: "d",
};

/**
 * The words of a column's header, in lower case and without accents: `accountEnabled`, `ACCOUNT_ENABLED` and
 * `Account enabled` are the same two. Numbers are words of their own.
 */
export function headerWords(header: string): readonly string[] {
  if (header.length > maxHeaderLength) return tooLong;
  const spaced = header
    .normalize("NFKC")
    .replace(/1password/giu, " onepassword ")
    .replace(/(\p{Ll})(?=\p{Lu})/gu, "$1 ")
    .replace(/(\p{Lu})(?=\p{Lu}\p{Ll})/gu, "$1 ")
    .replace(/(\p{L})(?=\p{N})/gu, "$1 ")
    .replace(/(\p{N})(?=\p{L})/gu, "$1 ");
  const words = folded(spaced)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
  return words.flatMap((word, index) => {
    if (word === "e" && isRestOfEmail(words[index + 1])) return [];
    return words[index - 1] === "e" && isRestOfEmail(word) ? [`e${word}`] : [word];
  });
}

/** In lower case, without accents and invisible characters; full-width forms become plain ones. */
export function folded(text: string): string {
  return text
    .normalize("NFKC")
    .replace(/\p{Cf}/gu, "")
    .toLowerCase()
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/[ßłøæœđ]/gu, (letter) => plainLetters[letter] ?? letter);
}

/** The words of a list that is written with blanks between them, folded as headers are. */
export function wordSet(words: string): ReadonlySet<string> {
  return new Set(folded(words).trim().split(/\s+/u));
}

/** The shortest part of a compound in Latin letters: shorter ones are found in words that mean something else. */
const minPartLength = 3;

/**
 * The known words that a word is put together from, such as `account` and `status`; `undefined` where any of it is
 * not known.
 */
export function partsOf(word: string, known: ReadonlySet<string>): readonly string[] | undefined {
  if (known.has(word)) return [word];
  const parts = [...known].filter((part) => word.includes(part) && isPart(part));
  const endings: (readonly string[] | undefined)[] = [[]];
  for (let end = 1; end <= word.length; end += 1) {
    for (const part of parts) {
      const before = endings[end - part.length];
      if (before === undefined || !word.startsWith(part, end - part.length)) continue;
      endings[end] = [...before, part];
      break;
    }
  }
  return endings[word.length];
}

function isPart(word: string): boolean {
  return word.length >= minPartLength || !/^[a-z0-9]+$/.test(word);
}

function isRestOfEmail(word: string | undefined): boolean {
  return word !== undefined && /^(?:mail|post|メール)/u.test(word);
}
