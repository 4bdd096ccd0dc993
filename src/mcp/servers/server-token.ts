import { toBase64Url } from "../../base64url.js";

const tokenPattern = /^[A-Za-z0-9_-]{43}$/;

/** A token for a server's URL: 256 random bits, as base64url. */
export function newServerToken(): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(32)));
}

/** Whether a text may be a token; most that scanners try are none. */
export function isServerToken(text: string): boolean {
  return tokenPattern.test(text);
}
