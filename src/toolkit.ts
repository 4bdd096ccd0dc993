import type { BackoffOptions } from "./backoff/backoff-options.js";
import { createBackoff } from "./backoff/backoff.js";
import { composeLayers, type Call, type CallResult, type Layer, type Send } from "./call.js";
import type { ContextSetup } from "./context.js";
import type { ToolDefinition } from "./define-tool.js";
import type { ToolDescriptor } from "./descriptor.js";
import { ToolsetError } from "./errors/toolset-error.js";
import { selectDescriptors, unknownWordError, unknownWords, type ToolFilter } from "./filter.js";
import { onAbort } from "./on-abort.js";
import { portableName } from "./openapi/portable-name.js";
import type { SourceAnswer, ToolSource } from "./sources/source.js";
import { ToolsetTool, type HandleErrors } from "./tool.js";
import { isUser, stateAfter, type UserState } from "./user.js";

/** What a toolkit is made of; every default is filled in. */
export interface ToolkitSetup {
  readonly source: ToolSource;
  /** Tools beside those that the source lists. */
  readonly definitions: readonly ToolDefinition[];
  readonly layers: readonly Layer[];
  readonly backoff: false | true | BackoffOptions;
  readonly names: "truto" | "portable";
  readonly readOnly: boolean;
  readonly handleErrors: HandleErrors;
  readonly artifact: "full" | "none";
}

/** Descriptors and the tools made of them. */
export interface Toolkit {
  descriptors(filter: ToolFilter): Promise<ToolDescriptor[]>;
  tools(filter: ToolFilter): Promise<ToolsetTool[]>;
  /** Ends every wait for a rate limit. What has been sent goes on to its end. */
  endWaits(): void;
}

/** A descriptor as it is shown, and the call behind it. */
interface Entry extends ToolDescriptor {
  readonly run: Call;
}

/** Puts a source, further definitions and layers together into tools. */
export function createToolkit(setup: ToolkitSetup): Toolkit {
  const { source, definitions, layers, readOnly } = setup;
  const closing = new AbortController();
  const sendFor: ContextSetup["sendFor"] =
    setup.backoff === false
      ? ({ signal }): Send =>
          (request) =>
            request(signal)
      : waitingUntil(closing.signal, createBackoff(setup.backoff));
  const context: ContextSetup = {
    account: source.key,
    sendFor,
    readUser: source.readUser?.bind(source),
  };
  // The source's own requests for its list have no call to belong to.
  const listing = new AbortController();
  const listSend = sendFor({
    account: source.key,
    callId: "list",
    signal: listing.signal,
    deadline: Number.POSITIVE_INFINITY,
    priority: "normal",
    dryRun: false,
    readUser: () => Promise.reject(new ToolsetError("invalid_argument", "A list reads no single person.")),
    emit: () => undefined,
  });

  async function entriesOf(filter: ToolFilter): Promise<Entry[]> {
    const listed = await source.list(filter, listing.signal, listSend);
    const entries = [
      ...listed.map((original) => entry(original, sourceCall(source, original))),
      ...definitions.map(({ descriptor, call }) =>
        entry(descriptor, ({ args, context: facts }) => call(args, facts)),
      ),
    ];
    refuseDuplicates(entries);
    return entries;
  }

  function entry(original: ToolDescriptor, innermost: Call): Entry {
    const name = setup.names === "portable" ? portableName(original.name) : original.name;
    return { ...original, name, run: composeLayers(layers, innermost) };
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
    const selected = selectDescriptors(entries, filter);
    const allowed = readOnly ? selected.filter(({ kind }) => kind === "read") : selected;
    if (allowed.length === 0 && selected.length > 0) {
      throw new ToolsetError(
        "read_only",
        `The filter selects only tools that change people (${selected.map(({ name }) => name).join(", ")}), and this ` +
          `manager is read-only. Take "readOnly" and OP_READ_ONLY away, or ask for reads.`,
      );
    }
    return allowed;
  }

  return {
    endWaits() {
      closing.abort(
        new ToolsetError("aborted", "The manager was closed while this request waited for a rate limit."),
      );
    },
    async descriptors(filter) {
      return (await select(filter)).map(({ run: _run, ...descriptor }) => descriptor);
    },
    async tools(filter) {
      const entries = await select(filter);
      const nameOf = (method: string) => entries.find((candidate) => candidate.method === method)?.name;
      const { handleErrors, artifact } = setup;
      return entries.map(
        ({ run: call, ...descriptor }) =>
          new ToolsetTool({ descriptor, call, context, handleErrors, artifact, nameOf }),
      );
    },
  };
}

/** Lets the end of a toolkit end its waits, and only these: a write that is on its way is not cut off. */
function waitingUntil(end: AbortSignal, backoff: ReturnType<typeof createBackoff>): ContextSetup["sendFor"] {
  return (facts): Send =>
    async (request, options) => {
      const waits = new AbortController();
      const signals = [facts.signal, end];
      for (const signal of signals) signal.throwIfAborted();
      const stops = signals.map((signal) => onAbort(signal, () => waits.abort(signal.reason)));
      try {
        return await backoff({ ...facts, signal: waits.signal })(() => request(facts.signal), options);
      } finally {
        for (const stop of stops) stop();
      }
    };
}

function sourceCall(source: ToolSource, original: ToolDescriptor): Call {
  return async ({ args, context, descriptor }) =>
    resultOf(descriptor, await source.call(original, args, context), context.subject?.state);
}

function resultOf(
  { kind, method }: ToolDescriptor,
  { data, meta }: SourceAnswer,
  previous: UserState | undefined,
): CallResult {
  if (kind === "read" || stateAfter(method) === undefined || !isUser(data))
    return { kind: "answer", data, meta };
  return {
    kind: "write",
    previous: previous ?? "unknown",
    state: data.state,
    changed: previous === undefined ? null : previous !== data.state,
    user: data,
    meta,
  };
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
