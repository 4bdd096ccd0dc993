import type { Context } from "../call.js";
import { plainText } from "../content/plain-text.js";
import { ToolsetError } from "../errors/toolset-error.js";
import { isUser, type User } from "../user.js";
import type { ToolSource } from "./source.js";

/**
 * How a source reads a user, held to what was asked for: guards that judged somebody else would let the write through.
 *
 * @returns `undefined` where the source reads no single user
 */
export function userReader(
  source: ToolSource,
): ((id: string, context: Context) => Promise<User>) | undefined {
  if (source.readUser === undefined) return undefined;
  const read = source.readUser.bind(source);
  return async (id, context) => {
    const user: unknown = await read(id, context);
    if (isUser(user) && user.id === id) return user;
    throw new ToolsetError(
      "bad_response",
      `The source of these tools gave no user with the id ${JSON.stringify(plainText(id, 60))}. Its "readUser" must ` +
        `give the id that was asked for, the email and the state, or throw.`,
      { retryable: false },
    );
  };
}
