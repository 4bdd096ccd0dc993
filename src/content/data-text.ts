import { withinDepth } from "./bounded-depth.js";
import { plainText } from "./plain-text.js";

/** The longest answer of an unknown shape that a model is shown, in UTF-16 code units. */
const longestAnswer = 20_000;

/** The longest text within such an answer. */
const longestValue = 2000;

/** Data of an unknown shape as a model reads them: JSON, plain and bounded, whatever is in them. */
export function dataText(data: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(withinDepth(data), plainValue);
  } catch {
    // A getter or a `toJSON` of somebody else's may throw anything.
    return "Done; the answer cannot be shown.";
  }
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- what comes of a server is of any type
  if (text === undefined) return "Done; there is nothing to show.";
  if (text.length <= longestAnswer) return text;
  return `${text.slice(0, longestAnswer)}… (cut off: ${text.length} characters in all; ask for less)`;
}

function plainValue(_name: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  return typeof value === "string" ? plainText(value, longestValue) : value;
}
