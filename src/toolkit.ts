import { createBackoff } from "./backoff/backoff.js";
import type { Call, Send } from "./call.js";
import type { Catalog } from "./catalog.js";
import type { ContextSetup } from "./context.js";
import type { ToolDescriptor } from "./descriptor.js";
import { ToolsetError } from "./errors/toolset-error.js";
import { guardedDescriptor } from "./layers/guard-arguments.js";
import type { GuardMemory, Guards } from "./layers/guards.js";
import { portableName } from "./openapi/portable-name.js";
import type { ToolSource } from "./sources/source.js";
import { refuseDuplicates } from "./tool-list.js";
import { ToolsetTool } from "./tool.js";
import { readingOf, type Entry, type ToolkitSetup } from "./toolkit-setup.js";
import { nameIn } from "./user-tool.js";

/** Descriptors and the tools made of them. */
export interface Toolkit extends Catalog {
  /** The tools that no source lists; asks nobody for them. */
  definedTools(): ToolsetTool[];
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
  const { source, definitions, layers, guards, readOnly } = setup;
  const { closing, asking, sendFor } = shared;
  const context: ContextSetup = {
    account: source.key,
    sendFor,
    readUser: source.readUser?.bind(source),
    findUser: setup.findUser ?? (source.readUsers && userFinder(source)),
    actor: guards.actor,
    dryRun: guards.dryRun ?? false,
    taskUsers: [setup.taskUsers, guards.taskUsers].filter((users) => users !== undefined),
    userIds: source.userIds,
  };
  const reading = readingOf(setup);
  let loading: Promise<Guards> | undefined;
  const loadGuards =
    sharedGuards ??
    (() =>
      (loading ??= import("./layers/guards.js").then(({ createGuards, createGuardMemory }) =>
        createGuards(guards, reading, (shared.memory ??= createGuardMemory(guards, reading)), asking.signal),
      )));
  /** The listed tools that are left out, by name. */
  const leftOut = new Map<string, { readonly method: string; readonly why: string }>();
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

  function toolsOf(entries: readonly Entry[]): ToolsetTool[] {
    const nameOf = nameIn(entries);
    const { handleErrors, artifact } = setup;
    return entries.map(
      ({ run: call, reading: _reading, ...descriptor }) =>
        new ToolsetTool({ descriptor, call, context, handleErrors, artifact, nameOf }),
    );
  }

  let cataloging: Promise<Catalog> | undefined;
  const loadCatalog = () =>
    (cataloging ??= import("./catalog.js").then(({ createCatalog }) =>
      createCatalog({
        setup,
        context,
        leftOut,
        listSignal: listing.signal,
        listSend,
        loadGuards,
        shown,
        entry,
        definedEntries,
        toolsOf,
      }),
    ));

  return {
    setup,
    as: (changes) =>
      assemble({ ...setup, ...changes }, shared, changes.guards === undefined ? loadGuards : undefined),
    leftOut: (name) => leftOut.get(name)?.why ?? source.leftOut?.(name),
    endWaits() {
      closing.abort(
        new ToolsetError("aborted", "The manager was closed while this request waited for a rate limit."),
      );
    },
    endQuestions(why) {
      asking.abort(new Error(why));
    },
    questionsEnded: asking.signal,
    descriptors: async (filter) => (await loadCatalog()).descriptors(filter),
    tools: async (filter) => (await loadCatalog()).tools(filter),
    tool: async (name) => (await loadCatalog()).tool(name),
    interruptOn: async () => (await loadCatalog()).interruptOn(),
    run: async (kind, config, call) => (await loadCatalog()).run(kind, config, call),
    definedTools() {
      const entries = definedEntries();
      refuseDuplicates(entries);
      return toolsOf(readOnly ? entries.filter(({ kind }) => kind === "read") : entries);
    },
  };
}

function userFinder(source: ToolSource): NonNullable<ContextSetup["findUser"]> {
  return async (email, context) => {
    const { requireUserByEmail } = await import("./workflows/user-by-email.js");
    return requireUserByEmail(source, email, context);
  };
}
