/**
 * Whether a regular expression that others wrote may be run on what a model writes: it compiles, and its time
 * is proportional to the text's length. Anchored, without groups and alternatives, and with one part of
 * variable length at most, there is nothing to backtrack into.
 *
 * @see https://owasp.org/www-community/attacks/Regular_expression_Denial_of_Service_-_ReDoS
 */
export function isHarmlessPattern(pattern: string): boolean {
  if (pattern.length > 200 || !pattern.startsWith("^") || !compiles(pattern)) return false;
  if (/\\[1-9k]/.test(pattern)) return false;
  const skeleton = pattern.replace(/\\./gu, "x").replace(/\[[^\]]*\]/gu, "x");
  if (/[()|]|\{\d{4,}|,\d{4,}\}/.test(skeleton)) return false;
  return (skeleton.match(/[*+?]|\{\d*,\d*\}/g) ?? []).length <= 1;
}

function compiles(pattern: string): boolean {
  try {
    new RegExp(pattern, "u");
    return true;
  } catch {
    return false;
  }
}
