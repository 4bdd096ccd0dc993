import { plainText } from "./plain-text.js";

/** The longest email address that SMTP carries (RFC 5321, 4.5.3.1.3, less its brackets). */
const longestEmail = 254;

/** What addresses without quotes consist of: nothing that ends a sentence's own brackets, or begins another person. */
const plainAddress = /^[\p{L}\p{M}\p{N}.!#$%&'*+/=?^_{|}~-]+@[\p{L}\p{M}\p{N}.-]+$/u;

const plainWord = /^[\p{L}\p{N}_.:+-]+$/u;

/**
 * An email as a sentence shows it. A directory's email may hold any text, brackets and whole sentences included, so
 * whatever consists of more than an address's plain characters stands in quotes, as names do.
 */
export function shownEmail(email: string): string {
  const text = plainText(email, longestEmail);
  return plainAddress.test(text) ? text : JSON.stringify(text);
}

/** An id, a state or a time of a directory, as a sentence shows it: in quotes where it is more than one word. */
export function shownWord(text: string): string {
  const word = plainText(text, 40);
  return plainWord.test(word) ? word : JSON.stringify(word);
}
