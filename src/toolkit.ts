import type { BackoffOptions } from "./backoff/backoff-options.js";
import { createBackoff } from "./backoff/backoff.js";
import type { Call, CallResult, Context, Layer, Send } from "./call.js";
import { unjudgeable } from "./check-target.js";
import { createContext, type ContextSetup } from "./context.js";
import type { ToolDefinition } from "./define-tool.js";
import type { ToolDescriptor, ToolKind } from "./descriptor.js";
import { ToolsetError } from "./errors/toolset-error.js";
import { selectDescriptors, unknownWords, type ToolFilter } from "./filter.js";
import type { HostConfig } from "./events.js";
import { guardedDescriptor } from "./layers/guard-arguments.js";
import type { GuardOptions } from "./layers/guard-options.js";
import type { GuardMemory, Guards } from "./layers/guards.js";
import type { InterruptOn } from "./layers/interrupt-on.js";
import { soleUser, type Reading } from "./layers/targets.js";
import { portableName } from "./openapi/portable-name.js";
import { userReader } from "./sources/reading-users.js";
import type { SourceAnswer, ToolSource } from "./sources/source.js";
import { ToolsetTool, type HandleErrors } from "./tool.js";
import { userTool, usersResource } from "./user-tool.js";
import { isUser, stateAfter, type UserState } from "./user.js";
import type { WarningListener } from "./warning.js";
import type { AccountTools, Workflow, WorkflowOptions } from "./workflows/workflow.js";

/** What a toolkit is made of; every default is filled in. */
export interface ToolkitSetup {
  readonly source: ToolSource;
  /** Finds a person by email, where the source's directory is not what they are looked up in. */
  readonly findUser?: ContextSetup["findUser"];
  /** Tools beside those that the source lists. */
  readonly definitions: readonly ToolDefinition[];
  /** Whether there is a tool that finds people, where the source can read its directory. */
  readonly search: boolean;
  /** Whether there are tools made of several calls. */
  readonly workflows: false | WorkflowOptions;
  readonly layers: readonly Layer[];
  readonly guards: GuardOptions;
  /** Whom the task is about beside what the guards say: both must hold. */
  readonly taskUsers?: readonly string[] | undefined;
  readonly backoff: false | true | BackoffOptions;
  readonly names: "truto" | "portable";
  readonly readOnly: boolean;
  readonly handleErrors: HandleErrors;
  readonly artifact: "full" | "none";
  /** Hears, once each, of a listed tool that is left out. */
  readonly onWarning: WarningListener;
}

/** Descriptors and the tools made of them. */
export interface Toolkit {
  descriptors(filter: ToolFilter): Promise<ToolDescriptor[]>;
  tools(filter: ToolFilter): Promise<ToolsetTool[]>;
  /** The tools that no source lists; asks nobody for them. */
  definedTools(): ToolsetTool[];
  /** What LangChain's `humanInTheLoopMiddleware` takes: every tool that writes. */
  interruptOn(): Promise<InterruptOn>;
  /** Makes one call of something that is not offered as a tool, with all that calls of tools have. */
  run<Result>(
    kind: ToolKind,
    config: HostConfig,
    call: (context: Context, tools: AccountTools) => Promise<Result>,
  ): Promise<Result>;
  /**
   * The same tools in another guise, paced together with these. Where `guards` are given, what they remember is
   * their own; else it is shared.
   */
  as(changes: Partial<Omit<ToolkitSetup, "source" | "backoff">>): Toolkit;
  readonly setup: ToolkitSetup;
  /** Why a listed tool of that name is left out; `undefined` for every other name. */
  leftOut(name: string): string | undefined;
  /** Ends every wait for a rate limit. What has been sent goes on to its end. */
  endWaits(): void;
  /**
   * Ends every question to a person, and asks no other: the calls that wait for an answer are refused.
   *
   * @param why - a clause, which the model reads
   */
  endQuestions(why: string): void;
  /** Aborts with {@link Toolkit.endQuestions}. */
  readonly questionsEnded: AbortSignal;
}

/** What toolkits of one manager share. */
interface Shared {
  readonly closing: AbortController;
  readonly asking: AbortController;
  readonly sendFor: ContextSetup["sendFor"];
  /** What guards remember: one for all the guises. */
  memory?: GuardMemory;
}

/** A descriptor as it is shown, and the call behind it. */
interface Entry extends ToolDescriptor {
  readonly run: Call;
  /** How it is where it may only read. */
  readonly reading?: Entry;
}

const loadErrors = () => import("./filter-errors.js");

/** Puts a source, further definitions and layers together into tools. */
export function createToolkit(setup: ToolkitSetup): Toolkit {
  const closing = new AbortController();
  const sendFor: ContextSetup["sendFor"] =
    setup.backoff === false
      ? ({ signal, deadline }): Send =>
          async (request, { notAfter = deadline }) => {
            if (Date.now() < Math.min(notAfter, deadline)) return request(signal);
            throw new ToolsetError("timeout", "The request was not sent: it came too late.", {
              unsent: true,
            });
          }
      : createBackoff(setup.backoff, closing.signal, setup.onWarning);
  return assemble(setup, { closing, asking: new AbortController(), sendFor });
}

function assemble(setup: ToolkitSetup, shared: Shared, sharedGuards?: () => Promise<Guards>): Toolkit {
  const { source, definitions, workflows, layers, guards, readOnly } = setup;
  const { closing, asking, sendFor } = shared;
  const context: ContextSetup = {
    account: source.key,
    sendFor,
    readUser: userReader(source),
    findUser: setup.findUser ?? (source.readUsers && userFinder(source)),
    actor: guards.actor,
    dryRun: guards.dryRun ?? false,
    taskUsers: [setup.taskUsers, guards.taskUsers].filter((users) => users !== undefined),
  };
  const reading = readingOf(setup);
  let loading: Promise<Guards> | undefined;
  const loadGuards =
    sharedGuards ??
    (() =>
      (loading ??= import("./layers/guards.js").then(({ createGuards, createGuardMemory }) =>
        createGuards(guards, reading, (shared.memory ??= createGuardMemory(guards, reading)), asking.signal),
      )));
  let every: Promise<Entry[]> | undefined;
  let everyListed: Promise<Entry[]> | undefined;
  /** The listed tools that are left out, by name. */
  const unjudged = new Map<string, { readonly method: string; readonly why: string }>();
  // The source's own requests for its list have no call to belong to, and a lane of their own: what their answers
  // tell, or do not tell, of a limit says nothing about the requests for people.
  const listing = new AbortController();
  const listSend = sendFor({
    account: `list ${source.key}`,
    callId: "list",
    signal: listing.signal,
    deadline: Number.POSITIVE_INFINITY,
    priority: "normal",
    emit: () => undefined,
  });

  async function entriesOf(filter: ToolFilter): Promise<Entry[]> {
    const search = setup.search && source.readUsers !== undefined ? [await searchEntry()] : [];
    const made =
      workflows === false
        ? []
        : (await import("./workflows/workflow-tools.js")).workflowTools(workflows).map(workflowEntry);
    const taken = new Set([...search, ...made].map(({ name }) => name));
    const listed = (await listedEntries(filter)).filter((one) => {
      const isTaken = taken.has(one.name);
      if (isTaken) leaveOut(one, "this library has a tool of that name. Rename the listed one.");
      return !isTaken;
    });
    const entries = [...listed, ...search, ...definedEntries(), ...made];
    refuseDuplicates(entries);
    return entries;
  }

  /** What the source lists, without what the guards could not judge and what shares its name with another. */
  async function listedEntries(filter: ToolFilter): Promise<Entry[]> {
    const listed = await source.list(filter, listing.signal, listSend);
    const found = new Map<string, Entry>();
    // Of two with one name, the one for users stays, wherever it stands in the list.
    const usersFirst = [...listed].sort((one, other) => Number(isForUsers(other)) - Number(isForUsers(one)));
    for (const original of usersFirst.filter(isJudged)) {
      const candidate = entry(original, sourceCall(source, original));
      const { name } = candidate;
      if (found.has(name))
        leaveOut(candidate, `another listed tool has that name. Rename "${original.name}".`);
      else found.set(name, candidate);
    }
    const kept = [...found.values()];
    const order = new Map(listed.map((original, index) => [shown(original).name, index]));
    return kept.sort((one, other) => (order.get(one.name) ?? 0) - (order.get(other.name) ?? 0));
  }

  function leaveOut({ name, method }: ToolDescriptor, why: string): void {
    if (!unjudged.has(name)) setup.onWarning(`The tool "${name}" is left out: ${why}`);
    unjudged.set(name, { method, why });
  }

  function isJudged(original: ToolDescriptor): boolean {
    const descriptor = shown(original);
    // Where it may only read, no write is offered, and there is nothing to warn of.
    const why = readOnly ? undefined : unjudgeable(descriptor, guards, reading);
    if (why === undefined) return true;
    leaveOut(descriptor, why);
    return false;
  }

  function definedEntries(): Entry[] {
    return definitions.map(({ descriptor, call }) =>
      entry(descriptor, ({ args, context: facts }) => call(args, facts)),
    );
  }

  function shown(original: ToolDescriptor): ToolDescriptor {
    const name = setup.names === "portable" ? portableName(original.name) : original.name;
    return guardedDescriptor({ ...original, name }, guards);
  }

  function entry(original: ToolDescriptor, innermost: Call): Entry {
    let guarded: Call | undefined;
    const run: Call = async (request) => {
      guarded ??= (await loadGuards()).around(original, layers, innermost);
      return guarded(request);
    };
    return { ...shown(original), run };
  }

  async function searchEntry(): Promise<Entry> {
    const { findUsersTool } = await import("./workflows/find-users-tool.js");
    const { descriptor, call } = findUsersTool(source);
    return entry(descriptor, ({ args, context: facts }) => call(args, facts));
  }

  /** A workflow's own call passes no guard; each change that it makes does. */
  function workflowEntry(workflow: Workflow): Entry {
    const { descriptor, reading } = workflow;
    const run: Call = async ({ args, context: facts }) => workflow.call(args, facts, await accountTools());
    return {
      ...shown(descriptor),
      run,
      ...(reading === undefined ? {} : { reading: { ...shown(reading), run } }),
    };
  }

  let working: Promise<AccountTools> | undefined;
  const accountTools = () =>
    (working ??= import("./workflows/account-tools.js").then(({ createAccountTools }) =>
      createAccountTools({
        source,
        readOnly,
        listedTools: everyListedEntry,
        whyLeftOut: (method) => [...unjudged.values()].find((one) => one.method === method)?.why,
        namesOf: async () => nameIn(await everyEntry()),
        guards: loadGuards,
      }),
    ));

  /** Everything that there is, listed once: a task of forty writes lists nothing forty times. */
  function everyEntry(): Promise<Entry[]> {
    every ??= entriesOf({}).catch((error: unknown) => {
      every = undefined;
      throw error;
    });
    return every;
  }

  function everyListedEntry(): Promise<Entry[]> {
    everyListed ??= listedEntries({}).catch((error: unknown) => {
      everyListed = undefined;
      throw error;
    });
    return everyListed;
  }

  async function select(filter: ToolFilter): Promise<Entry[]> {
    // Checked before anything is sent for it.
    selectDescriptors([], filter);
    const entries = await entriesOf(filter);
    const unknown = unknownWords(entries, filter);
    if (unknown.length > 0) {
      const all = await entriesOf({});
      const stillUnknown = unknownWords(all, filter);
      if (stillUnknown.length > 0) throw (await loadErrors()).unknownWordError(all, stillUnknown);
    }
    const offered = readOnly ? entries.map((one) => one.reading ?? one) : entries;
    const selected = selectDescriptors(offered, filter);
    const allowed = readOnly
      ? selected.filter(({ kind }) => kind === "read")
      : [...selected, ...readingOnly(entries, selected, filter)];
    if (allowed.length === 0 && selected.length > 0) throw (await loadErrors()).onlyWritesError(selected);
    return allowed;
  }

  function toolsOf(entries: readonly Entry[]): ToolsetTool[] {
    const nameOf = nameIn(entries);
    const { handleErrors, artifact } = setup;
    return entries.map(
      ({ run: call, reading: _reading, ...descriptor }) =>
        new ToolsetTool({ descriptor, call, context, handleErrors, artifact, nameOf }),
    );
  }

  return {
    setup,
    as: (changes) =>
      assemble({ ...setup, ...changes }, shared, changes.guards === undefined ? loadGuards : undefined),
    leftOut: (name) => unjudged.get(name)?.why ?? source.leftOut?.(name),
    endWaits() {
      closing.abort(
        new ToolsetError("aborted", "The manager was closed while this request waited for a rate limit."),
      );
    },
    endQuestions(why) {
      asking.abort(new Error(why));
    },
    questionsEnded: asking.signal,
    async descriptors(filter) {
      return (await select(filter)).map(({ run: _run, reading: _reading, ...descriptor }) => descriptor);
    },
    async interruptOn() {
      const { interruptOnEach } = await import("./layers/interrupt-on.js");
      const writing = (await select({})).filter(({ kind }) => kind === "write");
      return interruptOnEach(writing, (descriptor, config) =>
        createContext(context, descriptor, config, undefined),
      );
    },
    run: async (kind, config, call) =>
      call(createContext(context, { kind }, config, undefined), await accountTools()),
    async tools(filter) {
      return toolsOf(await select(filter));
    },
    definedTools() {
      const entries = definedEntries();
      refuseDuplicates(entries);
      return toolsOf(readOnly ? entries.filter(({ kind }) => kind === "read") : entries);
    },
  };
}

/** The names of tools for users, by their verbs: what may be recommended. */
function nameIn(entries: readonly Entry[]): (method: string) => string | undefined {
  return (method) => userTool(entries, method)?.name;
}

function userFinder(source: ToolSource): NonNullable<ContextSetup["findUser"]> {
  return async (email, context) => {
    const { requireUserByEmail } = await import("./workflows/user-by-email.js");
    return requireUserByEmail(source, email, context);
  };
}

/** Which users can be read. */
export function readingOf({ source, findUser }: Pick<ToolkitSetup, "source" | "findUser">): Reading {
  return {
    byId: source.readUser !== undefined,
    byEmail: findUser !== undefined || source.readUsers !== undefined,
  };
}

/** What a filter selects only in the form that reads. */
function readingOnly(entries: readonly Entry[], selected: readonly Entry[], filter: ToolFilter): Entry[] {
  const forms = entries.flatMap(({ reading }) => (reading === undefined ? [] : [reading]));
  return selectDescriptors(forms, filter).filter(({ name }) => !selected.some((one) => one.name === name));
}

function sourceCall(source: ToolSource, original: ToolDescriptor): Call {
  return async ({ args, context, descriptor }) =>
    resultOf(descriptor, await source.call(original, args, context), soleUser(context)?.state);
}

function resultOf(
  { kind, method }: ToolDescriptor,
  { data, meta, note }: SourceAnswer,
  previous: UserState | undefined,
): CallResult {
  if (kind === "read" || stateAfter(method) === undefined || !isUser(data))
    return { kind: "answer", data, meta, note };
  return {
    kind: "write",
    previous: previous ?? "unknown",
    state: data.state,
    changed: previous === undefined ? null : previous !== data.state,
    user: data,
    meta,
  };
}

function isForUsers({ resource }: ToolDescriptor): boolean {
  return resource === usersResource;
}

function refuseDuplicates(entries: readonly Entry[]): void {
  const seen = new Set<string>();
  for (const { name } of entries) {
    if (seen.has(name)) {
      throw new ToolsetError(
        "invalid_argument",
        `Two tools are named "${name}", and a model could not tell them apart. Rename the one given by "tools".`,
      );
    }
    seen.add(name);
  }
}
