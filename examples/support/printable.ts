/** A text that others wrote, as it may be put on a terminal: what moves the cursor or reorders text is left out. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ").trim();
}

/** A text of at most so many UTF-16 code units; what is cut off is marked by `…`. */
export function shortened(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
