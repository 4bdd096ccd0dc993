import { fromBase64Url, toBase64Url } from "../base64url.js";

/** What a signed request stands for. */
export interface SignedFacts {
  /** A digest of the account, the action and the person. */
  readonly about: string;
  /** A digest of the person as they were read, and of the reason. */
  readonly state: string;
  /** Names the request; used once. */
  readonly nonce: string;
  /** When it ends, in milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Signs what is asked, so that an answer can be held against it in another process and after a re-run. */
interface Signature {
  sign(facts: SignedFacts): Promise<string>;
  /** What a signed text stands for; `undefined` for one that was not signed with this key. */
  open(token: string): Promise<SignedFacts | undefined>;
}

/** The longest token that is looked at: ours are shorter, and an answer is somebody else's text. */
const longestToken = 1000;

/**
 * HMAC-SHA-256 under a key.
 *
 * @param key - `undefined` for a random one, which ends with the process
 */
export function createSignature(key: string | Uint8Array | undefined): Signature {
  const secret = typeof key === "string" ? new TextEncoder().encode(key) : (key ?? randomBytes(32));
  let imported: Promise<CryptoKey> | undefined;
  const keyOf = () =>
    (imported ??= crypto.subtle.importKey(
      "raw",
      Uint8Array.from(secret),
      { name: "HMAC", hash: "SHA-256" },
      false,
      ["sign", "verify"],
    ));
  return {
    async sign({ about, state, nonce, expiresAt }) {
      const payload = toBase64Url(new TextEncoder().encode(JSON.stringify([about, state, nonce, expiresAt])));
      const mac = await crypto.subtle.sign("HMAC", await keyOf(), new TextEncoder().encode(payload));
      return `${payload}.${toBase64Url(new Uint8Array(mac))}`;
    },
    async open(token) {
      const facts = claimedFacts(token);
      const [payload = "", mac = ""] = token.split(".");
      const bytes = fromBase64Url(mac);
      // One text for one signature: the last letter holds bits that stand for nothing.
      if (facts === undefined || bytes === undefined || toBase64Url(bytes) !== mac) return undefined;
      const text = new TextEncoder().encode(payload);
      return (await crypto.subtle.verify("HMAC", await keyOf(), bytes, text)) ? facts : undefined;
    },
  };
}

/** What a signed text says that it stands for. Whether that is true, only {@link Signature.open} tells. */
export function claimedFacts(token: string): SignedFacts | undefined {
  if (token.length > longestToken) return undefined;
  const payload = fromBase64Url(token.split(".", 1).join(""));
  if (payload === undefined) return undefined;
  try {
    const claimed = JSON.parse(new TextDecoder().decode(payload)) as unknown;
    const [about, state, nonce, expiresAt] = claimed as unknown[];
    const areTexts = [about, state, nonce].every((text) => typeof text === "string");
    return areTexts && typeof expiresAt === "number"
      ? ({ about, state, nonce, expiresAt } as SignedFacts)
      : undefined;
  } catch {
    return undefined;
  }
}

/** A digest to compare by, of 128 bits. */
export async function digest(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return toBase64Url(new Uint8Array(hash).subarray(0, 16));
}

/** A text that nobody else has. */
export function newNonce(): string {
  return toBase64Url(randomBytes(16));
}

function randomBytes(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}
