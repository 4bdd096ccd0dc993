import { lazySource } from "../lazy-source.js";
import type { ToolSource } from "../source.js";
import { checkUsersApiOptions, type UsersApiOptions } from "./options.js";

/**
 * The tools of 1Password's Users API for Partners: list, get, suspend and reactivate.
 *
 * @see https://www.1password.dev/users-api/about-users-api
 * @throws {@link ToolsetError} `invalid_argument` naming the option that does not fit
 * @example
 * ```ts
 * const manager = new ToolManager({ source: usersApi({ accountId, clientId, clientSecret, region: "eu" }) });
 * ```
 */
export function usersApi(options: UsersApiOptions): Required<ToolSource> {
  const checked = checkUsersApiOptions(options);
  const key = `${new URL(checked.baseUrl).origin} ${checked.accountId} ${checked.clientId}`;
  return lazySource(key, async () => {
    const { openUsersApi } = await import("./client.js");
    return openUsersApi(key, checked);
  });
}
