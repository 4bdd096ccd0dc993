import type { PacedSend } from "./backoff/backoff.js";
import type { Context, Send, ToolsetEvent } from "./call.js";
import type { ToolDescriptor } from "./descriptor.js";
import { ToolsetError } from "./errors/toolset-error.js";
import { showEvent, type HostConfig } from "./events.js";
import { userAskedFor } from "./sources/user-asked-for.js";
import type { User } from "./user.js";

/** What the way of a call's HTTP requests has to know of it. */
export type SendContext = Pick<Context, "account" | "callId" | "signal" | "deadline" | "priority" | "emit">;

/** What a toolkit brings to every call of its tools. */
export interface ContextSetup {
  readonly account: string;
  /** Makes the way of each HTTP request of a call; backoff, where it is on, lives in here. */
  readonly sendFor: (context: SendContext) => Send & Partial<Pick<PacedSend, "reserve">>;
  readonly readUser: ((id: string, context: Context) => Promise<User>) | undefined;
  readonly findUser: ((email: string, context: Context) => Promise<User>) | undefined;
  /** Who is behind calls that do not say it themselves. */
  readonly actor: string | undefined;
  /** Whom the task of every call is about, by each option that says it. */
  readonly taskUsers: readonly (readonly string[])[];
  /** What ids of users look like, where that is known. */
  readonly userIds?: RegExp | undefined;
  /** Whether writes are only planned. */
  readonly dryRun: boolean;
}

const neverAborted = new AbortController().signal;

/** Gathers the facts of one call from what the host passed with it. */
export function createContext(
  setup: ContextSetup,
  { kind }: Pick<ToolDescriptor, "kind">,
  config: HostConfig | undefined,
  callId: string | undefined,
  parentRunId?: string,
): Context {
  const { configurable = {}, metadata = {}, signal, runId } = config ?? {};
  const { thread_id: thread, actor } = configurable as { thread_id?: unknown; actor?: unknown };
  const timeoutMs = (metadata as { timeoutMs?: unknown }).timeoutMs;
  const read = rememberingReader(setup);
  // LangChain makes run ids only where somebody watches; the host's run is known all the same.
  const run = runOf(config?.writer, parentRunId);
  const behind = typeof actor === "string" && actor.trim() !== "" ? actor : (setup.actor ?? namedBy(actor));
  const facts = {
    account: setup.account,
    callId: callId ?? crypto.randomUUID(),
    ...(typeof thread === "string" ? { thread } : {}),
    run: runId ?? run,
    scope: typeof thread === "string" ? `thread ${thread}` : `run ${run}`,
    ...(behind === undefined ? {} : { actor: behind }),
    signal: signal ?? neverAborted,
    deadline: typeof timeoutMs === "number" ? Date.now() + timeoutMs : Number.POSITIVE_INFINITY,
    priority: kind === "write" ? ("urgent" as const) : ("normal" as const),
    dryRun: setup.dryRun,
    obstacles: [],
    taskUsers: setup.taskUsers,
    userIds: setup.userIds,
    targets: unresolved,
    trail: { attempts: 0 },
    config: config ?? {},
    readUser: (id: string, options?: { fresh?: boolean; send?: Send | undefined }) =>
      read(
        options?.send === undefined ? context : { ...context, send: options.send },
        id,
        options?.fresh ?? false,
      ),
    findUser: async (email: string) => {
      if (setup.findUser === undefined) throw unreadable("find a user by email");
      return setup.findUser(email, context);
    },
    emit: (event: ToolsetEvent) => {
      if (config !== undefined) showEvent(event, config);
    },
  };
  const send = setup.sendFor(facts);
  const context: Context = { ...facts, send, reserve: send.reserve };
  return context;
}

/** Fields of an actor that are no part of who they are, and that no record may hold. */
const secretName = /token|secret|password|credential|authorization|cookie|api_?key/i;

/** Who is behind a call whose host says it by something else than a text: four eyes must not take that for nobody. */
function namedBy(actor: unknown): string | undefined {
  if (actor === undefined || actor === null || typeof actor === "string") return undefined;
  try {
    // It is recorded and shown to who approves.
    const text: unknown = JSON.stringify(actor, (name, value: unknown) =>
      secretName.test(name) ? undefined : value,
    );
    return typeof text === "string" ? text : typeof actor;
  } catch {
    return typeof actor;
  }
}

const runs = new WeakMap<object, string>();

/**
 * The run of the host that makes the calls. LangGraph makes one stream writer for a whole run and names the run in
 * nothing else that its tools are passed; other hosts' tools have the run as their parent.
 */
function runOf(writer: HostConfig["writer"], parentRunId: string | undefined): string {
  // A call that belongs to nothing shares no memory with another one of the same id.
  if (writer === undefined) return parentRunId ?? crypto.randomUUID();
  const known = runs.get(writer) ?? crypto.randomUUID();
  runs.set(writer, known);
  return known;
}

/** Before a tool's own way to its source has looked at the arguments, nobody knows whom a call concerns. */
const unresolved = { state: "unknown", why: "its arguments were not looked at" } as const;

function unreadable(what: string): ToolsetError {
  return new ToolsetError(
    "invalid_argument",
    `This source cannot ${what}. Nothing was sent. Give one that can.`,
    {
      unsent: true,
    },
  );
}

function rememberingReader({ readUser }: ContextSetup) {
  const readings = new Map<string, Promise<User>>();
  return async (context: Context, id: string, fresh: boolean): Promise<User> => {
    if (readUser === undefined) {
      throw unreadable("read a single user");
    }
    const known = fresh ? undefined : readings.get(id);
    if (known !== undefined) return known;
    const read = async () => userAskedFor(id, await readUser(id, context));
    const reading = read();
    readings.set(id, reading);
    // A reading that failed must not answer for the next one.
    reading.catch(() => readings.delete(id));
    return reading;
  };
}
