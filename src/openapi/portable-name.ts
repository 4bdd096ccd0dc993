/** The longest name of a tool that every provider takes. */
export const longestName = 64;

/**
 * A tool's name for every provider: Gemini refuses a whole request for one name that begins with a digit.
 * `1_password_…` becomes `onepassword_…`; what else begins with something other than a letter or `_` gets
 * `tool_` in front of it. All other names come back as they are.
 *
 * @see https://ai.google.dev/api/caching#FunctionDeclaration
 * @example
 * ```ts
 * portableName("1_password_users_suspend"); // "onepassword_users_suspend"
 * portableName("2fa_enable"); // "tool_2fa_enable"
 * portableName("list_all_1_password_users"); // the same
 * ```
 */
export function portableName(name: string): string {
  const spelled = name.replace(/^1_?password/, "onepassword");
  return boundedName(/^[a-zA-Z_]/.test(spelled) ? spelled : `tool_${spelled}`);
}

/** A name cut to what every provider takes, with a hash of the whole so that two long ones still differ. */
export function boundedName(name: string): string {
  if (name.length <= longestName) return name;
  const hash = shortHash(name);
  return `${name.slice(0, longestName - hash.length - 1)}_${hash}`;
}

/**
 * A short stable hash of a text, for telling names apart (not for anything that must be hard to forge).
 *
 * @see https://datatracker.ietf.org/doc/draft-eastlake-fnv/ FNV-1a, 32 bits
 */
export function shortHash(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(36).padStart(7, "0");
}

/** A name without the underscores at its ends. */
export function withoutOuterUnderscores(name: string): string {
  let end = name.length;
  while (name[end - 1] === "_") end -= 1;
  return name.slice(0, end).replace(/^_+/, "");
}
