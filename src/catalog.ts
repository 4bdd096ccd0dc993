import type { Call, CallResult, Context } from "./call.js";
import { unjudgeable } from "./check-target.js";
import { createContext } from "./context.js";
import type { ToolDescriptor, ToolKind } from "./descriptor.js";
import { ToolsetError } from "./errors/toolset-error.js";
import type { HostConfig } from "./events.js";
import { onlyWritesError, unknownWordError } from "./filter-errors.js";
import { checkGivenFilter, selectDescriptors, unknownWords, type ToolFilter } from "./filter.js";
import { interruptOnEach, type InterruptOn } from "./layers/interrupt-on.js";
import { soleUser } from "./layers/targets.js";
import type { SourceAnswer, ToolSource } from "./sources/source.js";
import type { ToolsetTool } from "./tool.js";
import { refuseDuplicates } from "./tool-list.js";
import { readingOf, type Entry, type ToolkitParts } from "./toolkit-setup.js";
import { isUser, stateAfter, type UserState } from "./user.js";
import { nameIn, usersResource } from "./user-tool.js";
import { createAccountTools } from "./workflows/account-tools.js";
import { findUsersTool } from "./workflows/find-users-tool.js";
import type { AccountTools, Workflow } from "./workflows/workflow.js";
import { workflowTools } from "./workflows/workflow-tools.js";

/** The tools that there are: those that the source lists, those that are made, and what a filter selects of them. */
export interface Catalog {
  descriptors(filter: ToolFilter): Promise<ToolDescriptor[]>;
  tools(filter: ToolFilter): Promise<ToolsetTool[]>;
  /** @throws `ToolsetError` `invalid_argument` for a name that no tool has; it lists those that exist */
  tool(name: string): Promise<ToolsetTool>;
  /** What LangChain's `humanInTheLoopMiddleware` takes: every tool that writes. */
  interruptOn(): Promise<InterruptOn>;
  /** Makes one call of something that is not offered as a tool, with all that calls of tools have. */
  run<Result>(
    kind: ToolKind,
    config: HostConfig,
    call: (context: Context, tools: AccountTools) => Promise<Result>,
  ): Promise<Result>;
}

/** Makes the catalog of one toolkit. Nothing is listed before it is asked for. */
export function createCatalog(parts: ToolkitParts): Catalog {
  const { setup, context, leftOut } = parts;
  const { source, workflows, guards, readOnly } = setup;
  let every: Promise<Entry[]> | undefined;
  let everyListed: Promise<Entry[]> | undefined;

  async function entriesOf(filter: ToolFilter): Promise<Entry[]> {
    const search = setup.search && source.readUsers !== undefined ? [searchEntry()] : [];
    const made = workflows === false ? [] : workflowTools(workflows).map(workflowEntry);
    const taken = new Set([...search, ...made].map(({ name }) => name));
    const listed = (await listedEntries(filter)).filter((one) => {
      const isTaken = taken.has(one.name);
      if (isTaken) leaveOut(one, "this library has a tool of that name. Rename the listed one.");
      return !isTaken;
    });
    const entries = [...listed, ...search, ...parts.definedEntries(), ...made];
    refuseDuplicates(entries);
    return entries;
  }

  /** What the source lists, without what the guards could not judge and what shares its name with another. */
  async function listedEntries(filter: ToolFilter): Promise<Entry[]> {
    const listed = await source.list(filter, parts.listSignal, parts.listSend);
    const found = new Map<string, Entry>();
    // Of two with one name, the one for users stays, wherever it stands in the list.
    const usersFirst = [...listed].sort((one, other) => Number(isForUsers(other)) - Number(isForUsers(one)));
    for (const original of usersFirst.filter(isJudged)) {
      const candidate = parts.entry(original, sourceCall(source, original));
      const { name } = candidate;
      if (found.has(name))
        leaveOut(candidate, `another listed tool has that name. Rename "${original.name}".`);
      else found.set(name, candidate);
    }
    const kept = [...found.values()];
    const order = new Map(listed.map((original, index) => [parts.shown(original).name, index]));
    return kept.sort((one, other) => (order.get(one.name) ?? 0) - (order.get(other.name) ?? 0));
  }

  function leaveOut({ name, method }: ToolDescriptor, why: string): void {
    if (!leftOut.has(name)) setup.onWarning(`The tool "${name}" is left out: ${why}`);
    leftOut.set(name, { method, why });
  }

  function isJudged(original: ToolDescriptor): boolean {
    const descriptor = parts.shown(original);
    // Where it may only read, no write is offered, and there is nothing to warn of.
    const why = readOnly ? undefined : unjudgeable(descriptor, guards, readingOf(setup));
    if (why === undefined) return true;
    leaveOut(descriptor, why);
    return false;
  }

  function searchEntry(): Entry {
    const { descriptor, call } = findUsersTool(source);
    return parts.entry(descriptor, ({ args, context: facts }) => call(args, facts));
  }

  /** A workflow's own call passes no guard; each change that it makes does. */
  function workflowEntry(workflow: Workflow): Entry {
    const { descriptor, reading } = workflow;
    const run: Call = ({ args, context: facts }) => workflow.call(args, facts, accountTools);
    return {
      ...parts.shown(descriptor),
      run,
      ...(reading === undefined ? {} : { reading: { ...parts.shown(reading), run } }),
    };
  }

  const accountTools = createAccountTools({
    source,
    readOnly,
    listedTools: everyListedEntry,
    whyLeftOut: (method) => [...leftOut.values()].find((one) => one.method === method)?.why,
    namesOf: async () => nameIn(await everyEntry()),
    guards: parts.loadGuards,
  });

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

  function whyNone(name: string, tools: readonly ToolsetTool[]): string {
    const why = leftOut.get(name)?.why ?? source.leftOut?.(name);
    if (why !== undefined) return why;
    const none = `No tool is named "${name}"`;
    if (
      workflows === false &&
      workflowTools({}).some(({ descriptor }) => parts.shown(descriptor).name === name)
    )
      return `${none}: tools for whole tasks are not made unless they are asked for. Give "workflows: true".`;
    return `${none}. There are: ${tools.map((tool) => tool.name).join(", ")}.`;
  }

  async function select(filter: ToolFilter): Promise<Entry[]> {
    // Checked before anything is sent for it.
    selectDescriptors([], filter);
    const entries = await entriesOf(filter);
    const unknown = unknownWords(entries, filter);
    if (unknown.length > 0) {
      const all = await entriesOf({});
      const stillUnknown = unknownWords(all, filter);
      if (stillUnknown.length > 0) throw unknownWordError(all, stillUnknown);
    }
    const offered = readOnly ? entries.map((one) => one.reading ?? one) : entries;
    const selected = selectDescriptors(offered, filter);
    const allowed = readOnly
      ? selected.filter(({ kind }) => kind === "read")
      : [...selected, ...readingOnly(entries, selected, filter)];
    if (allowed.length === 0 && selected.length > 0) throw onlyWritesError(selected);
    return allowed;
  }

  return {
    async descriptors(filter) {
      checkGivenFilter(filter);
      return (await select(filter)).map(({ run: _run, reading: _reading, ...descriptor }) => descriptor);
    },
    async tools(filter) {
      checkGivenFilter(filter);
      return parts.toolsOf(await select(filter));
    },
    async tool(name) {
      const tools = parts.toolsOf(await select({}));
      const found = tools.find((tool) => tool.name === name);
      if (found !== undefined) return found;
      throw new ToolsetError("invalid_argument", whyNone(name, tools));
    },
    async interruptOn() {
      const writing = (await select({})).filter(({ kind }) => kind === "write");
      return interruptOnEach(writing, (descriptor, config) =>
        createContext(context, descriptor, config, undefined),
      );
    },
    run: async (kind, config, call) =>
      call(createContext(context, { kind }, config, undefined), accountTools),
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
