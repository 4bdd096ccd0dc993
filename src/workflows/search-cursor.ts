import { toBase64Url } from "../base64url.js";
import { plainText } from "../content/plain-text.js";
import { ToolsetError } from "../errors/toolset-error.js";
import { shortHash } from "../openapi/portable-name.js";

/** Where a search goes on, and what is known of the matches before that place. */
export interface SearchPlace {
  /** The page to begin with, by the directory's own cursor; `null` for the first one. */
  readonly page: string | null;
  /** The {@link userMark} of the last match that was given; they are on that page. `null` to begin with its first user. */
  readonly after: string | null;
  /** How many matches stand before this place. */
  readonly earlier: number;
  /** How many match in all; `null` where not every page has been read. */
  readonly total: number | null;
  /** Whether the page is one of those that the server narrowed by email. */
  readonly byEmail: boolean;
}

/** The longest cursor that a search takes, in UTF-16 code units. */
export const longestCursor = 4000;

/** Where a search without a cursor begins. */
export const firstPlace: SearchPlace = { page: null, after: null, earlier: 0, total: null, byEmail: false };

/**
 * A place as the text that goes back to a caller; `null` where it would be longer than a search takes. Its last part is a digest of all else and of the search, so that a
 * cursor that was changed, or that belongs to another search, is found out before anything is sent.
 *
 * @param search - what the search looks for and where, as JSON takes it
 */
export async function searchCursor(place: SearchPlace, search: unknown): Promise<string | null> {
  const { page, after, earlier, total, byEmail } = place;
  const parts = [earlier, total ?? "", byEmail ? "email" : "", after ?? "", page ?? ""];
  // Half a character has no percent-encoding.
  const encoded = parts.map((part) => encodeURIComponent(String(part).replace(/\p{Cs}/gu, "\ufffd")));
  const text = encoded.join(":");
  const cursor = `${text}:${await digestOf([search, text])}`;
  return cursor.length > longestCursor ? null : cursor;
}

/**
 * The place that a cursor stands for.
 *
 * @throws `ToolsetError` `invalid_argument` for a text that {@link searchCursor} did not make for this search
 */
export async function placeOf(cursor: string, search: unknown): Promise<SearchPlace> {
  const end = cursor.lastIndexOf(":");
  const text = cursor.slice(0, Math.max(end, 0));
  if (cursor.slice(end + 1) !== (await digestOf([search, text]))) throw cursorRefusal(cursor);
  const [earlier = "", total = "", byEmail = "", after = "", page = ""] = text
    .split(":")
    .map(decodeURIComponent);
  return {
    page: page === "" ? null : page,
    after: after === "" ? null : after,
    earlier: Number(earlier),
    total: total === "" ? null : Number(total),
    byEmail: byEmail !== "",
  };
}

/** What stands for a user in a cursor: an id would make it twice as long for a model to read and to write. */
export function userMark(id: string): string {
  return shortHash(id);
}

function cursorRefusal(cursor: string): ToolsetError {
  return new ToolsetError(
    "invalid_argument",
    `"cursor" is ${JSON.stringify(plainText(cursor, 120))}, which this search did not give: a cursor goes back ` +
      `character for character, with the same criteria. Nothing was sent. Next: leave cursor out to start from the ` +
      `beginning.`,
    { unsent: true },
  );
}

/**
 * The refusal of a cursor whose page has changed since.
 *
 * @param cursor - as it was given
 */
export function staleCursor(cursor: string): ToolsetError {
  return new ToolsetError(
    "invalid_argument",
    `"cursor" is ${JSON.stringify(plainText(cursor, 120))}, and the account has changed since it was given: the last ` +
      `user shown is no longer at that place, so that somebody could be left out or shown twice. Next: leave cursor ` +
      `out to start from the beginning.`,
  );
}

/** 48 bits: enough to find out a slip, and a cursor opens nothing to anybody who makes one up. */
async function digestOf(facts: unknown): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(facts));
  return toBase64Url(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).slice(0, 6));
}
