import { createSecretKey, type KeyObject } from "node:crypto";
import { refuseOption } from "../option-error.js";

/** Characters or bytes of a key that is no mere word. */
const shortestKey = 16;

/**
 * Takes over the key of a log, in a form that nothing prints.
 *
 * @throws `ToolsetError` `invalid_argument` for what is no key
 */
export function sealKey(key: string | Uint8Array | undefined): KeyObject | undefined {
  if (key === undefined) return undefined;
  if (typeof key !== "string" && !((key as unknown) instanceof Uint8Array)) {
    throw refuseOption("key", "is neither a text nor bytes", fix);
  }
  if (key.length === 0) throw refuseOption("key", "is empty", fix);
  // Never with its value, nor with how long it is.
  if (key.length < shortestKey) throw refuseOption("key", "is too short to be safe", fix);
  return createSecretKey(Buffer.from(key));
}

const fix = "Give 32 random bytes or as much text, or leave it out.";
