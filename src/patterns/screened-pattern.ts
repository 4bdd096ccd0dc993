import { plainText } from "../content/plain-text.js";
import { isLinearPattern } from "./linear-pattern.js";
import { compiles } from "./parse-pattern.js";

const longestShown = 200;

/**
 * Whether a pattern of somebody else's schema may be run on what a model writes: `usable`, `slow` where it is not
 * known to take time in proportion to the text, or `unreadable` for JavaScript.
 *
 * @param pattern - as JSON Schema has it, for JavaScript's flag `u`
 */
export function screenedPattern(pattern: string): "usable" | "slow" | "unreadable" {
  if (isLinearPattern(pattern)) return "usable";
  return compiles(pattern, "u") ? "slow" : "unreadable";
}

/** A description that tells of a pattern that is left out, so that a model knows it all the same. */
export function describedWith(pattern: string, description: unknown): string {
  const text = typeof description === "string" && description !== "" ? `${description} ` : "";
  return `${text}(It has to match ${plainText(pattern, longestShown)}, which the server checks.)`;
}

/** A pattern as an error shows it. */
export function shownPattern(pattern: string): string {
  return JSON.stringify(plainText(pattern, longestShown));
}
