import type { BackoffOptions } from "./backoff/backoff-options.js";
import type { Layer } from "./call.js";
import { checkJudgeable } from "./check-target.js";
import { isToolDefinition, type ToolDefinition } from "./define-tool.js";
import type { ToolDescriptor } from "./descriptor.js";
import { environmentVariable, isReadOnlyByEnvironment } from "./environment.js";
import { ToolsetError } from "./errors/toolset-error.js";
import type { ToolFilter } from "./filter.js";
import { checkGuards } from "./layers/check-guards.js";
import { guardOptionNames, type GuardOptions } from "./layers/guard-options.js";
import type { InterruptOn } from "./layers/interrupt-on.js";
import { checkSource } from "./sources/check-source.js";
import { toldSource } from "./sources/told-source.js";
import type { ToolSource } from "./sources/source.js";
import { checkOneOf, refuseOption, refuseUnknownOptions } from "./option-error.js";
import { usersApi } from "./sources/users-api/source.js";
import { usersApiOptionNames, type Region, type UsersApiOptions } from "./sources/users-api/options.js";
import type { HandleErrors, ToolsetTool } from "./tool.js";
import { createToolkit, type Toolkit } from "./toolkit.js";
import { readingOf } from "./toolkit-setup.js";
import { userIdPattern } from "./user.js";
import { warningListener } from "./warning.js";
import type { WorkflowOptions } from "./workflows/workflow.js";

/** Options of {@link ToolManager} that do not say where its tools come from. */
export interface ManagerOptions extends GuardOptions {
  /**
   * Whether to wait out rate limits and repeat what failed on the way. Off, a 429 is thrown as a
   * `RateLimitError`: nobody waits without having been told.
   *
   * @default false
   */
  backoff?: boolean | BackoffOptions | undefined;
  /**
   * Which errors a tool answers with, as a `ToolMessage`, rather than throws: those that the model can mend,
   * all, or none. Does not apply to aborts and LangGraph's signals, which always pass through.
   *
   * @default "fixable"
   */
  handleErrors?: HandleErrors | undefined;
  /**
   * `"truto"`: the names that Truto gives, some of which begin with a digit. `"portable"`: names that Gemini
   * takes as well.
   *
   * @default "truto"
   */
  names?: "truto" | "portable" | undefined;
  /** Whether only tools that look exist. `OP_READ_ONLY=1` has the same effect and beats `false`. @default false */
  readOnly?: boolean | undefined;
  /**
   * Whether a tool's `ToolMessage` carries the raw answer as its artifact. A tracer such as LangSmith records
   * artifacts, the model never sees them.
   *
   * @default "full"
   */
  artifact?: "full" | "none" | undefined;
  /**
   * Steps of your own between every tool and its source, the first one outermost. They come after the guards that
   * judge (identity, protection) and before those that ask, count and record.
   *
   * @default []
   */
  layers?: readonly Layer[] | undefined;
  /** Operations of your own, made by `defineTool`; they go through the same layers. @default [] */
  tools?: readonly ToolDefinition[] | undefined;
  /**
   * Whether there are tools for whole tasks: `offboard_1_password_user` and `audit_1_password_access`. Each change
   * that they make passes the same guards. An object makes them too, and says what they may do beside: with
   * `{ reviewReactivates: true }` a model may give access back by a list.
   *
   * @default false
   */
  workflows?: boolean | WorkflowOptions | undefined;
}

/** Options of {@link ToolManager}: a source, the Users API's options, or neither and the environment. */
export type ToolManagerOptions = ManagerOptions &
  (
    | ({ source: ToolSource } & Partial<
        Record<Exclude<keyof UsersApiOptions, keyof ManagerOptions>, undefined>
      >)
    | ({ source?: undefined } & Partial<UsersApiOptions>)
  );

const managerOptions: readonly (keyof ManagerOptions | "source")[] = [
  "source",
  "backoff",
  "handleErrors",
  "names",
  "readOnly",
  "artifact",
  "layers",
  "tools",
  "workflows",
  ...guardOptionNames,
];

/**
 * Gives an agent its tools.
 *
 * Credentials come all from options, or all from `OP_ACCOUNT_ID`, `OP_CLIENT_ID` and `OP_CLIENT_SECRET` (with
 * `OP_REGION`): never some from here and some from there, which is how an agent ends up in the wrong account.
 *
 * @example
 * ```ts
 * await using manager = new ToolManager({ source: usersApi({ accountId, clientId, clientSecret }) });
 * const agent = createAgent({ model, tools: await manager.getTools({ methods: ["read"] }) });
 * ```
 */
export class ToolManager {
  readonly #source: ToolSource;
  readonly #toolkit: Toolkit;

  /** @throws {@link ToolsetError} `invalid_argument` naming the option that is missing, unknown or does not fit */
  constructor(options: ToolManagerOptions = {}) {
    checkOptions(options);
    const source = options.source ?? usersApi(credentialsOf(usersApiPart(options)));
    this.#source = source;
    const onWarning = warningListener(options.onWarning);
    this.#toolkit = createToolkit({
      source: toldSource(source, onWarning),
      definitions: options.tools ?? [],
      search: true,
      workflows: options.workflows === true ? {} : (options.workflows ?? false),
      layers: options.layers ?? [],
      guards: Object.fromEntries(guardOptionNames.map((name) => [name, options[name]])),
      backoff: options.backoff ?? false,
      names: options.names ?? "truto",
      readOnly: (options.readOnly ?? false) || isReadOnlyByEnvironment(),
      handleErrors: options.handleErrors ?? "fixable",
      artifact: options.artifact ?? "full",
      onWarning,
    });
    for (const { descriptor } of this.#toolkit.setup.definitions)
      checkJudgeable(descriptor, this.#toolkit.setup.guards, readingOf(this.#toolkit.setup));
    toolkits.set(this, this.#toolkit);
  }

  /**
   * The tools that a filter selects; all of them without one.
   *
   * @throws {@link ToolsetError} `invalid_argument` for a word that no tool goes by
   */
  async getTools(filter: ToolFilter = {}): Promise<ToolsetTool[]> {
    return this.#toolkit.tools(filter);
  }

  /**
   * One tool by its name.
   *
   * @throws {@link ToolsetError} `invalid_argument` for a name that no tool has; it lists those that exist
   */
  async getTool(name: string): Promise<ToolsetTool> {
    return this.#toolkit.tool(name);
  }

  /** What is known of the tools that a filter selects, without making them. */
  async getDescriptors(filter: ToolFilter = {}): Promise<ToolDescriptor[]> {
    return this.#toolkit.descriptors(filter);
  }

  /**
   * What LangChain's `humanInTheLoopMiddleware` takes as `interruptOn`: every tool that writes, with a description
   * that shows whom a call concerns. Approvals by that middleware and by the option `approval` are two ways to the
   * same end: take one, and `approval` where a model calls several tools at once; see {@link InterruptOn}.
   *
   * @example
   * ```ts
   * const middleware = [humanInTheLoopMiddleware({ interruptOn: await manager.interruptOn() })];
   * const agent = createAgent({ model, tools: await manager.getTools(), middleware, checkpointer });
   * ```
   */
  interruptOn(): Promise<InterruptOn> {
    return this.#toolkit.interruptOn();
  }

  /**
   * Gives back what the source holds: the Users API's token is revoked. Requests that wait for a rate limit end, and
   * so do questions to persons, with nothing changed; requests on their way go on to their end. Tools fail from then
   * on.
   */
  async close(): Promise<void> {
    this.#toolkit.endWaits();
    this.#toolkit.endQuestions("the manager was closed, and an answer changes nothing any more");
    await this.#source.close?.();
  }

  /** {@link ToolManager.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

const toolkits = new WeakMap<ToolManager, Toolkit>();

/** What a manager's tools are made by, for functions that do the same work without a model. */
export function toolkitOf(manager: ToolManager): Toolkit {
  const toolkit = toolkits.get(manager);
  if (toolkit !== undefined) return toolkit;
  throw new ToolsetError(
    "invalid_argument",
    `"manager" is not a ToolManager. Give one made by new ToolManager().`,
  );
}

function checkOptions(options: ToolManagerOptions): void {
  const known = [...new Set<string>([...managerOptions, ...usersApiOptionNames])];
  refuseUnknownOptions(options, known, "ToolManager");
  const misplaced = (usersApiOptionNames as readonly (keyof ToolManagerOptions)[]).find(
    (name) => name !== "onWarning" && options[name] !== undefined,
  );
  if (options.source !== undefined && misplaced !== undefined) {
    throw refuseOption(
      misplaced,
      'is given beside "source"',
      "Give it to the source, such as usersApi({ ... }).",
    );
  }
  checkSource(options.source);
  checkOneOf("handleErrors", options.handleErrors, ["fixable", "all", "none"]);
  checkOneOf("names", options.names, ["truto", "portable"]);
  checkOneOf("artifact", options.artifact, ["full", "none"]);
  checkOneOf("readOnly", options.readOnly, [true, false]);
  checkWorkflows(options.workflows);
  checkGuards(options, options.source ? options.source.userIds : userIdPattern);
  listOf(
    "layers",
    options.layers,
    (layer) => typeof layer === "function",
    "functions (next) => (request) => …",
  );
  listOf("tools", options.tools, isToolDefinition, "what defineTool gives");
}

function checkWorkflows(workflows: unknown): void {
  if (typeof workflows !== "object" || workflows === null) {
    checkOneOf("workflows", workflows, [true, false]);
    return;
  }
  refuseUnknownOptions(workflows, ["reviewReactivates"], "workflows");
  checkOneOf("reviewReactivates", (workflows as WorkflowOptions).reviewReactivates, [true, false]);
}

function usersApiPart(options: ToolManagerOptions): Partial<UsersApiOptions> {
  return Object.fromEntries(
    usersApiOptionNames.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])),
  );
}

function credentialsOf(options: Partial<UsersApiOptions>): UsersApiOptions {
  const names = ["accountId", "clientId", "clientSecret"] as const;
  const given = names.filter((name) => options[name] !== undefined);
  if (given.length > 0) {
    const missing = names.filter((name) => options[name] === undefined);
    if (missing.length > 0) {
      throw refuseOption(
        missing[0] ?? "",
        `is missing beside "${given.join('" and "')}"`,
        "Give all three as options, or none and set OP_ACCOUNT_ID, OP_CLIENT_ID and OP_CLIENT_SECRET: they are never mixed.",
      );
    }
    return options as UsersApiOptions;
  }
  const [accountId, clientId, clientSecret] = ["OP_ACCOUNT_ID", "OP_CLIENT_ID", "OP_CLIENT_SECRET"]
    .map((name) => [name, environmentVariable(name)] as const)
    .map(([name, value]) => {
      if (value !== undefined && value.trim() !== "") return value;
      throw refuseOption(
        name,
        value === undefined ? "is not set" : "is blank",
        'Set OP_ACCOUNT_ID, OP_CLIENT_ID and OP_CLIENT_SECRET, or give "accountId", "clientId" and "clientSecret", or "source".',
      );
    }) as [string, string, string];
  const region = environmentVariable("OP_REGION");
  return {
    ...options,
    accountId,
    clientId,
    clientSecret,
    ...(region === undefined || region === "" || options.baseUrl !== undefined
      ? {}
      : { region: options.region ?? (region as Region) }),
  };
}

function listOf(option: string, value: unknown, fits: (entry: unknown) => boolean, entries: string): void {
  if (value === undefined) return;
  if (!Array.isArray(value)) throw refuseOption(option, "is not a list", `Give a list of ${entries}.`);
  const wrong = value.findIndex((entry) => !fits(entry));
  if (wrong === -1) return;
  throw refuseOption(`${option}[${wrong}]`, "is not what it has to be", `Give a list of ${entries}.`);
}
