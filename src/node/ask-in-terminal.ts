import { userInfo } from "node:os";
import { longestTimerMs } from "../backoff/timer.js";
import { mostAskedAtOnce } from "../layers/asked-at-once.js";
import type { ApprovalAnswer, ApprovalRequest, Ask } from "../layers/approval-options.js";
import { readableByModel } from "../layers/readable-error.js";
import { refuseOption, refuseUnknownOptions } from "../option-error.js";
import { openTerminal, type Terminal, type TerminalStreams } from "./terminal.js";
import { terminalQuestion } from "./terminal-question.js";
import { terminalTurn, type EndTurn } from "./terminal-turn.js";
import { TakenAway, typedAnswer } from "./typed-answer.js";

/** Where {@link askInTerminal} asks. */
export interface AskInTerminalOptions {
  /** @default the terminal that the process was started in (`/dev/tty`), opened for each question */
  terminal?: Terminal | undefined;
}

/** How long nothing that is typed counts once a question was taken away: it was meant for that one. */
const quietMs = 2000;

/**
 * Asks somebody at a terminal, who has to type `yes` and the code that the question shows; anything else is a no, but for
 * a `yes` without the code, which is no answer: the question is shown again. Questions come one after another, also those
 * of several processes at one terminal, each with who is concerned as the account tells it. The approver is the user
 * of the operating system whom the process belongs to. A question whose call was aborted, or whose time has ended, is
 * taken away. What was typed before a question was shown counts for nothing.
 *
 * A terminal is no boundary against an agent that has a shell of the same user.
 *
 * @throws {@link ToolsetError} `invalid_argument` for an option that does not fit. The function that it gives throws
 * where there is no terminal, and then there is no approval.
 *
 * @example
 * ```ts
 * const manager = new ToolManager({ backoff: true, approval: { ask: askInTerminal() } });
 * ```
 */
export function askInTerminal(options: AskInTerminalOptions = {}): Ask {
  refuseUnknownOptions(options, ["terminal"], "askInTerminal");
  const terminal = options.terminal as TerminalStreams | undefined;
  if (terminal !== undefined && !(isStream(terminal.input) && isStream(terminal.output))) {
    throw refuseOption("terminal", "has no input or no output", "Give { input, output }, two streams.");
  }
  let last: Promise<unknown> = Promise.resolve();
  let quietUntil = 0;

  async function askAt(
    at: TerminalStreams,
    request: ApprovalRequest,
    actor: string | undefined,
    ended: AbortSignal,
  ) {
    if (at.input.isTTY !== true) throw readableByModel(new Error("there is no terminal to type a yes at"));
    try {
      const code = newCode();
      const question = terminalQuestion(request, code, actor);
      const approver = userName();
      for (;;) {
        const typed = await typedAnswer(at, { question, quietMs: quietUntil - Date.now(), ended });
        const [, given] = /^yes(?: +([a-z\d]{3}))?$/i.exec(typed.trim()) ?? [];
        const facts = { requestId: request.id, ...(approver === undefined ? {} : { approver }) };
        if (given?.toUpperCase() === code) return { decision: "approve", ...facts } satisfies ApprovalAnswer;
        if (!/^yes(?: +[a-z\d]{3})?$/i.test(typed.trim())) {
          const reason = "not approved at the terminal";
          return { decision: "reject", reason, ...facts } satisfies ApprovalAnswer;
        }
        // It may be meant for a question that stood here before.
        at.output.write(`(That is not this question's code, and no answer to it: its code is ${code}.)\n`);
      }
    } catch (error) {
      if (!(error instanceof TakenAway)) throw error;
      quietUntil = Date.now() + quietMs;
      throw readableByModel(error);
    }
  }

  return (request, { signal, actor }) => {
    const people = request.items?.length ?? 0;
    if (people > mostAskedAtOnce) {
      throw readableByModel(
        new Error(
          `it is for ${people} people, and ${mostAskedAtOnce} are asked for at once at most: it has to be asked for in parts`,
        ),
      );
    }
    const ended = AbortSignal.any([signal, AbortSignal.timeout(leftOf(request))]);
    const answer = last.then(async () => {
      const opened = terminal === undefined ? openTerminal() : undefined;
      const at = opened ?? terminal;
      let endTurn: EndTurn | undefined;
      try {
        if (at === undefined) throw new Error("there is no terminal to type a yes at");
        const descriptor = opened?.descriptor ?? descriptorOf(at);
        // Streams without a descriptor are no terminal that another process could ask at.
        if (at.input.isTTY === true && descriptor !== undefined)
          endTurn = await terminalTurn(descriptor, ended);
        return await askAt(at, request, actor, ended);
      } finally {
        endTurn?.();
        opened?.close();
      }
    });
    last = answer.catch(() => undefined);
    return answer;
  };
}

/** Letters and digits that nobody takes for one another. */
const codeLetters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

function newCode(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(3));
  return Array.from(bytes, (byte) => codeLetters[byte % codeLetters.length] ?? "").join("");
}

/** Whose terminal it is; `undefined` for a user without a name. */
function userName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}

function leftOf({ expiresAt }: ApprovalRequest): number {
  return Math.min(Math.max(expiresAt - Date.now(), 0), longestTimerMs);
}

function descriptorOf({ input }: TerminalStreams): number | undefined {
  const { fd } = input as { fd?: unknown };
  return typeof fd === "number" ? fd : undefined;
}

function isStream(value: unknown): boolean {
  return typeof (value as { on?: unknown } | null | undefined)?.on === "function";
}
