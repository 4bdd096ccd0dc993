import { once } from "node:events";
import { createInterface } from "node:readline/promises";
import { setTimeout } from "node:timers/promises";
import type { TerminalStreams } from "./terminal.js";

/** Says that a question was on the terminal, and is not any more. */
export class TakenAway extends Error {}

/** How long a terminal takes to hand over what was typed before, in milliseconds. */
const settleMs = 50;

/**
 * The line that is typed below a question; nothing where the input ends.
 *
 * @throws {@link TakenAway} once the question was shown and `ended` aborts; its reason where that is before
 */
export async function typedAnswer(
  { input, output }: TerminalStreams,
  { question, quietMs, ended }: { question: string; quietMs: number; ended: AbortSignal },
): Promise<string> {
  ended.throwIfAborted();
  await discardTyped(input, Math.max(quietMs, settleMs), ended);
  const promptAt = question.lastIndexOf("\n") + 1;
  output.write(question.slice(0, promptAt));
  const line = createInterface({ input, output });
  try {
    // The end of the input, and Ctrl-C in it, leave a question open for good.
    const closed = once(line, "close").then(() => "");
    return await Promise.race([line.question(question.slice(promptAt), { signal: ended }), closed]);
  } catch (error) {
    if (!ended.aborted) throw error;
    const why = isTimeout(ended.reason) ? "nobody answered in time" : "it is no longer asked";
    output.write(`\n(The question is taken away: ${why}. Nothing was changed.)\n`);
    throw new TakenAway(why);
  } finally {
    line.close();
  }
}

/** Lets go of what was typed before there was a question, half a line included. */
async function discardTyped(input: TerminalStreams["input"], ms: number, ended: AbortSignal): Promise<void> {
  const ignore = () => undefined;
  input.setRawMode?.(true);
  input.on("data", ignore);
  try {
    input.resume();
    await setTimeout(ms, undefined, { signal: ended });
  } finally {
    input.off("data", ignore);
    input.setRawMode?.(false);
    input.pause();
  }
}

function isTimeout(reason: unknown): boolean {
  return (reason as { name?: unknown } | null)?.name === "TimeoutError";
}
