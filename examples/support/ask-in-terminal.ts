import { once } from "node:events";
import { createInterface } from "node:readline/promises";
import type { CallResult, Context, Layer, ToolDescriptor } from "langchain-1password";
import { printable } from "./printable.js";

/** Where a question is asked and answered. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & { isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
}

/** A layer that makes no change before somebody at the terminal has typed `yes` to it. */
export const askInTerminal: Layer = askAt({ input: process.stdin, output: process.stdout });

/** {@link askInTerminal} at a terminal of your choice. */
export function askAt(terminal: Terminal): Layer {
  return (next) => async (request) => {
    const { descriptor, args, context } = request;
    if (descriptor.kind === "read") return next(request);
    if (terminal.input.isTTY !== true) {
      return refused(
        "approval_unavailable",
        `${descriptor.name} needs a typed yes, and there is no terminal to type it at. Nothing was changed.`,
      );
    }
    const question = await describe(descriptor, args, context);
    const answer = await ask(terminal, question, context.signal);
    if (answer.trim().toLowerCase() === "yes") return next(request);
    return refused(
      "approval_rejected",
      `The person at the terminal did not approve ${descriptor.name}. Nothing was changed.`,
    );
  };
}

async function describe(
  { method, name }: ToolDescriptor,
  args: Readonly<Record<string, unknown>>,
  context: Context,
): Promise<string> {
  const lines = [`The agent wants to ${method}, by ${name}:`];
  if (typeof args.id === "string") {
    // Who it is comes from the account: the agent's own words for it may be wrong.
    const person = await context.readUser(args.id);
    context.subject = person;
    lines.push(
      `  person  ${printable(person.display_name)} <${printable(person.email)}>`,
      `  id      ${printable(person.id)}`,
      `  state   ${person.state}, since ${printable(person.create_time)} in the account`,
    );
  } else {
    lines.push(`  arguments  ${printable(JSON.stringify(args))}`);
  }
  return `\n${lines.join("\n")}\nType yes to go ahead, anything else to leave it: `;
}

async function ask({ input, output }: Terminal, question: string, signal: AbortSignal): Promise<string> {
  const terminal = createInterface({ input, output });
  try {
    // The end of the input, and Ctrl-C in it, leave a question open for good.
    const closed = once(terminal, "close").then(() => "");
    return await Promise.race([terminal.question(question, { signal }), closed]);
  } finally {
    terminal.close();
  }
}

function refused(code: "approval_rejected" | "approval_unavailable", what: string): CallResult {
  return { kind: "refused", code, text: `${what} Next: report this, and do not try again.` };
}
