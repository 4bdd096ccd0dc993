import { ToolsetError } from "./errors/toolset-error.js";

/** The error for an option that does not fit: what is wrong with it, then how to mend it. */
export function refuseOption(option: string, what: string, fix: string): ToolsetError {
  return new ToolsetError("invalid_argument", `"${option}" ${what}. ${fix}`);
}

/**
 * Refuses options that nobody knows: a misspelt one must not be left out in silence.
 *
 * @param owner - whose options they are, for the error
 * @throws {@link ToolsetError} `invalid_argument` naming the first of them
 */
export function refuseUnknownOptions(options: object, known: readonly string[], owner: string): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    throw refuseOption(name, `is not an option of ${owner}`, `There are: ${known.join(", ")}.`);
  }
}

/**
 * Checks an option that is one of several values, where it is given.
 *
 * @throws {@link ToolsetError} `invalid_argument` naming the option
 */
export function checkOneOf(option: string, value: unknown, allowed: readonly unknown[]): void {
  if (value === undefined || allowed.includes(value)) return;
  const listed = allowed.map((one) => JSON.stringify(one)).join(", ");
  throw refuseOption(option, `is ${shownOption(value)}`, `It is one of ${listed}.`);
}

/** What was given for an option, as an error shows it: never more than a glimpse. */
export function shownOption(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 80));
  if (typeof value === "function") return "a function";
  return typeof value === "object" && value !== null ? "an object" : String(value);
}
