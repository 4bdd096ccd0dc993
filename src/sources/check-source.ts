import { refuseOption, shownOption } from "../option-error.js";
import type { ToolSource } from "./source.js";

const fix = "Give usersApi({ ... }) or truto({ ... }), or an object with key, list and call.";
const needed = ["list", "call"] as const satisfies readonly (keyof ToolSource)[];
const possible = ["readUser", "readUsers", "close"] as const satisfies readonly (keyof ToolSource)[];

/**
 * Checks the option `source`, where it is given: what is none would only show at the first call.
 *
 * @throws {@link ToolsetError} `invalid_argument` saying what is missing
 */
export function checkSource(source: unknown): void {
  if (source === undefined) return;
  if (typeof source !== "object" || source === null) {
    throw refuseOption("source", `is ${shownOption(source)}, which is no source`, fix);
  }
  const given = source as Readonly<Partial<Record<keyof ToolSource, unknown>>>;
  if (typeof given.key !== "string" || given.key === "") {
    throw refuseOption("source", `is no source: it has no "key"`, fix);
  }
  const missing = needed.find((name) => typeof given[name] !== "function");
  if (missing !== undefined) throw refuseOption("source", `is no source: it has no "${missing}"`, fix);
  const wrong = possible.find((name) => given[name] !== undefined && typeof given[name] !== "function");
  if (wrong !== undefined)
    throw refuseOption(`source.${wrong}`, "is no function", "Leave it out, or give one.");
}
