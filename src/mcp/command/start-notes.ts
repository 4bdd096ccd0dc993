import type { ToolDescriptor } from "../../descriptor.js";
import { isReadOnlyByEnvironment } from "../../environment.js";
import { version } from "../../version.js";
import type { CommandOptions } from "./command-options.js";

/** What the operator is told at the start. */
export interface StartFacts {
  readonly options: CommandOptions;
  /** The account's name for people; never a secret. */
  readonly account: string;
  readonly tools: readonly ToolDescriptor[];
  /** Where it listens, in words. */
  readonly listening: readonly string[];
}

/** The lines that the operator reads: which account, which tools, what guards a write, and which guards are off. */
export function startNotes({ options, account, tools, listening }: StartFacts): string[] {
  const reads = tools.filter(({ kind }) => kind === "read");
  const writes = tools.filter(({ kind }) => kind === "write");
  return [
    `langchain-1password ${version}, the MCP server "onepassword".`,
    `Account: ${account}.`,
    `Tools that read: ${namesOf(reads)}.`,
    `Tools that write: ${writes.length === 0 ? noWrites() : namesOf(writes)}.`,
    ...(writes.length === 0 ? [] : [`Before each write: ${guardsOf(options).join("; ")}.`]),
    ...warningsOf(options).map((warning) => `warning: ${warning}`),
    ...listening,
  ];
}

function noWrites(): string {
  return isReadOnlyByEnvironment()
    ? "none, because OP_READ_ONLY is set"
    : "none; --methods read,write adds them";
}

function namesOf(tools: readonly ToolDescriptor[]): string {
  return tools.length === 0 ? "none" : tools.map(({ name }) => name).join(", ");
}

const approvers: Readonly<Record<CommandOptions["approval"], string>> = {
  elicitation: "the user of the MCP client is asked, and the client answers for them",
  terminal: "you are asked at this terminal",
  none: "nobody is asked",
};

function guardsOf(options: CommandOptions): string[] {
  const { identity, approval, protect, taskUsers, maxWrites, requireReason, audit, dryRun } = options;
  return [
    ...(dryRun ? ["it is only planned, and nothing is changed"] : []),
    {
      required: "it must name the person's email, which is compared with the account's",
      optional: "an email that it names is compared with the account's",
      off: "whom it means is not checked",
    }[identity],
    ...(dryRun ? [] : [approvers[approval]]),
    ...(requireReason ? ["it must give a reason"] : []),
    ...(taskUsers === undefined ? [] : [`nobody but ${taskUsers.join(", ")} is changed`]),
    ...(protect.length === 0 ? [] : [`${protect.join(", ")} are left alone`]),
    ...(maxWrites === undefined
      ? []
      : [
          `${maxWrites.count} are made in ${maxWrites.windowMs / 1000} s, and ` +
            (approval === "none"
              ? "more are refused"
              : "the question about one more says that it is past that"),
        ]),
    audit === undefined ? "nothing is recorded (--audit)" : `it is recorded in ${audit}`,
  ];
}

function warningsOf({ identity, approval }: CommandOptions): string[] {
  return [
    ...(identity === "off"
      ? [
          "--identity off: a write takes an id and nothing to compare it with, and a wrong id changes somebody else.",
        ]
      : []),
    ...(identity === "optional"
      ? ["--identity optional: a write that names no email is not compared with anything."]
      : []),
    ...(approval === "none" ? ["--approval none: no person is asked before a write."] : []),
  ];
}
