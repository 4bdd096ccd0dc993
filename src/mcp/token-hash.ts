import { toBase64Url } from "../base64url.js";

/**
 * What a token is known by: its SHA-256, as base64url. Nothing slower is needed, because nobody guesses that many
 * random bits, nor gets back from the hash to them.
 */
export async function hashOfToken(token: string): Promise<string> {
  return toBase64Url(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token))));
}

/**
 * Whether two hashes are the same, in a time that does not tell how much of them is.
 *
 * @param one - of a length that is no secret
 */
export function isSameHash(one: string, other: string): boolean {
  let difference = one.length ^ other.length;
  for (let at = 0; at < one.length; at += 1) difference |= one.charCodeAt(at) ^ other.charCodeAt(at);
  return difference === 0;
}
