import type { ToolMessage } from "@langchain/core/messages";
import { isTooLarge } from "./arguments/bounded.js";
import { isTooDeep } from "./arguments/nesting.js";
import { readArguments } from "./arguments/read-arguments.js";
import type { CallResult } from "./call.js";
import { answerText } from "./content/answer-text.js";
import { createContext } from "./context.js";
import { loadWords } from "./errors/load-words.js";
import { isToolsetError, type ToolsetError } from "./errors/toolset-error.js";
import type { HostConfig } from "./events.js";
import type { ToolArtifact, ToolsetToolFields } from "./tool.js";

/**
 * The arguments of a call as they are to be checked against the schema. What clients have done to them is undone here,
 * once for every host; what is too deep or too large to be checked is refused.
 */
export async function acceptArguments(
  input: unknown,
  fields: ToolsetToolFields,
): Promise<{ readonly args: unknown; readonly error?: ToolsetError }> {
  const { descriptor } = fields;
  const args = readArguments(input, descriptor);
  if (isTooDeep(args)) return { args, error: (await loadWords()).tooDeepInput(descriptor.name) };
  if (isTooLarge(args, descriptor.inputSchema))
    return { args, error: (await loadWords()).unfitInput(args, fields) };
  return { args };
}

/** What one call of a tool is answered with: the content and the artifact of its message, or the error in words. */
export type Answered =
  | { readonly error?: undefined; readonly answer: [string | ToolMessage, ToolArtifact | undefined] }
  | { readonly error: ToolsetError };

/**
 * Makes one call of a tool with arguments that fit its schema, and puts its outcome into words.
 *
 * @throws what is no `ToolsetError`, such as LangGraph's signals
 */
export async function answerCall(
  fields: ToolsetToolFields,
  args: Record<string, unknown>,
  config: HostConfig,
  callId: string | undefined,
  parentRunId: string | undefined,
): Promise<Answered> {
  const { descriptor, artifact, call, nameOf } = fields;
  try {
    const context = createContext(fields.context, descriptor, config, callId, parentRunId);
    const result = (await call({ descriptor, args, context })) as CallResult | undefined;
    if (result === undefined) {
      throw new TypeError(
        `A layer around "${descriptor.name}" returned nothing. Return what next(request) resolves to.`,
      );
    }
    if (result.kind === "refused") return { error: (await loadWords()).refusedError(result, nameOf) };
    const text = answerText(descriptor, args, result, nameOf);
    return { answer: [text, artifact === "full" ? artifactOf(result) : undefined] };
  } catch (thrown) {
    if (!isToolsetError(thrown)) throw thrown;
    return { error: (await loadWords()).worded(thrown, { descriptor, args, nameOf }) };
  }
}

function artifactOf(result: Exclude<CallResult, { kind: "refused" }>): ToolArtifact {
  if (result.kind === "planned") {
    return { data: result, status: null, headers: {}, rateLimit: null, requestId: null, nextCursor: null };
  }
  const { status, headers, rateLimit, requestId, nextCursor } = result.meta;
  const data = result.kind === "write" ? (result.user ?? null) : result.data;
  return { data, status, headers, rateLimit, requestId, nextCursor };
}
