import { plainText } from "../content/plain-text.js";
import { shownEmail, shownWord } from "../content/shown-email.js";
import type { ApprovalRequest } from "../layers/approval-options.js";

const longest = 500;

/**
 * A request as somebody at a terminal reads it: printable characters only.
 *
 * @param code - what has to be typed behind the yes, so that it answers this question and no other one
 * @param actor - on whose behalf it is asked, where that is known
 */
export function terminalQuestion(
  { action, person, args, items, consequence, reason, expiresAt }: ApprovalRequest,
  code: string,
  actor?: string,
): string {
  // Who it is comes from the account: the agent's own words for it may be wrong.
  const people = person === null ? (items ?? []) : [{ action, person }];
  const lines = people.flatMap((item) => [
    `  ${shown(item.action)}  id ${shownWord(item.person.id)}`,
    `  person  ${JSON.stringify(shown(item.person.display_name))} <${shownEmail(item.person.email)}>`,
    `  state   ${shownWord(item.person.state)}, since ${shownWord(item.person.create_time)} in the account`,
  ]);
  if (args !== undefined) lines.push(`  arguments  ${plainText(JSON.stringify(args), 8 * longest)}`);
  if (reason !== undefined) lines.push(`  reason  ${shown(reason)}`);
  if (actor !== undefined) lines.push(`  for     ${shown(actor)}`);
  lines.push(
    `  ${plainText(consequence, 2 * longest)}`,
    `  Answer before ${timeOf(expiresAt)}.`,
    `  Code: ${code}`,
  );
  return (
    `\nThe agent wants to ${shown(action)}${people.length > 1 ? ` (${people.length} people)` : ""}:\n${lines.join("\n")}\n` +
    `Type yes ${code} to go ahead, anything else to leave it: `
  );
}

function shown(text: string): string {
  return plainText(text, longest);
}

/** By the clock of whoever reads it. */
function timeOf(expiresAt: number): string {
  const time = new Date(expiresAt);
  return Number.isNaN(time.valueOf()) ? "it ends" : time.toTimeString().slice(0, 8);
}
