import type { CallRequest, CallResult } from "../call.js";
import { answerText } from "../content/answer-text.js";

/** A result with a sentence added to what the model reads of it. */
export function noted(result: CallResult, sentence: string, { descriptor, args }: CallRequest): CallResult {
  switch (result.kind) {
    case "refused":
      return { ...result, text: `${result.text} ${sentence}` };
    case "planned":
      return { ...result, would: `${result.would} ${sentence}` };
    case "write":
      return { ...result, note: result.note === undefined ? sentence : `${result.note}. ${sentence}` };
    case "answer":
      return { ...result, text: `${answerText(descriptor, args, result)}\n${sentence}` };
  }
}
