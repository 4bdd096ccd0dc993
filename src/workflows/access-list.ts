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
  /** Whether only a blank cell says the state, such as that of a termination date. */
  readonly isByBlank?: boolean;
}

/** A line that cannot be read. */
interface MalformedLine extends Pick<ReadableLine, "line" | "given"> {
  readonly why: string;
  /** The addresses in it, where these can be read: what other lines say of them is not sure either. */
  readonly emails?: readonly string[];
}

/** One line of a list. */
export type AccessLine = ReadableLine | MalformedLine;

/** Why a list cannot be used, and what to do about it. */
export interface ListProblem {
  readonly what: string;
  readonly next: string;
  /** How wide the line is that was taken for a header. */
  readonly width?: number;
  /** Whether `what` is a whole clause, and not about the text. */
  readonly isWhole?: boolean;
}

/** Which of a CSV text's columns were read as what, by their headers. */
export interface ReadColumns {
  /** The people's own addresses. */
  readonly email: string;
  /** Which state each should be in. */
  readonly states: readonly string[];
  /** Those that could say a state and were not understood: because of them `fix` is refused. */
  readonly unread: readonly string[];
}

/** A list as it was read. */
export interface AccessList {
  readonly lines: readonly AccessLine[];
  /** Whether it says which states people should be in; a line that does not is then one that cannot be read. */
  readonly saysStates: boolean;
  /** Left out for a list without a header. */
  readonly columns?: ReadColumns;
  /** What is not understood of it: because of that nobody may be changed by it. */
  readonly obstacles: readonly ListProblem[];
}

/** The most lines that one list may have. */
export const mostLines = 10_000;

/** How much of a line is shown, in UTF-16 code units. */
const longestShown = 254;

/** Reads a list of bare emails. */
export function listOfEmails(emails: readonly unknown[]): AccessList {
  checkCount("emails", emails.length);
  const lines = emails.map((entry, index): AccessLine => {
    const line = index + 1;
    if (typeof entry !== "string")
      return { line, given: typeof entry, why: `it is a ${typeof entry}, and no text` };
    const { address, why } = readEmailAddress(entry);
    const given = shownGiven(entry);
    return address === undefined ? { line, given, why } : { line, given, email: address, state: undefined };
  });
  return { lines, saysStates: false, obstacles: [] };
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

/** What was given in place of something else, as an error shows it. */
export function shownValue(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(plainText(value, 120));
  return value === null ? "null" : Array.isArray(value) ? "a list" : typeof value;
}

/** The error for options that do not fit, before anything is sent. */
export function refuseList(what: string, next: string): ToolsetError {
  return new ToolsetError("invalid_argument", `${what}. Nothing was sent. Next: ${next}.`);
}
