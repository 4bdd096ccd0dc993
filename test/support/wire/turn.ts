/** A call that a model made, as every provider's wire format can say it. */
export interface NormalisedToolCall {
  readonly id: string;
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** One message of a conversation, whatever wire format it came in. */
export type NormalisedMessage =
  | { readonly role: "system" | "user"; readonly text: string }
  | { readonly role: "assistant"; readonly text: string; readonly toolCalls: readonly NormalisedToolCall[] }
  | { readonly role: "tool"; readonly callId: string; readonly name: string; readonly text: string };

/** A tool as the model is told of it. */
export interface NormalisedTool {
  readonly name: string;
  readonly description: string;
  /** The JSON Schema of the arguments, as it was sent. */
  readonly schema: Readonly<Record<string, unknown>>;
}

/** Everything that a model knows when it has to answer. */
export interface Turn {
  readonly messages: readonly NormalisedMessage[];
  readonly tools: readonly NormalisedTool[];
}

/** What a scripted model answers: a sentence, or the calls it wants made (all of them at once). */
export type Reply =
  | { readonly text: string }
  | {
      readonly toolCalls: readonly {
        readonly name: string;
        readonly args: Readonly<Record<string, unknown>>;
      }[];
    };

/**
 * The part of a model that a test writes: it reads the conversation and decides.
 *
 * @example
 * ```ts
 * const reply: Planner = (turn) => {
 *   const found = lastResult(turn, "find_1_password_users");
 *   if (found === undefined)
 *     return { toolCalls: [{ name: "find_1_password_users", args: { email: "m.scott@example.com" } }] };
 *   return { text: `This is what I read: ${found}` };
 * };
 * ```
 */
export type Planner = (turn: Turn) => Reply | Promise<Reply>;

/** The text of the newest result of a tool in the conversation; `undefined` where there is none. */
export function lastResult(turn: Turn, toolName: string): string | undefined {
  const message = turn.messages.findLast((each) => each.role === "tool" && each.name === toolName);
  return message?.text;
}
