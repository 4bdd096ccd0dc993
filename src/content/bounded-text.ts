/**
 * The longest text that a model reads of one call, in UTF-16 code units: a page of 1,000 people takes some 120,000.
 */
export const longestText = 200_000;

/** How much of the end is kept, where a text is cut: cursors and advice stand there. */
const keptEnd = 6000;

/** A text within {@link longestText}: where it is longer, its middle is left out, and the text says so. */
export function boundedText(text: string): string {
  if (text.length <= longestText) return text;
  const end = text.slice(-keptEnd);
  const start = text.slice(0, longestText - keptEnd - 200);
  const left = text.length - start.length - end.length;
  return `${start}\n… (${left} of ${text.length} characters are left out here; ask for less at once) …\n${end}`;
}
