import { boundedArguments } from "../arguments/bounded.js";
import type { Refusal } from "../call.js";
import { argumentWords, inputWords } from "./argument-words.js";
import { HttpError } from "./http-error.js";
import { httpWords } from "./http-words.js";
import { isSearch, searchStep } from "./next-step.js";
import { RateLimitError } from "./rate-limit-error.js";
import { askSomebody, nextCall, withNext, type Situation } from "./situation.js";
import { ToolsetError } from "./toolset-error.js";

export { throwableBy } from "./classic-executor.js";
export { errorAnswer } from "./error-answer.js";

/** A failure in the words of its situation: what the model reads, and what a caller catches. */
export function worded(error: ToolsetError, situation: Situation): ToolsetError {
  const words = httpWords(error, situation) ?? searchWords(error, situation);
  return words === undefined ? error : error.withText(words);
}

/** The words for criteria that a search refused, its own or that of an offboarding: they recommend the nearest search. */
function searchWords(error: ToolsetError, situation: Situation): string | undefined {
  if (error.code !== "invalid_argument" || error instanceof HttpError) return undefined;
  if (isSearch(situation)) {
    const step = searchStep(situation);
    return step === undefined ? undefined : withNext(error.text, step);
  }
  const { descriptor, args } = situation;
  if (descriptor.method !== "offboard" || typeof args.email !== "string") return undefined;
  const search = searchStep({ ...situation, args: { email: args.email } });
  return withNext(error.text, search ?? `Next: call ${descriptor.name} with the whole address as email.`);
}

/** A refusal as an error. A layer's own words stand as they are, followed by the call that it recommends. */
export function refusedError(
  { code, text, next, retryAfterMs, cause }: Refusal,
  nameOf: Situation["nameOf"],
): ToolsetError {
  const step = next && (nextCall({ nameOf }, next.method, next.args, next.why) ?? askSomebody);
  const words = step === undefined ? text : `${text} ${step}`;
  if (code === "rate_limited") {
    return new RateLimitError(words, { headers: {}, retryAfterMs, unsent: true, cause });
  }
  return new ToolsetError(code, words, { retryAfterMs, unsent: true, cause });
}

/** The error for input that LangChain found not to fit a tool's schema. Nothing was sent. */
export function unfitInput(input: unknown, { descriptor, nameOf }: Omit<Situation, "args">): ToolsetError {
  const isObject = typeof input === "object" && input !== null && !Array.isArray(input);
  const args = isObject ? boundedArguments(input as Record<string, unknown>, descriptor.inputSchema) : {};
  const situation = { descriptor, nameOf, args };
  const isUnnamed =
    situation.args.expected_email === undefined &&
    descriptor.inputSchema.required?.includes("expected_email");
  return new ToolsetError(
    isObject && isUnnamed === true ? "identity_required" : "invalid_argument",
    isObject ? argumentWords(situation) : inputWords(situation, input),
  );
}

/** The error for arguments that are nested so deeply that nothing may look into them. */
export function tooDeepInput(name: string): ToolsetError {
  return new ToolsetError(
    "invalid_argument",
    `The arguments are nested deeper than any tool here takes them. Nothing was sent. Next: call ${name} with ` +
      `arguments as its schema says.`,
    { unsent: true },
  );
}
