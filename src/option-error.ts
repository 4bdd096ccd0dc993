import { ToolsetError } from "./errors/toolset-error.js";
import { nearestName } from "./nearest-name.js";

/** How much of a text is shown, in UTF-16 code units. */
const longestShown = 80;

/** The error for an option that does not fit: what is wrong with it, then how to mend it. */
export function refuseOption(option: string, what: string, fix: string): ToolsetError {
  return new ToolsetError("invalid_argument", `"${option}" ${what}. ${fix}`);
}

/**
 * Refuses what is no object of options, and options that are not known: a misspelt one must not be left out in
 * silence.
 *
 * @param owner - whose options they are, for the error
 * @throws {@link ToolsetError} `invalid_argument` naming the first of them, and the option that it is near to
 */
export function refuseUnknownOptions(options: unknown, known: readonly string[], owner: string): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    const what = `takes an object of options, and was given ${shownOption(options)}`;
    throw refuseOption(owner, what, `There are: ${known.join(", ")}.`);
  }
  // What a Map or a getter of a class holds would be looked for nowhere.
  if (Object.keys(options).length === 0 && !isPlain(options)) {
    throw refuseOption(
      owner,
      "takes a plain object of options, and was given another kind of object",
      `There are: ${known.join(", ")}.`,
    );
  }
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) throw unknownOption(name, known, owner);
  }
}

function isPlain(options: object): boolean {
  const prototype = Object.getPrototypeOf(options) as object | null;
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** The error for a name that is none of the known ones. */
export function unknownOption(name: string, known: readonly string[], owner: string): ToolsetError {
  const near = nearestName(name, known);
  return refuseOption(
    name.slice(0, longestShown),
    `is not an option of ${owner}`,
    `${near === undefined ? "" : `Did you mean "${near}"? `}There are: ${known.join(", ")}.`,
  );
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
  if (typeof value === "string") return JSON.stringify(value.slice(0, longestShown));
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" && value !== null ? "an object" : String(value);
}
