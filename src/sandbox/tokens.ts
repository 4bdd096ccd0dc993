import { randomBytes } from "node:crypto";
import { now } from "./clock.js";

/** The access tokens that are out. */
export interface Tokens {
  issue(): { accessToken: string; expiresInS: number };
  isValid(token: string): boolean;
  revoke(token: string): void;
}

/**
 * Keeps opaque tokens.
 *
 * @param ttlS how long each lives, in seconds; `expires_in` is rounded up
 * @param onIssue hears of each before anybody else does, to keep it out of the log
 */
export function createTokens(ttlS: number, onIssue: (token: string) => void): Tokens {
  const expiries = new Map<string, number>();
  return {
    issue: () => {
      const accessToken = randomBytes(33).toString("base64");
      onIssue(accessToken);
      expiries.set(accessToken, now() + ttlS * 1000);
      return { accessToken, expiresInS: Math.ceil(ttlS) };
    },
    isValid: (token) => now() < (expiries.get(token) ?? 0),
    revoke: (token) => {
      expiries.delete(token);
    },
  };
}
