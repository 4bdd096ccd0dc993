/**
 * What must never reach a model raw: control characters, and those that are invisible or reorder what
 * stands around them (zero-width, bidirectional, tags, variation selectors, lone surrogates).
 */
export const hidden = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]+/gu;

/**
 * A text that others wrote, made safe to show to a model: one line, nothing invisible, bounded.
 *
 * @param maxLength - in UTF-16 code units; what is cut off is marked by `…`
 */
export function plainText(text: string, maxLength: number): string {
  // Cut first: a profile of 100 kB must not cost 100 kB of work for each row that shows it.
  const bounded = text.slice(0, maxLength * 4);
  const line = bounded.replace(hidden, " ").replace(/\s+/gu, " ").trim();
  if (line.length <= maxLength) return line;
  return `${line.slice(0, maxLength - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}
