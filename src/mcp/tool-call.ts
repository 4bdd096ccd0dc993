import {
  CLIENT_CAPABILITIES_META_KEY,
  inputRequired,
  inputResponse,
  type CallToolResult,
  type ClientCapabilities,
  type InputRequiredResult,
  type McpServer,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { ToolMessage } from "@langchain/core/messages";
import { taskUsersKey } from "../layers/task-users.js";
import { isTooDeep } from "../arguments/nesting.js";
import { readArguments } from "../arguments/read-arguments.js";
import { plainText } from "../content/plain-text.js";
import type { ToolErrorArtifact } from "../errors/error-answer.js";
import { tooDeepInput } from "../errors/words.js";
import type { HostConfig } from "../events.js";
import type { ToolArtifact, ToolsetTool } from "../tool.js";
import { anonymous, type McpAccess } from "./access.js";
import { approvalForm, approvalKey } from "./approval-form.js";
import { elicitationConfig, type Elicitation, type Elicited } from "./elicitation.js";
import { InputNeeded } from "./input-needed.js";
import { stillAsked, tooSlow, unfinished } from "./not-done.js";
import { aboutCall, type OpenQuestion, type questionCodec } from "./open-question.js";
import { progressWriter } from "./progress.js";
import { serverEndConfig } from "./server-end.js";
import { StillAsked } from "./still-asked.js";
import { outputOf } from "./tool-outputs.js";

/** What a server's calls have in common. */
export interface ToolCallSetup {
  readonly server: McpServer;
  readonly access: McpAccess;
  readonly codec: ReturnType<typeof questionCodec>;
  /** How long a call may wait, in milliseconds. */
  readonly patienceMs: number;
  /** Whether writes are only planned. */
  readonly dryRun: boolean;
}

type Arguments = Readonly<Record<string, unknown>>;

/** Makes a client's call: the same call as a LangChain agent's, with the client in the agent's place. */
export async function callTool(
  tool: ToolsetTool,
  given: Arguments,
  context: ServerContext,
  setup: ToolCallSetup,
): Promise<CallToolResult | InputRequiredResult> {
  // As the tool itself reads them: a question is about these, however they were written.
  const args = readArguments(given, tool.descriptor) as Arguments;
  if (isTooDeep(args)) return failure(tooDeepInput(tool.name).message);
  const question = context.mcpReq.requestState<OpenQuestion>();
  if (question !== undefined && question.about !== (await aboutCall(tool.name, args))) {
    return failure(
      "This answer belongs to a call with another tool or other arguments. Nothing was changed. Next: make the call " +
        'once more without "requestState", which asks again.\n' +
        '{"code":"approval_unavailable","retryable":false,"retry_after_s":null}',
    );
  }
  const call = question?.call ?? crypto.randomUUID();
  const elicitation: Elicitation = {
    isPossible: canBeAsked(context, setup.server),
    answer: question === undefined ? undefined : answerIn(context, question),
  };
  const patience = outOfPatience(tool, context, setup);
  try {
    const answer: unknown = await tool.invoke(
      { type: "tool_call", id: call, name: tool.name, args: { ...args } },
      { ...configOf(context, setup, elicitation), signal: patience.signal },
    );
    return resultOf(tool, args, answer, setup.dryRun);
  } catch (error) {
    if (error instanceof InputNeeded) {
      const about = await aboutCall(tool.name, args);
      const state: OpenQuestion = { request: error.request.id, call, about };
      return inputRequired({
        inputRequests: { [approvalKey]: approvalForm(error.request) },
        requestState: await setup.codec.mint(state, context),
      });
    }
    if (error instanceof StillAsked) return failure(stillAsked(error));
    if (context.mcpReq.signal.aborted) throw error;
    if (patience.isOver()) return failure(tooSlow(tool, args, setup.patienceMs));
    return failure(brokenText(tool.name, error));
  } finally {
    patience.stop();
  }
}

/** How long a read may go on beyond its patience, in milliseconds: what it has found by then is told. */
const lastWordsMs = 2000;

/** Cuts off a read that its client will not wait for. A write that is on its way goes on: it may have its effect. */
function outOfPatience(
  { descriptor }: ToolsetTool,
  { mcpReq: { signal } }: ServerContext,
  { patienceMs }: ToolCallSetup,
) {
  if (descriptor.kind === "write") return { signal, isOver: () => false, stop: () => undefined };
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), patienceMs + lastWordsMs);
  return {
    signal: AbortSignal.any([signal, over.signal]),
    isOver: () => over.signal.aborted,
    stop: () => clearTimeout(timer),
  };
}

/** How long calls without a session are taken for one conversation, in milliseconds. */
const conversationMs = 600_000;

function configOf(context: ServerContext, { access, patienceMs }: ToolCallSetup, elicitation: Elicitation) {
  // Clients of the 2026 era have no session over HTTP: a no of one conversation must not hold for every later one.
  const conversation =
    context.sessionId ?? (context.http === undefined ? "" : String(Math.floor(Date.now() / conversationMs)));
  const thread = [access.server, access.principal, conversation].join("/");
  const config: HostConfig = {
    // Not LangChain's own timeout, which would also cut off a write that is on its way.
    metadata: { timeoutMs: patienceMs },
    configurable: {
      thread_id: thread,
      ...(access.principal === anonymous ? {} : { actor: access.principal }),
      ...elicitationConfig(elicitation),
      ...serverEndConfig(access.over),
      ...(access.taskUsers === undefined ? {} : { [taskUsersKey]: access.taskUsers }),
    },
    writer: progressWriter(context),
  };
  return config;
}

/**
 * Whether the client says that it can show a form. In the 2026 era every request says so, before it the handshake.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/client/elicitation#capabilities
 */
function canBeAsked({ mcpReq }: ServerContext, server: McpServer): boolean {
  const envelope = mcpReq.envelope as Record<string, unknown> | undefined;
  // The one thing that tells it of a client of the 2025 era.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  const shakenHands = server.server.getClientCapabilities();
  const capabilities = (envelope?.[CLIENT_CAPABILITIES_META_KEY] ?? shakenHands) as
    ClientCapabilities | undefined;
  const { elicitation } = capabilities ?? {};
  if (elicitation === undefined) return false;
  return elicitation.form !== undefined || Object.keys(elicitation).length === 0;
}

/** The answer that came with an open question; without one, or with one of another shape, it is asked again. */
function answerIn({ mcpReq }: ServerContext, { request: requestId }: OpenQuestion): Elicited | undefined {
  const view = inputResponse(mcpReq.inputResponses, approvalKey);
  if (view.kind !== "elicit") return undefined;
  return { requestId, action: view.action, content: view.content ?? {} };
}

function resultOf(tool: ToolsetTool, args: Arguments, answer: unknown, dryRun: boolean): CallToolResult {
  if (!ToolMessage.isInstance(answer)) return { content: [{ type: "text", text: String(answer) }] };
  // Not LangChain's own getter alone, which first looks for blocks of every provider's kind.
  const text = typeof answer.content === "string" ? answer.content : answer.text;
  if (answer.status === "error")
    return failure(unfinished(tool, args, text, answer.artifact as ToolErrorArtifact));
  const output = outputOf(tool.name, dryRun);
  const content: CallToolResult["content"] = [{ type: "text", text }];
  if (output === undefined) return { content };
  return {
    content,
    structuredContent: output.structured(answer.artifact as ToolArtifact, text, { ...args }),
  };
}

function failure(text: string): CallToolResult {
  return { content: [{ type: "text", text }], isError: true };
}

/** What is told of an error that is none of the library's own, such as one of a tool that somebody else defined. */
function brokenText(name: string, error: unknown): string {
  const what = error instanceof Error ? error.name : typeof error;
  return (
    `"${name}" broke (${plainText(what, 80)}), and whether it changed anything is not known. Next: look at the ` +
    "people concerned, and report this to the person who gave you the task.\n" +
    '{"code":"server_error","retryable":false,"retry_after_s":null}'
  );
}
