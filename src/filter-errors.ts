import type { ToolDescriptor } from "./descriptor.js";
import { ToolsetError } from "./errors/toolset-error.js";
import { knownWords } from "./filter.js";

/** The error for words of a filter that nobody goes by, which lists those that are known. */
export function unknownWordError(
  descriptors: readonly ToolDescriptor[],
  words: readonly string[],
): ToolsetError {
  const { methods, tags } = knownWords(descriptors);
  return new ToolsetError(
    "invalid_argument",
    `The filter holds ${quoted(words)}, which no tool here goes by. Methods: ${quoted(methods)}. ` +
      `Tags: ${tags.length === 0 ? "none" : quoted(tags)}.`,
  );
}

/** The error for a filter that selects nothing but tools that a manager which only reads does not offer. */
export function onlyWritesError(selected: readonly ToolDescriptor[]): ToolsetError {
  return new ToolsetError(
    "read_only",
    `The filter selects only tools that change people (${selected.map(({ name }) => name).join(", ")}), and this ` +
      `manager is read-only. Take "readOnly" and OP_READ_ONLY away, or ask for reads.`,
  );
}

function quoted(words: readonly string[]): string {
  return words.map((word) => `"${word}"`).join(", ");
}
