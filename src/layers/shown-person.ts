import { plainText } from "../content/plain-text.js";
import { shownEmail, shownWord } from "../content/shown-email.js";
import type { User } from "../user.js";

/** A person in one line, as sentences name them: first the id, which is the one thing that nobody chose themselves. */
export function shownPerson({ id, email, display_name: name }: User): string {
  const shownName = typeof name === "string" ? plainText(name, 80) : "";
  return `id ${shownWord(id)} (${shownName === "" ? "" : `${JSON.stringify(shownName)} `}<${shownEmail(email)}>)`;
}
