import { ToolMessage } from "@langchain/core/messages";
import type { RunnableConfig } from "@langchain/core/runnables";
import { ToolInputParsingException, type StructuredToolInterface } from "@langchain/core/tools";
import { withinDepth } from "./content/bounded-depth.js";
import { isBubbleUp } from "./bubble-up.js";
import { plainText } from "./content/plain-text.js";
import { noMeta, type CallResult, type Context } from "./call.js";
import { foreignError, operatorError } from "./errors/foreign-error.js";
import { HttpError } from "./errors/http-error.js";
import { isToolsetError, ToolsetError, type ToolsetErrorCode } from "./errors/toolset-error.js";
import { soleUser } from "./layers/targets.js";
import { comparableEmail, comparableEmailIn } from "./email-address.js";
import { isUser, type User } from "./user.js";
import { thrownKind, type WarningListener } from "./warning.js";

type ToolRunConfig = RunnableConfig & { toolCall?: unknown };

/** Calls a tool as its host would, and takes what it says for an answer or throws what it says for an error. */
export async function answerOf(
  tool: StructuredToolInterface,
  args: Readonly<Record<string, unknown>>,
  context: Context,
): Promise<CallResult> {
  // The call of the tool is a run of its own.
  const {
    runId: _runId,
    runName: _runName,
    toolCall: _toolCall,
    ...config
  } = context.config as ToolRunConfig;
  let answer: unknown;
  try {
    const call = { type: "tool_call" as const, id: context.callId, name: tool.name, args: { ...args } };
    answer = await tool.invoke(call, { ...config, signal: context.signal });
  } catch (error) {
    if (isToolsetError(error) || isBubbleUp(error) || context.signal.aborted) throw error;
    const failure = foreignError(tool.name, error);
    if (error instanceof ToolInputParsingException) {
      // The tool's own check of its arguments comes before anything that it does.
      throw new ToolsetError("invalid_argument", failure.text, { cause: error, unsent: true });
    }
    // Whoever throws without a status had no answer: nobody knows whether the request arrived.
    throw failure instanceof HttpError ? failure : failure.withText(failure.text, { inDoubt: true });
  }
  if (!ToolMessage.isInstance(answer)) {
    // A tool may answer with a LangGraph Command, which only its graph can make something of.
    return {
      kind: "answer",
      data: answer,
      meta: noMeta,
      text: typeof answer === "string" ? answer : "Done.",
    };
  }
  if (answer.status === "error") throw errorIn(tool.name, answer);
  const data = withinDepth(answer.artifact ?? answer.content);
  return { kind: "answer", data, meta: noMeta, text: answer.text };
}

/** What a write on a person has come to, by how they are read after its answer. */
export async function verified(id: string, context: Context): Promise<CallResult> {
  const previous = soleUser(context)?.state ?? "unknown";
  try {
    const user = await context.readUser(id, { fresh: true });
    const changed = previous === "unknown" ? null : previous !== user.state;
    return { kind: "write", previous, state: user.state, changed, user, meta: noMeta };
  } catch (error) {
    if (!isToolsetError(error) || context.signal.aborted) throw error;
    // The tool has answered, and a reading that fails takes nothing back of that.
    const note = "the tool answered, but the person could not be read afterwards";
    return { kind: "write", previous, state: "unknown", changed: null, note, meta: noMeta };
  }
}

/**
 * Reads a person by a function of the operator's, which may give or throw whatever it likes.
 *
 * @param by - what the name is that the function is given
 * @param warn - hears what it throws, which no model does
 * @throws `ToolsetError` with the code or the status of what it threw, which is its `cause`, or `bad_response` for what
 * is not the person asked for
 */
export async function personBy(
  readUser: (name: string, context: Context) => unknown,
  name: string,
  by: "id" | "email",
  context: Context,
  warn: WarningListener,
): Promise<User> {
  let user: unknown;
  try {
    user = await readUser(name, context);
  } catch (error) {
    if (isBubbleUp(error)) throw error;
    context.signal.throwIfAborted();
    warn(`"readUser" failed${thrownKind(error)}.`, { cause: error });
    throw operatorError("The person could not be read", error);
  }
  const isMeant =
    isUser(user) &&
    (by === "id" ? user.id === name : comparableEmail(user.email) === comparableEmailIn(name));
  if (isMeant) return user as User;
  throw new ToolsetError(
    "bad_response",
    `"readUser" gave no person with the ${by} ${JSON.stringify(plainText(name, 254))}. It must give their id, email and state, or throw.`,
  );
}

/** Codes of guards inside of a tool: what they refuse was not sent. */
const refusedBefore =
  /^(identity_|approval_|protected|out_of_scope|budget_exhausted|repeated|read_only|audit_unavailable)/;

/** The error that a tool answered with instead of throwing it. */
function errorIn(name: string, { artifact, text }: ToolMessage): ToolsetError {
  const told = (artifact as { error?: { code?: unknown; retryAfterMs?: unknown } } | undefined)?.error;
  const code = typeof told?.code === "string" ? (told.code as ToolsetErrorCode) : "server_error";
  const retryAfterMs = typeof told?.retryAfterMs === "number" ? told.retryAfterMs : undefined;
  return new ToolsetError(code, `"${name}" failed: ${withoutMachineLine(text)}`, {
    retryable: false,
    retryAfterMs,
    unsent: refusedBefore.test(code),
  });
}

/** An error's text without the last line that is for programs, where it has one. */
function withoutMachineLine(text: string): string {
  const end = text.trimEnd();
  const line = end.lastIndexOf("\n");
  const isMachineLine = end.startsWith('{"code":', line + 1) && end.endsWith("}");
  return line !== -1 && isMachineLine ? end.slice(0, line) : text;
}
