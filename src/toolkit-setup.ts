import type { BackoffOptions } from "./backoff/backoff-options.js";
import type { Call, Layer, Send } from "./call.js";
import type { ContextSetup } from "./context.js";
import type { ToolDefinition } from "./define-tool.js";
import type { ToolDescriptor } from "./descriptor.js";
import type { GuardOptions } from "./layers/guard-options.js";
import type { Guards } from "./layers/guards.js";
import type { Reading } from "./layers/targets.js";
import type { ToolSource } from "./sources/source.js";
import type { HandleErrors, ToolsetTool } from "./tool.js";
import type { WarningListener } from "./warning.js";
import type { WorkflowOptions } from "./workflows/workflow.js";

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

/** Which users can be read. */
export function readingOf({ source, findUser }: Pick<ToolkitSetup, "source" | "findUser">): Reading {
  return {
    byId: source.readUser !== undefined,
    byEmail: findUser !== undefined || source.readUsers !== undefined,
  };
}

/** A descriptor as it is shown, and the call behind it. */
export interface Entry extends ToolDescriptor {
  readonly run: Call;
  /** How it is where it may only read. */
  readonly reading?: Entry;
}

/** What a toolkit's catalog works with. */
export interface ToolkitParts {
  readonly setup: ToolkitSetup;
  readonly context: ContextSetup;
  /** The listed tools that are left out, by name: which verb they have, and why. */
  readonly leftOut: Map<string, { readonly method: string; readonly why: string }>;
  /** For the source's own requests for its list. */
  readonly listSignal: AbortSignal;
  readonly listSend: Send;
  readonly loadGuards: () => Promise<Guards>;
  /** A descriptor as a model is shown it. */
  readonly shown: (original: ToolDescriptor) => ToolDescriptor;
  /** A tool whose calls pass the guards. */
  readonly entry: (original: ToolDescriptor, innermost: Call) => Entry;
  readonly definedEntries: () => Entry[];
  readonly toolsOf: (entries: readonly Entry[]) => ToolsetTool[];
}
