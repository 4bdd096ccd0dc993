/**
 * The longest text that a model reads of one call, in UTF-16 code units: a page of 1,000 people takes some 120,000.
 */
export const longestText = 200_000;

/** The longest text of an error, in UTF-16 code units: one that recommends a search for 100 emails takes some 4,000. */
export const longestErrorText = 20_000;

/** How much of the end is kept, where a text is cut: cursors and advice stand there. */
const keptEnd = 6000;

/** A text within {@link longestText}: where it is longer, its middle is left out, and the text says so. */
export function boundedText(text: string): string {
  return within(longestText, text, "; ask for less at once");
}

/** The text of an error within {@link longestErrorText}, in the same way. */
export function boundedErrorText(text: string): string {
  return within(longestErrorText, text, "");
}

function within(longest: number, text: string, advice: string): string {
  if (text.length <= longest) return text;
  const end = text.slice(-keptEnd).replace(/^[\udc00-\udfff]/, "");
  const start = text.slice(0, longest - keptEnd - 200).replace(/[\ud800-\udbff]$/, "");
  const left = text.length - start.length - end.length;
  return `${start}\n… (${left} of ${text.length} characters are left out here${advice}) …\n${end}`;
}
