import { hidden } from "./plain-text.js";

/**
 * A value as JSON on one line that reads back as it is: what must not reach a model raw, such as a character that is
 * invisible, is written as an escape.
 */
export function plainJson(value: unknown): string {
  return JSON.stringify(value).replace(hidden, (run) =>
    Array.from(
      { length: run.length },
      (_, at) => `\\u${run.charCodeAt(at).toString(16).padStart(4, "0")}`,
    ).join(""),
  );
}
