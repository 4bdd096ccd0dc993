import { plainText } from "../content/plain-text.js";
import { ToolsetError } from "../errors/toolset-error.js";
import { isUser, type User } from "../user.js";

/**
 * The user whom a source's `readUser` gave, held to the one who was asked for: guards that judged somebody else would
 * let the write through.
 *
 * @throws `ToolsetError` `bad_response` for anybody else, and for what is no user
 */
export function userAskedFor(id: string, user: unknown): User {
  if (isUser(user) && user.id === id) return user;
  throw new ToolsetError(
    "bad_response",
    `The source of these tools gave no user with the id ${JSON.stringify(plainText(id, 60))}. Its "readUser" must ` +
      `give the id that was asked for, the email and the state, or throw.`,
    { retryable: false },
  );
}
