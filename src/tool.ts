import { parseCallbackConfigArg, type CallbackManagerForToolRun } from "@langchain/core/callbacks/manager";
import type { ToolCall, ToolMessage } from "@langchain/core/messages";
import type { RunnableConfig } from "@langchain/core/runnables";
import { StructuredTool, ToolInputParsingException } from "@langchain/core/tools";
import type { Call } from "./call.js";
import type { ContextSetup } from "./context.js";
import type { ToolDescriptor, ToolInputSchema } from "./descriptor.js";
import { loadWords } from "./errors/load-words.js";
import type { Situation } from "./errors/situation.js";
import { loadOnce } from "./load-once.js";
import { isToolsetError, type ToolsetError, type ToolsetErrorCode } from "./errors/toolset-error.js";

/**
 * Which errors a tool answers with, as a `ToolMessage` that the model reads, rather than throws: those that
 * the model can mend, all, or none. Without a tool call there is no message to answer with, and every error
 * is thrown, unless `"all"` is asked for.
 */
export type HandleErrors = "fixable" | "all" | "none";

/** What a tool's artifact holds when a call succeeded. */
export interface ToolArtifact {
  data: unknown;
  status: number | null;
  headers: Readonly<Record<string, string>>;
  rateLimit: { limit: number | null; remaining: number | null; resetMs: number | null } | null;
  requestId: string | null;
  nextCursor: string | null;
}

/** What a {@link ToolsetTool} is made of. */
export interface ToolsetToolFields {
  readonly descriptor: ToolDescriptor;
  readonly call: Call;
  readonly context: ContextSetup;
  readonly handleErrors: HandleErrors;
  readonly artifact: "full" | "none";
  readonly nameOf: Situation["nameOf"];
}

/** Codes of errors that a model can mend by another call, or has to hear to stop. */
const fixableCodes: ReadonlySet<ToolsetErrorCode> = new Set([
  "invalid_argument",
  "not_found",
  "forbidden",
  "identity_mismatch",
  "identity_required",
  "protected",
  "budget_exhausted",
  "repeated",
  "approval_required",
  "approval_rejected",
  "approval_unavailable",
  "approval_expired",
  "out_of_scope",
  "read_only",
  "outcome_unknown",
]);

/** A config as hosts pass it: with the model's tool call on it, where there is one. */
type ToolConfig = RunnableConfig & { toolCall?: ToolCall };

/**
 * The LangChain tool that a {@link ToolDescriptor} becomes. It validates, calls and shapes what the model
 * reads; it knows no HTTP and no retry.
 */
export class ToolsetTool extends StructuredTool<ToolInputSchema> {
  readonly name: string;
  readonly description: string;
  readonly schema: ToolInputSchema;
  /** What is known of the tool beyond what LangChain asks for: kind, verb, tags, MCP's annotations. */
  readonly descriptor: ToolDescriptor;
  protected readonly fields: ToolsetToolFields;

  static override lc_name(): string {
    return "ToolsetTool";
  }

  constructor(fields: ToolsetToolFields) {
    super({ responseFormat: "content_and_artifact" });
    this.name = fields.descriptor.name;
    this.description = fields.descriptor.description;
    this.schema = fields.descriptor.inputSchema;
    this.descriptor = fields.descriptor;
    this.fields = fields;
  }

  /**
   * Both `invoke` and the classic executor's `stream` come through here, and LangChain checks the arguments
   * in here, with an error that tells a model nothing and in `createAgent` shows it a stack trace. What clients
   * have done to the arguments is undone before that, once for every host.
   */
  override async call(
    arg: Parameters<StructuredTool<ToolInputSchema>["call"]>[0],
    configArg?: Parameters<StructuredTool<ToolInputSchema>["call"]>[1],
    tags?: string[],
  ): Promise<never> {
    const config: ToolConfig = parseCallbackConfigArg(configArg);
    config.runName ??= this.name;
    const toolCall = isToolCall(arg) ? arg : config.toolCall;
    const { acceptArguments } = await loadToolCall();
    const { args, error: refused } = await acceptArguments(isToolCall(arg) ? arg.args : arg, this.fields);
    try {
      if (refused !== undefined) throw refused;
      const read = isToolCall(arg) ? { ...arg, args } : args;
      // Deprecated for callers; what it does has no other name to be overridden by.
      // eslint-disable-next-line @typescript-eslint/no-deprecated
      return (await super.call(read, config, tags)) as never;
    } catch (thrown) {
      const isUnfit = thrown instanceof ToolInputParsingException;
      if (!isUnfit && !isToolsetError(thrown)) throw thrown;
      const { errorAnswer, throwableBy, unfitInput } = await loadWords();
      const error = isToolsetError(thrown) ? thrown : unfitInput(args, this.fields);
      if (this.isAnswer(error, toolCall?.id)) return errorAnswer(error, this.name, toolCall?.id) as never;
      throw throwableBy(error, toolCall?.id);
    }
  }

  protected override async _call(
    args: Record<string, unknown>,
    runManager?: CallbackManagerForToolRun,
    parentConfig?: ToolConfig,
  ): Promise<[string | ToolMessage, ToolArtifact | undefined]> {
    const callId = parentConfig?.toolCall?.id;
    const config: ToolConfig = { ...parentConfig };
    if (runManager !== undefined) {
      config.callbacks = runManager.getChild();
      config.runId = runManager.runId;
    }
    const { answerCall } = await loadToolCall();
    const answered = await answerCall(this.fields, args, config, callId, runManager?.parentRunId);
    if (answered.error === undefined) return answered.answer;
    const { error } = answered;
    // Answered from in here, so that tracers see a tool that ended rather than one that broke.
    if (callId === undefined || !this.isAnswer(error, callId)) throw error;
    const { errorAnswer } = await loadWords();
    return [errorAnswer(error, this.name, callId), undefined];
  }

  private isAnswer(error: ToolsetError, callId: string | undefined): boolean {
    const { handleErrors } = this.fields;
    if (handleErrors === "all") return error.code !== "aborted";
    return handleErrors === "fixable" && callId !== undefined && fixableCodes.has(error.code);
  }
}

/** What a call needs and a descriptor does not is loaded with the first call. */
const loadToolCall = loadOnce(() => import("./tool-call.js"));

function isToolCall(value: unknown): value is ToolCall {
  return typeof value === "object" && value !== null && (value as { type?: unknown }).type === "tool_call";
}
