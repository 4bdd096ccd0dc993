import { argumentWords, inputWords } from "./argument-words.js";
import { httpWords } from "./http-words.js";
import type { Situation } from "./situation.js";
import { ToolsetError } from "./toolset-error.js";

/** A failure in the words of its situation: what the model reads, and what a caller catches. */
export function worded(error: ToolsetError, situation: Situation): ToolsetError {
  const words = httpWords(error, situation);
  return words === undefined ? error : error.withText(words);
}

/** The error for input that LangChain found not to fit a tool's schema. Nothing was sent. */
export function unfitInput(input: unknown, { descriptor, nameOf }: Omit<Situation, "args">): ToolsetError {
  const isObject = typeof input === "object" && input !== null && !Array.isArray(input);
  const situation = { descriptor, nameOf, args: isObject ? (input as Record<string, unknown>) : {} };
  const isUnnamed =
    situation.args.expected_email === undefined &&
    descriptor.inputSchema.required?.includes("expected_email");
  return new ToolsetError(
    isObject && isUnnamed === true ? "identity_required" : "invalid_argument",
    isObject ? argumentWords(situation) : inputWords(situation, input),
  );
}
