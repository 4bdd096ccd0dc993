import { plainText } from "../content/plain-text.js";
import { isToolsetError } from "../errors/toolset-error.js";
import { withoutSecrets } from "./secrets.js";

/** So far down a chain of causes is followed: `fetch failed`, what failed, and why. */
const deepest = 4;

const longestMessage = 500;

/**
 * What is underneath an error, as far as it may be shown: a copy with name, code, message and stack, and the
 * same of its own causes. The error itself is not kept. Undici's parser puts the raw answer on its errors, and
 * whoever wraps `fetch` may put the whole request there, credentials and all.
 *
 * @param secrets - what must not be in it
 */
export function shownCause(thrown: unknown, secrets: readonly string[], depth = 1): Error {
  if (isToolsetError(thrown)) return thrown;
  const clean = (text: unknown) => (typeof text === "string" ? withoutSecrets(text, secrets) : "");
  const { name, message, stack, cause } = fieldsOf(thrown);
  const shown = new Error(plainText(clean(message), longestMessage));
  const frames = clean(stack)
    .split("\n")
    .filter((line) => /^ +at /.test(line));
  const code = systemCode(thrown, secrets);
  hide(shown, "name", typeof name === "string" && /^[A-Z][A-Za-z]{1,39}$/.test(name) ? name : "Error");
  hide(shown, "stack", [String(shown), ...frames.slice(0, 20)].join("\n"));
  if (cause !== undefined && depth < deepest) hide(shown, "cause", shownCause(cause, secrets, depth + 1));
  return code === null ? shown : Object.assign(shown, { code });
}

/** The word that a system names a failure by, such as `ECONNREFUSED`, of an error or of its cause. */
export function systemCode(thrown: unknown, secrets: readonly string[]): string | null {
  const { cause, code } = fieldsOf(thrown);
  const found = [fieldsOf(cause).code, code].find((each) => typeof each === "string");
  return typeof found === "string" && /^[A-Z][A-Z0-9_]{1,39}$/.test(found)
    ? withoutSecrets(found, secrets)
    : null;
}

/** The fields of whatever was thrown; what is no error is its own message. */
function fieldsOf(
  thrown: unknown,
): Partial<Record<"name" | "message" | "stack" | "cause" | "code", unknown>> {
  return typeof thrown === "object" && thrown !== null ? thrown : { message: thrown };
}

/** Sets a field as an error has it: not enumerable. */
function hide(error: Error, field: string, value: unknown): void {
  Object.defineProperty(error, field, { value, configurable: true, writable: true });
}
