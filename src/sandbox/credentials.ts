import { alphanumeric, base32, randomFrom } from "./random.js";

/** What opens the sandbox's one account, through either API. */
export interface SandboxCredentials {
  /** 26 of A to Z and 2 to 7. */
  readonly accountId: string;
  /** The OAuth client of the Users API. */
  readonly clientId: string;
  readonly clientSecret: string;
  /** The Bearer key of Truto's API. */
  readonly trutoApiKey: string;
  /** Truto's name for the account, a UUID. */
  readonly integratedAccountId: string;
}

/** The credentials that belong to a seed: always the same, and worth nothing outside the sandbox. */
export function credentialsFrom(seed: number): SandboxCredentials {
  const random = randomFrom(seed, "credentials");
  const word = (length: number) => random.text(alphanumeric, length);
  const hex = (length: number) => random.text("0123456789abcdef", length);
  return {
    accountId: random.text(base32, 26),
    // Both halves change when they are form-encoded, as RFC 6749 section 2.3.1 asks: a client that sends
    // them as they are is refused here, where a plain pair of words would let its mistake through.
    clientId: `sandbox+client/${word(16)}`,
    clientSecret: `${word(8)}:${word(8)}%${word(8)}+${word(8)} ${word(8)}/${word(8)}`,
    trutoApiKey: word(40),
    integratedAccountId: `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`,
  };
}
