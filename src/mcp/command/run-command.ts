import { isToolsetError } from "../../errors/toolset-error.js";
import { StartError, UsageError } from "./command-errors.js";
import { readCommandLine } from "./command-line.js";
import { note } from "./note.js";

/**
 * Runs the command until it is stopped, or ends the process with an exit code and a sentence.
 *
 * @param words - what stands behind the program's name
 */
export async function runCommand(words: readonly string[]): Promise<void> {
  // Whoever read it may be gone before what is under way has ended.
  process.stderr.on("error", () => undefined);
  try {
    const options = readCommandLine(words, {
      out: (text) => void process.stdout.write(text),
      err: (text) => void process.stderr.write(text),
    });
    if (typeof options === "number") {
      process.exitCode = options;
      return;
    }
    // Help, and a flag that does not fit, are told without loading what serves.
    const { serve } = await import("./serve.js");
    await serve(options);
  } catch (error) {
    note(`error: ${sentenceOf(error)}`);
    // Not by itself: a sandbox may be running.
    process.exit(error instanceof UsageError ? 2 : 1);
  }
}

function sentenceOf(error: unknown): string {
  if (error instanceof UsageError || error instanceof StartError) return error.message;
  if (isToolsetError(error)) return error.text;
  const what = error instanceof Error ? error.name : typeof error;
  return `It could not start, for a reason that it does not know (${what}). Please report it.`;
}
