import { AgentExecutor, createToolCallingAgent } from "@langchain/classic/agents";
import { HumanMessage } from "@langchain/core/messages";
import { ChatPromptTemplate } from "@langchain/core/prompts";
import type { StructuredTool } from "@langchain/core/tools";
import { createAgent, createMiddleware } from "langchain";
import {
  createGate,
  ToolManager,
  truto,
  usersApi,
  type HandleErrors,
  type SecretOption,
  type ToolManagerOptions,
  type ToolsetTool,
} from "langchain-1password";
import { hostileAccount, type Endpoint } from "./hostile-server.js";
import { someId } from "./credentials.js";
import { RecordingHandler, RecordingTracer } from "./recording-callbacks.js";
import { ScriptedModel } from "./scripted-model.js";

/** Told of everything that came to light, and where. */
export interface Witness {
  /** What this library made or threw, and what a host made of it. */
  shown(where: string, what: unknown): void;
  /** What LangChain tells along the way, of which there is much. */
  told(where: string, what: unknown): void;
}

/** Who calls the tool. */
export type Host = keyof typeof hosts;

/** One run in which something fails. */
export interface FailingRun {
  readonly api: "users" | "truto";
  /** Which endpoint fails; it decides what is called. */
  readonly endpoint: Endpoint;
  readonly baseUrl: string;
  readonly clientId: string;
  /** The client secret, or the API key. */
  readonly secret: SecretOption;
  readonly host: Host;
  readonly backoff: boolean;
  readonly handleErrors?: HandleErrors;
  readonly fetch?: typeof globalThis.fetch;
  readonly timeoutMs?: number;
}

/** Makes a manager, lets the host call a tool of it, closes it, and shows the witness everything on the way. */
export async function runFailing(run: FailingRun, witness: Witness): Promise<void> {
  const gate = createGate();
  const onWarning = (message: string) => witness.shown("onWarning", message);
  const common = {
    baseUrl: run.baseUrl,
    timeoutMs: run.timeoutMs ?? 10_000,
    onWarning,
    ...(run.fetch === undefined ? {} : { fetch: run.fetch }),
  };
  const source =
    run.api === "users"
      ? usersApi({
          ...common,
          accountId: hostileAccount.accountId,
          clientId: run.clientId,
          clientSecret: run.secret,
        })
      : truto({ ...common, integratedAccountId: hostileAccount.integratedAccountId, apiKey: run.secret });
  const options: ToolManagerOptions = {
    source,
    ...(run.handleErrors === undefined ? {} : { handleErrors: run.handleErrors }),
    backoff: run.backoff && {
      gate,
      // One repetition, soon: what is looked for is in the first failure as much as in the sixth.
      maxAttempts: 2,
      maxWaitMs: 3_000,
      onBackoff: (event) => witness.shown("onBackoff", event),
    },
  };
  const manager = new ToolManager(options);
  let tools: ToolsetTool[] = [];
  try {
    tools = await manager.getTools();
    const { name, args } = callFor(run.endpoint);
    const tool = tools.find((candidate) => candidate.name === name);
    if (tool === undefined) throw new Error(`There is no ${name}.`);
    await hosts[run.host]({ tool, args }, witness);
  } catch (error) {
    witness.shown("the list of tools", error);
  }
  await manager.close().catch((error: unknown) => witness.shown("closing", error));
  const left = [manager, run.endpoint === "tools" ? tools : tools.slice(0, 1), source, gate];
  witness.shown("what is left", left);
  witness.shown("what is left, as JSON", JSON.stringify(left));
}

interface ToolCall {
  readonly tool: StructuredTool;
  readonly args: Record<string, unknown>;
}

function callFor(endpoint: Endpoint): { name: string; args: Record<string, unknown> } {
  switch (endpoint) {
    case "suspend":
    case "reactivate":
      return { name: `1_password_users_${endpoint}`, args: { id: someId } };
    case "get":
    case "revoke":
    case "token":
      return { name: "get_single_1_password_user_by_id", args: { id: someId } };
    case "list":
      return { name: "list_all_1_password_users", args: {} };
    case "tools":
      return { name: "find_1_password_users", args: { email: "nobody@example.com" } };
  }
}

/** Calls the tool once and then answers with what it reads. */
function modelFor({ tool, args }: ToolCall): ScriptedModel {
  return new ScriptedModel({
    reply: ({ messages }) => {
      const last = messages.at(-1);
      return last?.role === "tool" ? { text: last.text } : { toolCalls: [{ name: tool.name, args }] };
    },
  });
}

const idleMiddleware = createMiddleware({
  name: "Idle",
  wrapToolCall: (request, handler) => handler(request),
});

function agentFor(call: ToolCall, middleware: [] | [typeof idleMiddleware] = []) {
  return createAgent({ model: modelFor(call), tools: [call.tool], middleware });
}

function executorFor(call: ToolCall) {
  const prompt = ChatPromptTemplate.fromMessages([
    ["human", "{input}"],
    ["placeholder", "{agent_scratchpad}"],
  ]);
  const agent = createToolCallingAgent({ llm: modelFor(call), tools: [call.tool], prompt });
  return new AgentExecutor({ agent, tools: [call.tool] });
}

const question = { messages: [new HumanMessage("Go.")] };

function callbacksOf(witness: Witness) {
  const record = (what: string, told: unknown) => witness.told(`a callback: ${what}`, told);
  return [new RecordingHandler(record), new RecordingTracer(record)];
}

/** Shows what a promise gives, or throws. */
async function show(where: string, witness: Witness, promise: Promise<unknown>): Promise<void> {
  try {
    witness.shown(`what ${where} gave`, await promise);
  } catch (error) {
    witness.shown(`what ${where} threw`, error);
  }
}

async function showAll(
  where: string,
  witness: Witness,
  stream: Promise<AsyncIterable<unknown>>,
): Promise<void> {
  await show(
    where,
    witness,
    (async () => {
      for await (const event of await stream) witness.told(`an event of ${where}`, event);
    })(),
  );
}

const hosts = {
  "tool.invoke(args)": ({ tool, args }: ToolCall, witness: Witness) =>
    show("tool.invoke(args)", witness, tool.invoke(args, { callbacks: callbacksOf(witness) })),
  "tool.invoke(toolCall)": ({ tool, args }: ToolCall, witness: Witness) =>
    show(
      "tool.invoke(toolCall)",
      witness,
      tool.invoke(
        { type: "tool_call", id: "c1", name: tool.name, args },
        { callbacks: callbacksOf(witness) },
      ),
    ),
  "createAgent.streamEvents": (call: ToolCall, witness: Witness) =>
    showAll(
      "createAgent.streamEvents",
      witness,
      (async () =>
        agentFor(call).streamEvents(question, { version: "v2", callbacks: callbacksOf(witness) }))(),
    ),
  "createAgent.stream": (call: ToolCall, witness: Witness) =>
    showAll(
      "createAgent.stream",
      witness,
      agentFor(call, [idleMiddleware]).stream(question, {
        streamMode: ["custom", "updates", "debug"],
        callbacks: callbacksOf(witness),
      }),
    ),
  "AgentExecutor.invoke": (call: ToolCall, witness: Witness) =>
    show(
      "AgentExecutor.invoke",
      witness,
      executorFor(call).invoke({ input: "Go." }, { callbacks: callbacksOf(witness) }),
    ),
  "AgentExecutor.stream": (call: ToolCall, witness: Witness) =>
    showAll(
      "AgentExecutor.stream",
      witness,
      executorFor(call).stream({ input: "Go." }, { callbacks: callbacksOf(witness) }),
    ),
};

/** All of them. */
export const hostNames = Object.keys(hosts) as Host[];
