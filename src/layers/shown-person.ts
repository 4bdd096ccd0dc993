import { plainText } from "../content/plain-text.js";
import type { User } from "../user.js";

/** A person in one line, as sentences name them. */
export function shownPerson({ id, email, display_name: name }: User): string {
  const shownName = typeof name === "string" ? plainText(name, 80) : "";
  return `${shownName === "" ? "" : `${JSON.stringify(shownName)} `}<${plainText(email, 254)}> (id ${plainText(id, 40)})`;
}
