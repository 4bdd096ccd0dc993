import { isStructuredTool, type StructuredToolInterface } from "@langchain/core/tools";
import type { Context } from "./call.js";
import { checkJudgeable, checkTarget } from "./check-target.js";
import type { ToolDefinition } from "./define-tool.js";
import type { ToolDescriptor } from "./descriptor.js";
import { isReadOnlyByEnvironment } from "./environment.js";
import { ToolsetError } from "./errors/toolset-error.js";
import { readSchema, type SchemaOption } from "./input-schema.js";
import { checkGuards } from "./layers/check-guards.js";
import { guardOptionNames, type GuardOptions } from "./layers/guard-options.js";
import { soleId } from "./layers/targets.js";
import { refuseUnknownOptions } from "./option-error.js";
import { checkToolList } from "./tool-list.js";
import { ToolsetTool, type HandleErrors } from "./tool.js";
import { createToolkit } from "./toolkit.js";
import { stateAfter, type User } from "./user.js";
import { warningListener } from "./warning.js";

/** No more of LangChain's interface than is used: with `exactOptionalPropertyTypes`, not all its tools fit it. */
type AnyTool = Pick<StructuredToolInterface, "name" | "description" | "lc_namespace">;

/** What guards have to know of a tool and cannot see. */
export type ToolFacts = Partial<Pick<ToolDescriptor, "kind" | "method" | "target" | "annotations">>;

/** Options of {@link guard}. */
export interface GuardToolsOptions extends GuardOptions {
  /** What records and approvals name the account by. @default "tools" */
  account?: string | undefined;
  /**
   * Tells what a tool does. What it throws, `guard` throws. Default: it writes; its verb is `suspend` or `reactivate` where its name holds that
   * word, else its name; and the user whom those two concern is in their required text `id`. Whom every other write
   * concerns is unknown: say it by `target`, or guards that have to judge users refuse the tool.
   */
  describe?: ((tool: AnyTool) => ToolFacts | undefined) | undefined;
  /**
   * Reads a person by what the tools take: an id, or an email where a tool's `target` holds emails. `protect`,
   * `taskUsers`, `approval` and `identity: "required"` need it where a tool concerns a person. Without it, writes take
   * no `expected_email`, records see the id alone, and nobody verifies what a write answers. What it throws goes to
   * `onWarning` and into the `cause` of the error; a model reads its status at most.
   */
  readUser?: ((idOrEmail: string, context: Context) => Promise<User>) | undefined;
  /** As of a `ToolManager`. @default "fixable" */
  handleErrors?: HandleErrors | undefined;
  /** Whether tools that write are left out. `OP_READ_ONLY=1` has the same effect. @default false */
  readOnly?: boolean | undefined;
}

const factNames: readonly (keyof ToolFacts)[] = ["kind", "method", "target", "annotations"];

const known: readonly string[] = [
  ...guardOptionNames,
  "account",
  "describe",
  "readUser",
  "handleErrors",
  "readOnly",
];

/**
 * Puts a manager's guards around any LangChain tools: those of an MCP server, of another toolkit, of your own.
 *
 * @param tools - each keeps its name, its description and its arguments; those that write take `expected_email` and
 * `reason` beside them where the guards ask for these
 * @throws `ToolsetError` `invalid_argument` naming the option that does not fit, or the tool that is none
 * @example
 * ```ts
 * const tools = guard(await mcpClient.getTools(), {
 *   describe: ({ name }) => (name.startsWith("get_") ? { kind: "read" } : undefined),
 *   readUser: (id) => directory.user(id),
 *   protect: ["*@board.example.com"],
 *   audit: auditFile("audit.jsonl"),
 * });
 * ```
 */
export function guard(tools: readonly AnyTool[], options: GuardToolsOptions = {}): ToolsetTool[] {
  refuseUnknownOptions(options, known, "guard");
  checkGuards(options);
  checkToolList(tools);
  const { account = "tools", readUser, handleErrors = "fixable", readOnly = false } = options;
  const warn = warningListener(options.onWarning);
  const definitions = tools.map((tool, index) => definitionOf(tool, index, options));
  const reading = { byId: readUser !== undefined, byEmail: readUser !== undefined };
  for (const { descriptor } of definitions) {
    // Whoever guards tools of others says by an option what their authors did not.
    checkJudgeable(descriptor, options, reading, 'Give "describe", and in what it gives for the tool');
  }
  const toolkit = createToolkit({
    source: {
      key: account,
      list: () => Promise.resolve([]),
      call: () => Promise.reject(new ToolsetError("invalid_argument", "There is no such tool.")),
      ...(readUser === undefined
        ? {}
        : {
            readUser: async (id, context) => {
              const { personBy } = await import("./guarded-tool.js");
              return personBy(readUser, id, "id", context, warn);
            },
          }),
    },
    findUser:
      readUser &&
      (async (email, context) => {
        const { personBy } = await import("./guarded-tool.js");
        return personBy(readUser, email, "email", context, warn);
      }),
    definitions,
    search: false,
    workflows: false,
    layers: [],
    // What nobody can read, nobody can compare.
    guards: readUser === undefined ? { ...options, identity: "off" } : options,
    backoff: false,
    names: "truto",
    readOnly: readOnly || isReadOnlyByEnvironment(),
    handleErrors,
    artifact: "full",
    onWarning: warn,
  });
  return toolkit.definedTools();
}

function definitionOf(tool: AnyTool, index: number, options: GuardToolsOptions): ToolDefinition {
  if (!isStructuredTool(tool)) {
    throw new ToolsetError(
      "invalid_argument",
      `"tools[${index}]" is not a StructuredTool. Give tools made by tool(), or by a class that extends StructuredTool.`,
    );
  }
  const facts = options.describe?.(tool) ?? {};
  refuseUnknownOptions(facts, factNames, `what "describe" returns for "${tool.name}"`);
  const descriptor = descriptorOf(tool, facts);
  checkTarget(descriptor.name, facts.target, descriptor.inputSchema);
  const verifies = options.readUser !== undefined && stateAfter(descriptor.method) !== undefined;
  return {
    descriptor,
    call: async (args, context) => {
      const { answerOf, verified } = await import("./guarded-tool.js");
      const answer = await answerOf(tool, args, context);
      const id = soleId(context);
      return verifies && id !== undefined ? verified(id, context) : answer;
    },
  };
}

function descriptorOf(tool: StructuredToolInterface, facts: ToolFacts): ToolDescriptor {
  const own = tool instanceof ToolsetTool ? tool.descriptor : undefined;
  const { name, description } = tool;
  const method = facts.method ?? own?.method ?? verbIn(name);
  const kind = facts.kind ?? own?.kind ?? "write";
  const isRead = kind === "read";
  const target = facts.target ?? own?.target;
  const inputSchema = own?.inputSchema ?? readSchema(name, tool.schema as SchemaOption).inputSchema;
  const descriptor: ToolDescriptor = {
    name,
    description,
    inputSchema,
    method,
    kind,
    tags: own?.tags ?? [],
    annotations: facts.annotations ??
      own?.annotations ?? {
        readOnlyHint: isRead,
        destructiveHint: !isRead,
        idempotentHint: isRead,
        openWorldHint: true,
      },
    ...(target === undefined ? {} : { target }),
    ...(own?.resource === undefined ? {} : { resource: own.resource }),
  };
  return descriptor;
}

/** The verb that a tool's name holds: `suspendUser`, `users_suspend` and `reactivate-person` alike. */
function verbIn(name: string): string {
  const words = name
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .split(/[^a-z]+/);
  return ["suspend", "reactivate"].find((verb) => words.includes(verb)) ?? name;
}
