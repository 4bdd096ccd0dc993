import type { ToolDescriptor } from "./descriptor.js";
import { ToolsetError } from "./errors/toolset-error.js";
import { nearestName } from "./nearest-name.js";

/**
 * Which tools to take. Both conditions must hold; within one, any word is enough. A part that is given as `undefined`
 * is refused: only what is left out selects every tool.
 */
export interface ToolFilter {
  /** `read`, `write` (by kind), `custom` (other verbs than the five standard ones), or a verb itself. */
  readonly methods?: readonly string[];
  /** Free words, such as `directory`. */
  readonly tags?: readonly string[];
}

/** The verbs that every resource may have; any other is `custom`. */
export const standardMethods: readonly string[] = ["list", "get", "create", "update", "delete"];

const groupWords: readonly string[] = ["read", "write", "custom"];

/**
 * The descriptors that a filter selects.
 *
 * @throws {@link ToolsetError} `invalid_argument` for a filter that is not made of lists of words, and for an
 * empty list: a slip in a safety filter must neither widen it nor empty it in silence
 */
export function selectDescriptors<D extends ToolDescriptor>(
  descriptors: readonly D[],
  filter: ToolFilter,
): D[] {
  checkKeys(filter);
  const { methods, tags } = filter;
  checkWords("methods", methods);
  checkWords("tags", tags);
  return descriptors.filter(
    (descriptor) =>
      (methods === undefined || methods.some((word) => hasMethod(descriptor, word))) &&
      (tags === undefined || tags.some((word) => descriptor.tags.includes(word))),
  );
}

/** The words of a filter that mean nothing to any of the descriptors, so that somebody mistyped them. */
export function unknownWords(descriptors: readonly ToolDescriptor[], filter: ToolFilter): string[] {
  const { methods, tags } = knownWords(descriptors);
  return [
    ...(filter.methods ?? []).filter((word) => !methods.includes(word)),
    ...(filter.tags ?? []).filter((word) => !tags.includes(word)),
  ];
}

function hasMethod({ method, kind }: ToolDescriptor, word: string): boolean {
  if (word === "read" || word === "write") return kind === word;
  if (word === "custom") return !standardMethods.includes(method);
  return method === word;
}

/** The words that a filter of these tools may hold. */
export function knownWords(descriptors: readonly ToolDescriptor[]): { methods: string[]; tags: string[] } {
  return {
    methods: [...new Set([...groupWords, ...standardMethods, ...descriptors.map(({ method }) => method)])],
    tags: [...new Set(descriptors.flatMap((descriptor) => descriptor.tags))],
  };
}

/**
 * Checks the filter that somebody gave, before any of it is left out: a part that is there and `undefined` comes of a
 * slip, and would select more tools than was meant.
 *
 * @throws {@link ToolsetError} `invalid_argument`
 */
export function checkGivenFilter(filter: unknown): void {
  checkKeys(filter);
  for (const [option, words] of Object.entries(filter as object)) {
    if (words === undefined) throw notWords(option, "is undefined");
  }
}

function checkKeys(filter: unknown): void {
  const isObject = typeof filter === "object" && filter !== null && !Array.isArray(filter);
  const wrong = isObject ? Object.keys(filter).find((key) => key !== "methods" && key !== "tags") : "filter";
  if (wrong === undefined) return;
  const near = nearestName(wrong, ["methods", "tags"]);
  const hint = near === undefined ? "" : `Did you mean "${near}"? `;
  throw new ToolsetError(
    "invalid_argument",
    isObject
      ? `"${wrong.slice(0, 80)}" is not a part of a filter, and leaving it out would select more tools than was meant. ${hint}Give "methods" and "tags".`
      : `The filter is not an object. Give one such as { "methods": ["read"] }, or none for every tool.`,
  );
}

function checkWords(option: string, words: unknown): void {
  if (words === undefined) return;
  if (!Array.isArray(words) || words.length === 0 || !words.every((word) => typeof word === "string")) {
    throw notWords(option, "is not a list of words with at least one in it");
  }
}

function notWords(option: string, what: string): ToolsetError {
  return new ToolsetError(
    "invalid_argument",
    `"${option}" of the filter ${what}. Give one such as ["read"], or leave it out for every tool.`,
  );
}
