import { AIMessage, HumanMessage, ToolMessage, type BaseMessage } from "@langchain/core/messages";
import type { RunnableConfig } from "@langchain/core/runnables";
import {
  guard,
  ToolManager,
  truto,
  usersApi,
  type GuardOptions,
  type ManagerOptions,
  type ToolsetErrorCode,
  type ToolsetTool,
} from "langchain-1password";
import type { Sandbox, SandboxOptions, SandboxRequest, SandboxUser } from "langchain-1password/sandbox";
import { foreignAccount } from "./foreign-tools.js";
import { useSandbox } from "./sandbox.js";
import { ScriptedModel } from "./scripted-model.js";

/** Where the guarded tools come from; the last is a LangChain `tool()` of somebody else's, through `guard`. */
export const sources = ["Users API", "Truto", "a foreign tool"] as const;
export type SourceName = (typeof sources)[number];

/** Who calls them. `ToolNode` stands by itself for calls of one turn, and in a `StateGraph` for more. */
export const hosts = ["tool.invoke", "createAgent", "ToolNode"] as const;
export type HostName = (typeof hosts)[number];

/** Every source with every host. */
export const everyWay = sources.flatMap((source) => hosts.map((host) => ({ source, host })));

/** Every source and every host once, for what takes long and goes by time or number rather than by who calls. */
export const eachOnce = sources.map((source, index) => ({ source, host: hosts[index]! }));

/** Guards and what else both a manager and `guard` take; `layers` and `backoff` are a manager's alone. */
export type GuardedOptions = Pick<
  ManagerOptions,
  keyof GuardOptions | "handleErrors" | "readOnly" | "layers" | "backoff"
>;

/** A small account: an ordinary person, somebody suspended, and the two whom the API itself keeps. */
export const michael = "m.scott@example.com";
export const jan = "jan.levinson@example.com";
export const owner = "david.wallace@example.com";
export const admin = "robert.california@example.com";
export const dwight = "d.schrute@example.com";

const people: NonNullable<SandboxOptions["users"]> = [
  { email: michael, display_name: "Michael Scott" },
  { email: jan, display_name: "Jan Levinson", state: "SUSPENDED" },
  { email: owner, display_name: "David Wallace", role: "owner" },
  { email: admin, display_name: "Robert California", role: "externally_managed_admin" },
  { email: dwight, display_name: "Dwight Schrute" },
];

/** Guarded tools of one source in front of a sandbox of their own. */
export interface Guarded {
  readonly sandbox: Sandbox;
  readonly suspend: ToolsetTool;
  readonly reactivate: ToolsetTool;
  readonly get: ToolsetTool;
  readonly all: readonly ToolsetTool[];
  readonly person: (email: string) => SandboxUser;
  /** What the sandbox saw of suspensions and reactivations, and of reads of one person. */
  readonly writes: () => readonly SandboxRequest[];
  readonly reads: () => readonly SandboxRequest[];
}

/** Starts a sandbox for the test that is running, and guards tools of the source in front of it. */
export async function useGuarded(
  source: SourceName,
  options: GuardedOptions = {},
  setup: SandboxOptions & { timeoutMs?: number } = {},
): Promise<Guarded> {
  const { timeoutMs = 10_000, ...sandboxOptions } = setup;
  const sandbox = await useSandbox({ users: people, ...sandboxOptions });
  const all = await guardedTools(source, sandbox, options, timeoutMs);
  const withVerb = (verb: string) => all.find(({ descriptor }) => descriptor.method === verb)!;
  const matching = (pattern: RegExp) => sandbox.requests.filter(({ path }) => pattern.test(path));
  return {
    sandbox,
    all,
    suspend: withVerb("suspend"),
    reactivate: withVerb("reactivate"),
    get: withVerb("get"),
    person: (email) => sandbox.users.find((user) => user.email === email)!,
    writes: () => matching(/[:/](suspend|reactivate)$/),
    reads: () => matching(/\/users\/[A-Z0-9]{26}$/),
  };
}

async function guardedTools(
  source: SourceName,
  sandbox: Sandbox,
  options: GuardedOptions,
  timeoutMs: number,
): Promise<ToolsetTool[]> {
  const { baseUrl, integratedAccountId, trutoApiKey } = sandbox;
  switch (source) {
    case "Users API":
      return new ToolManager({ ...options, source: usersApi({ ...sandbox, timeoutMs }) }).getTools();
    case "Truto": {
      const account = truto({ apiKey: trutoApiKey, integratedAccountId, baseUrl, timeoutMs });
      return new ToolManager({ ...options, source: account }).getTools();
    }
    case "a foreign tool": {
      const { layers: _layers, backoff: _backoff, ...guards } = options;
      const { tools, readUser } = foreignAccount(sandbox, timeoutMs);
      return guard(tools, {
        ...guards,
        readUser,
        describe: ({ name }) => (name === "get_user" ? { kind: "read", method: "get" } : undefined),
      });
    }
  }
}

/** A `protect` that protects nobody, and lets so many writes go on from there in the same moment. */
export function comingTogether(count: number): () => Promise<boolean> {
  let here = 0;
  let letAllGo: (isProtected: boolean) => void;
  const allAreHere = new Promise<boolean>((resolve) => (letAllGo = resolve));
  return () => {
    here += 1;
    if (here === count) letAllGo(false);
    return allAreHere;
  };
}

/** One call that a model makes. */
export interface PlannedCall {
  readonly tool: ToolsetTool;
  readonly args: Readonly<Record<string, unknown>>;
}

/** What came out of a call: what the model read, or what was thrown to the host's caller. */
export interface Outcome {
  /** What was read, or the message of what was thrown. */
  readonly text: string;
  /** The code in its last line; `null` for what is no error. */
  readonly code: ToolsetErrorCode | null;
  /** What a write reports; `null` for everything else. */
  readonly report: Readonly<Record<string, unknown>> | null;
  readonly artifact: unknown;
  /** Present where the host threw. */
  readonly thrown?: unknown;
}

type HostConfig = Pick<RunnableConfig, "configurable" | "signal" | "callbacks">;

/** Makes one call as the host would. */
export async function call(
  host: HostName,
  tool: ToolsetTool,
  args: PlannedCall["args"],
  config: HostConfig = {},
): Promise<Outcome> {
  const [outcome] = await callAll(host, [[{ tool, args }]], config);
  return outcome!;
}

/**
 * Makes calls in one run of the host, those of a turn at once and the turns one after the other.
 *
 * @returns what came of each, in the order of the calls; of a run that threw, only that
 */
export async function callAll(
  host: HostName,
  turns: readonly (readonly PlannedCall[])[],
  config: HostConfig = {},
): Promise<Outcome[]> {
  if (host === "tool.invoke") return directly(turns, config);
  try {
    const { messages } = await conversation(host, turns, config);
    const calls = messages.flatMap((message) =>
      AIMessage.isInstance(message) ? (message.tool_calls ?? []) : [],
    );
    return calls.map(({ id }) => {
      const answers = messages.filter((message) => ToolMessage.isInstance(message));
      return outcomeOf(answers.find(({ tool_call_id }) => tool_call_id === id)!);
    });
  } catch (error) {
    return [failureOf(error)];
  }
}

/** Has the calls made, and gives the messages with them and their answers. */
async function conversation(
  host: Exclude<HostName, "tool.invoke">,
  turns: readonly (readonly PlannedCall[])[],
  config: HostConfig,
): Promise<{ messages: BaseMessage[] }> {
  const tools = [...new Set(turns.flat().map(({ tool }) => tool))];
  if (host === "ToolNode" && turns.length === 1) return throughNode(tools, turns.flat(), config);
  const model = new ScriptedModel({
    reply: ({ messages }) => {
      const turn = turns[messages.filter(({ role }) => role === "assistant").length];
      return turn === undefined
        ? { text: "Done." }
        : { toolCalls: turn.map(({ tool: { name }, args }) => ({ name, args })) };
    },
  });
  const question = { messages: [new HumanMessage("Go.")] };
  if (host === "ToolNode") return (await graph(model, tools)).invoke(question, config);
  const { createAgent } = await import("langchain");
  return createAgent({ model, tools }).invoke(question, config);
}

/** By the node alone, which is what a graph of somebody's own calls. */
async function throughNode(
  tools: ToolsetTool[],
  calls: readonly PlannedCall[],
  config: HostConfig,
): Promise<{ messages: BaseMessage[] }> {
  const { ToolNode } = await import("@langchain/langgraph/prebuilt");
  const message = new AIMessage({
    content: "",
    tool_calls: calls.map(({ tool: { name }, args }) => ({ id: nextCallId(), name, args: { ...args } })),
  });
  const node = new ToolNode(tools, { handleToolErrors: false });
  const answer = (await node.invoke({ messages: [message] }, config)) as { messages: BaseMessage[] };
  return { messages: [message, ...answer.messages] };
}

async function graph(model: ScriptedModel, tools: ToolsetTool[]) {
  const { END, MessagesAnnotation, START, StateGraph } = await import("@langchain/langgraph");
  const { ToolNode, toolsCondition } = await import("@langchain/langgraph/prebuilt");
  return new StateGraph(MessagesAnnotation)
    .addNode("model", async ({ messages }) => ({ messages: [await model.bindTools(tools).invoke(messages)] }))
    .addNode("tools", new ToolNode(tools, { handleToolErrors: false }))
    .addEdge(START, "model")
    .addConditionalEdges("model", toolsCondition, ["tools", END])
    .addEdge("tools", "model")
    .compile();
}

let lastCall = 0;
const nextCallId = () => `call-${(lastCall += 1)}`;

async function directly(turns: readonly (readonly PlannedCall[])[], config: HostConfig): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const turn of turns) {
    const ended = turn.map(async ({ tool, args }) => {
      const toolCall = { type: "tool_call" as const, id: nextCallId(), name: tool.name, args };
      return tool
        .invoke(toolCall as never, config)
        .then((message) => outcomeOf(message as ToolMessage), failureOf);
    });
    outcomes.push(...(await Promise.all(ended)));
  }
  return outcomes;
}

function outcomeOf({ text, artifact }: ToolMessage): Outcome {
  return { text, code: codeIn(text), report: reportIn(text), artifact: artifact as unknown };
}

function failureOf(thrown: unknown): Outcome {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return { text, code: codeIn(text), report: null, artifact: undefined, thrown };
}

// Not only in the last line: `createAgent` adds a sentence of its own to what was thrown.
function codeIn(text: string): ToolsetErrorCode | null {
  return (/\n\{"code":"(\w+)","retryable"/.exec(text)?.[1] as ToolsetErrorCode | undefined) ?? null;
}

function reportIn(text: string): Outcome["report"] {
  if (!text.startsWith("{")) return null;
  try {
    return JSON.parse(text) as Outcome["report"];
  } catch {
    return null;
  }
}
