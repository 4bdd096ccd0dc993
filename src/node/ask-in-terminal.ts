import { longestTimerMs } from "../backoff/timer.js";
import { mostAskedAtOnce } from "../layers/asked-at-once.js";
import type { ApprovalAnswer, ApprovalRequest, Ask } from "../layers/approval-options.js";
import { readableByModel } from "../layers/readable-error.js";
import { refuseOption, refuseUnknownOptions } from "../option-error.js";
import { openTerminal, type Terminal, type TerminalStreams } from "./terminal.js";
import { terminalQuestion } from "./terminal-question.js";
import { TakenAway, typedAnswer } from "./typed-answer.js";

/** Where {@link askInTerminal} asks. */
export interface AskInTerminalOptions {
  /** @default the terminal that the process was started in (`/dev/tty`), opened for each question */
  terminal?: Terminal | undefined;
}

/** How long nothing that is typed counts once a question was taken away: it was meant for that one. */
const quietMs = 2000;

/**
 * Asks somebody at a terminal, who has to type `yes`; anything else is a no. Questions come one after another, each
 * with who is concerned as the account tells it. A question whose call was aborted, or whose time has ended, is
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
      const question = terminalQuestion(request, actor);
      const typed = await typedAnswer(at, { question, quietMs: quietUntil - Date.now(), ended });
      const answer: ApprovalAnswer =
        typed.trim().toLowerCase() === "yes"
          ? { decision: "approve", requestId: request.id }
          : { decision: "reject", requestId: request.id, reason: "not approved at the terminal" };
      return answer;
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
      if (terminal !== undefined) return await askAt(terminal, request, actor, ended);
      const opened = openTerminal();
      try {
        return await askAt(opened, request, actor, ended);
      } finally {
        opened.close();
      }
    });
    last = answer.catch(() => undefined);
    return answer;
  };
}

function leftOf({ expiresAt }: ApprovalRequest): number {
  return Math.min(Math.max(expiresAt - Date.now(), 0), longestTimerMs);
}

function isStream(value: unknown): boolean {
  return typeof (value as { on?: unknown } | null | undefined)?.on === "function";
}
