import { plainText } from "../content/plain-text.js";
import { readEmailAddress } from "../email-address.js";
import { ToolsetError } from "../errors/toolset-error.js";
import type { UserState } from "../user.js";

/** What somebody's access can be wanted to be. */
export type WantedState = Exclude<UserState, "STATE_UNSPECIFIED">;

/** A line of a list that says who should be in which state. */
export interface ReadableLine {
  /** 1 being the first; in CSV, of the text with its header and blank lines. */
  readonly line: number;
  /** The line as it was given, on one line, bounded and without hidden characters. */
  readonly given: string;
  /** As {@link readEmailAddress} gives it. */
  readonly email: string;
  /** `undefined` where the line gives none. */
  readonly state: WantedState | undefined;
}

/** A line that cannot be read. */
interface MalformedLine extends Pick<ReadableLine, "line" | "given"> {
  readonly why: string;
}

/** One line of a list. */
export type AccessLine = ReadableLine | MalformedLine;

/** The most lines that one list may have. */
const mostLines = 10_000;

/** How much of a line is shown, in UTF-16 code units. */
const longestShown = 254;

/** A list of bare emails. */
export function linesOfEmails(emails: readonly unknown[]): AccessLine[] {
  checkCount("emails", emails.length);
  return emails.map((entry, index) => {
    const line = index + 1;
    if (typeof entry !== "string")
      return { line, given: typeof entry, why: `it is a ${typeof entry}, and no text` };
    const { address, why } = readEmailAddress(entry);
    const given = shownGiven(entry);
    return address === undefined ? { line, given, why } : { line, given, email: address, state: undefined };
  });
}

/**
 * Refuses an empty list, and one too long to be meant.
 *
 * @throws `ToolsetError` `invalid_argument`
 */
export function checkCount(argument: string, count: number): void {
  if (count === 0) {
    throw new ToolsetError(
      "invalid_argument",
      `"${argument}" names nobody. Nothing was sent. Next: give at least one email address.`,
    );
  }
  if (count > mostLines) {
    throw new ToolsetError(
      "invalid_argument",
      `"${argument}" has ${count} lines, and one call takes at most ${mostLines}. Nothing was sent. Next: give the ` +
        `list in parts.`,
    );
  }
}

/** What was given, as it may be shown. */
export function shownGiven(text: string): string {
  return plainText(text, longestShown);
}

/** A text of others inside of a sentence. */
export function quoted(text: string): string {
  return JSON.stringify(plainText(text, 80));
}
