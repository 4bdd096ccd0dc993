import type { RunnableConfig } from "@langchain/core/runnables";
import type { Context, Send, ToolsetEvent } from "./call.js";
import type { ToolDescriptor } from "./descriptor.js";
import { ToolsetError } from "./errors/toolset-error.js";
import { showEvent } from "./events.js";
import type { User } from "./user.js";

/** What a toolkit brings to every call of its tools. */
export interface ContextSetup {
  readonly account: string;
  /** Makes the way of each HTTP request of a call; backoff, where it is on, lives in here. */
  readonly sendFor: (context: Omit<Context, "send">) => Send;
  readonly readUser: ((id: string, context: Context) => Promise<User>) | undefined;
}

const neverAborted = new AbortController().signal;

/** Gathers the facts of one call from what the host passed with it. */
export function createContext(
  setup: ContextSetup,
  descriptor: ToolDescriptor,
  config: RunnableConfig | undefined,
  callId: string | undefined,
): Context {
  const { configurable = {}, metadata = {}, signal, runId } = config ?? {};
  const { thread_id: thread, actor } = configurable as { thread_id?: unknown; actor?: unknown };
  const timeoutMs = (metadata as { timeoutMs?: unknown }).timeoutMs;
  const read = rememberingReader(setup);
  const facts = {
    account: setup.account,
    callId: callId ?? crypto.randomUUID(),
    ...(typeof thread === "string" ? { thread } : {}),
    ...(runId === undefined ? {} : { run: runId }),
    ...(typeof actor === "string" ? { actor } : {}),
    signal: signal ?? neverAborted,
    deadline: typeof timeoutMs === "number" ? Date.now() + timeoutMs : Number.POSITIVE_INFINITY,
    priority: descriptor.kind === "write" ? ("urgent" as const) : ("normal" as const),
    dryRun: false,
    readUser: (id: string, options?: { fresh?: boolean }) => read(context, id, options?.fresh ?? false),
    emit: (event: ToolsetEvent) => {
      if (config !== undefined) showEvent(event, config);
    },
  };
  const context: Context = { ...facts, send: setup.sendFor(facts) };
  return context;
}

function rememberingReader({ readUser }: ContextSetup) {
  const readings = new Map<string, Promise<User>>();
  return async (context: Context, id: string, fresh: boolean): Promise<User> => {
    if (readUser === undefined) {
      throw new ToolsetError(
        "invalid_argument",
        "This source cannot read a single person. Give one that can.",
      );
    }
    const known = fresh ? undefined : readings.get(id);
    if (known !== undefined) return known;
    const reading = readUser(id, context);
    readings.set(id, reading);
    // A reading that failed must not answer for the next one.
    reading.catch(() => readings.delete(id));
    return reading;
  };
}
