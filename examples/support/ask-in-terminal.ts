import { once } from "node:events";
import { createInterface } from "node:readline/promises";
import type { ApprovalAnswer, ApprovalRequest, Ask } from "langchain-1password";
import { printable } from "./printable.js";

/** Where a question is asked and answered. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & { isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
}

/** Asks somebody at the terminal, who has to type `yes`. */
export const askInTerminal: Ask = askAt({ input: process.stdin, output: process.stdout });

/** {@link askInTerminal} at a terminal of your choice. */
export function askAt(terminal: Terminal): Ask {
  return async (request, { signal }): Promise<ApprovalAnswer> => {
    if (terminal.input.isTTY !== true) throw new Error("there is no terminal to type a yes at");
    const answer = await typedAnswer(terminal, questionOf(request), signal);
    return answer.trim().toLowerCase() === "yes"
      ? { decision: "approve" }
      : { decision: "reject", reason: "not approved at the terminal" };
  };
}

function questionOf({ action, person, args, items, consequence, reason }: ApprovalRequest): string {
  // Who it is comes from the account: the agent's own words for it may be wrong.
  const people = person === null ? (items ?? []) : [{ action, person }];
  const lines = people.flatMap((item) => [
    `  ${item.action}  ${printable(item.person.display_name)} <${printable(item.person.email)}>`,
    `  id      ${printable(item.person.id)}`,
    `  state   ${item.person.state}, since ${printable(item.person.create_time)} in the account`,
  ]);
  if (args !== undefined) lines.push(`  arguments  ${printable(JSON.stringify(args))}`);
  if (reason !== undefined) lines.push(`  reason  ${printable(reason)}`);
  return `\nThe agent wants to ${action}:\n${lines.join("\n")}\n  ${consequence}\nType yes to go ahead, anything else to leave it: `;
}

async function typedAnswer(
  { input, output }: Terminal,
  question: string,
  signal: AbortSignal,
): Promise<string> {
  const terminal = createInterface({ input, output });
  try {
    // The end of the input, and Ctrl-C in it, leave a question open for good.
    const closed = once(terminal, "close").then(() => "");
    return await Promise.race([terminal.question(question, { signal }), closed]);
  } finally {
    terminal.close();
  }
}
