/** So many characters of a secret on end are taken out, even where an echo was cut off or begins elsewhere. */
const pieceLength = 8;

/** A very short "secret" would blank out ordinary words and protect nothing. */
const shortestSecret = 4;

/** What is looked for, by length, the longest first. */
type Pieces = ReadonlyMap<number, ReadonlySet<string>>;

/** Worked out once for each list of secrets; a token's list lives as long as the token. */
const piecesOfList = new WeakMap<readonly string[], Pieces>();

/**
 * Takes secrets out of a text that a server wrote, in each form that an echo may have: plain,
 * percent-encoded, form-encoded, base64 and JSON-escaped, whole or in part.
 */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  if (text === "" || secrets.length === 0) return text;
  const pieces = piecesOfList.get(secrets) ?? remember(secrets);
  const folded = fold(text);
  let clean = "";
  let hiddenTo = 0;
  for (let at = 0; at < text.length; at += 1) {
    const end = endOfPiece(folded, at, pieces);
    if (end <= hiddenTo) continue;
    if (at > hiddenTo || hiddenTo === 0) clean += `${text.slice(hiddenTo, at)}[secret]`;
    hiddenTo = end;
  }
  return clean + text.slice(hiddenTo);
}

/** Base64 of a text's UTF-8 bytes. */
export function base64(text: string): string {
  return base64OfBytes(new TextEncoder().encode(text));
}

/** Where the longest piece ends that begins here; 0 where none does. */
function endOfPiece(folded: string, at: number, pieces: Pieces): number {
  for (const [length, known] of pieces) {
    if (known.has(folded.slice(at, at + length))) return at + length;
  }
  return 0;
}

function remember(secrets: readonly string[]): Pieces {
  const pieces = new Map<number, Set<string>>();
  for (const secret of secrets) {
    if (secret.length < shortestSecret) continue;
    for (const form of formsOf(secret)) {
      const folded = fold(form);
      const length = Math.min(pieceLength, folded.length);
      const known = pieces.get(length) ?? new Set<string>();
      for (let at = 0; at + length <= folded.length; at += 1) known.add(folded.slice(at, at + length));
      pieces.set(length, known);
    }
  }
  const longestFirst = new Map([...pieces].sort(([a], [b]) => b - a));
  piecesOfList.set(secrets, longestFirst);
  return longestFirst;
}

/** Brings together what writers of one form differ in, length for length: case, and base64's two alphabets. */
function fold(text: string): string {
  return text
    .replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
    .replaceAll("-", "+")
    .replaceAll("_", "/");
}

function formsOf(secret: string): string[] {
  const bytes = new TextEncoder().encode(secret);
  // Half a character is in no encoded form, and encodeURIComponent would throw.
  const text = new TextDecoder().decode(bytes);
  const percent = encodeURIComponent(text);
  const throughout = percent.replace(/[-_.!~*'()]/g, (sign) => `%${hex(sign, 2)}`);
  const json = JSON.stringify(text).slice(1, -1);
  const forms = [
    secret,
    percent,
    percent.replaceAll("%20", "+"),
    throughout,
    throughout.replaceAll("%20", "+"),
    new URLSearchParams([["", text]]).toString().slice(1),
    json,
    json.replace(/[^ -~]/g, (unit) => `\\u${hex(unit, 4)}`),
    JSON.stringify(json).slice(1, -1),
    base64OfBytes(bytes),
    base64OfBytes(bytes).replace(/={1,2}$/, ""),
    base64Behind(1, bytes),
    base64Behind(2, bytes),
  ];
  return forms.filter(({ length }) => length >= shortestSecret);
}

/** The base64 of a secret inside of a longer text's, such as a whole header's: what the secret alone decides. */
function base64Behind(before: number, bytes: Uint8Array): string {
  const longer = new Uint8Array(before + bytes.length);
  longer.set(bytes, before);
  return base64OfBytes(longer).slice(before + 1, Math.floor((longer.length * 4) / 3));
}

function base64OfBytes(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

function hex(character: string, digits: number): string {
  return character.charCodeAt(0).toString(16).padStart(digits, "0");
}
