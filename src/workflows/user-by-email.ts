import type { Context, Refusal } from "../call.js";
import { shownEmail } from "../content/shown-email.js";
import { nameIn } from "../errors/nearest-search.js";
import { ToolsetError } from "../errors/toolset-error.js";
import { shownPerson } from "../layers/shown-person.js";
import type { ToolSource } from "../sources/source.js";
import type { User } from "../user.js";
import { findUsers } from "./find-users.js";
import { nearPeopleText } from "./near-people-text.js";

/** The one person who has an email, or why it is nobody in particular. */
export async function userByEmail(
  source: ToolSource,
  email: string,
  context: Context,
): Promise<{ readonly user: User } | { readonly refusal: Refusal }> {
  const { result } = await findUsers(source, { email, limit: 5 }, context, { everyPage: true });
  const asked = shownEmail(email);
  const [user, ...others] = result.matches;
  if (user !== undefined && others.length === 0) return { user };
  if (user === undefined) {
    const near = nearPeopleText(result.near);
    const refusal: Refusal = {
      code: "not_found",
      text:
        `Nobody in this account has the email <${asked}>: all ${result.lookedAt} people were looked at. Nothing ` +
        `was changed. They may have been removed already, or be known by another address.${near === "" ? "" : ` ${near}`}`,
      next: {
        method: "find",
        args: { name_contains: nameIn(email) ?? "<part of their name>" },
        why: "to see candidates, and ask which one",
      },
    };
    return { refusal };
  }
  const refusal: Refusal = {
    code: "identity_mismatch",
    text:
      `${result.matches.length} people have the email <${asked}>: ${result.matches.map(shownPerson).join("; ")}. ` +
      `Nothing was changed. Next: ask which of them is meant, and call again with that id as well.`,
  };
  return { refusal };
}

/**
 * The one person who has an email.
 *
 * @throws `ToolsetError` `not_found` where nobody has it, `identity_mismatch` where several have
 */
export async function requireUserByEmail(source: ToolSource, email: string, context: Context): Promise<User> {
  const found = await userByEmail(source, email, context);
  if ("user" in found) return found.user;
  throw new ToolsetError(found.refusal.code, found.refusal.text, { unsent: true });
}
