import { comparableEmail } from "../email-address.js";
import { unicodeDomain } from "./punycode.js";

/** Letters of other scripts that look like Latin ones, behind the Latin letter. */
const lookAlikes: Readonly<Record<string, string>> = {
  a: "аα",
  b: "вβ",
  c: "сϲ",
  d: "ԁ",
  e: "еє",
  g: "ɡ",
  h: "нһ",
  i: "1lіıιӏ",
  j: "ј",
  k: "кκ",
  m: "мм",
  n: "ոη",
  o: "0оοօ",
  p: "рρ",
  q: "ԛ",
  s: "ѕ",
  t: "тτ",
  u: "υս",
  v: "ν",
  w: "ԝω",
  x: "хχ",
  y: "уүγ",
};

const latin = new Map(
  Object.entries(lookAlikes).flatMap(([letter, others]) => Array.from(others, (other) => [other, letter])),
);

/**
 * What addresses have in common that a person could take for one another: without plus-tags, dots and hyphens of the
 * part before the @, accents, and the differences between look-alike letters, `ß` and `ss`, `googlemail.com` and
 * `gmail.com`. Only for showing candidates, never for acting on one.
 */
export function nearEmail(email: string): string {
  const comparable = comparableEmail(email);
  const at = comparable.lastIndexOf("@");
  const [local = ""] = comparable.slice(0, Math.max(at, 0)).split("+");
  const domain = unicodeDomain(comparable.slice(at + 1)).replace(/^googlemail\.com$/, "gmail.com");
  return `${looks(local.replace(/["'\u2019._ -]/g, ""))}@${looks(domain)}`;
}

/** A text by how it looks: transcribed, without accents, each letter as the Latin one that it looks like. */
function looks(text: string): string {
  const isAscii = /^[ -~]*$/.test(text);
  const plain = isAscii ? text : text.normalize("NFKD").toLowerCase().replace(/\p{M}/gu, "");
  const letters = plain.replace(/[10l]|[^ -~]/gu, (letter) => latin.get(letter) ?? letter);
  return letters
    .replaceAll("ß", "ss")
    .replaceAll("rn", "m")
    .replace(/([aou])e/g, "$1");
}
