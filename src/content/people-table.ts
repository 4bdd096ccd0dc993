import type { User } from "../user.js";
import { plainText } from "./plain-text.js";

const columns = ["id", "email", "display_name", "state", "create_time"] as const;

/** The longest email address that SMTP carries (RFC 5321, 4.5.3.1.3, less its brackets). */
const longestEmail = 254;
const longestName = 80;
const longestOther = 40;

/** What a model reads of a person: nothing invisible, nothing endless, and no `path`, which repeats the id. */
export type ShownUser = Record<(typeof columns)[number], string>;

/** Prepares a person for a model. */
export function shownUser(user: User): ShownUser {
  return {
    id: shown(user.id, longestOther),
    email: shown(user.email, longestEmail),
    display_name: shown(user.display_name, longestName),
    state: shown(user.state, longestOther),
    create_time: shown(user.create_time, longestOther),
  };
}

/**
 * People as rows under one header line: less than half of the tokens of the same people as JSON.
 *
 * @see https://www.rfc-editor.org/rfc/rfc4180 for the quoting
 */
export function peopleTable(users: readonly User[]): string {
  const rows = users.map((user) => {
    const person = shownUser(user);
    return columns.map((column) => quotedField(person[column])).join(",");
  });
  return [columns.join(","), ...rows].join("\n");
}

function shown(value: unknown, maxLength: number): string {
  return typeof value === "string" ? plainText(value, maxLength) : "";
}

function quotedField(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
