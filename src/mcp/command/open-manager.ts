import { access, constants, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { isToolsetError } from "../../errors/toolset-error.js";
import { ToolManager } from "../../manager.js";
import { askInTerminal } from "../../node/ask-in-terminal.js";
import { auditFile, type AuditFile } from "../../node/audit-file.js";
import { systemCode } from "../../node/system-code.js";
import { openTerminal } from "../../node/terminal.js";
import type { McpOptions } from "../mcp-options.js";
import { note } from "./note.js";
import { openAccount } from "./account.js";
import { StartError } from "./command-errors.js";
import type { CommandOptions } from "./command-options.js";
import { asFlags } from "./flag.js";
import { whileWaiting } from "./terminal-approval.js";

/** A manager, and what belongs to it. */
export interface OpenManager {
  readonly manager: ToolManager;
  /** What an MCP server is told of the same options. */
  readonly mcpOptions: McpOptions;
  /** The account's name for people. */
  readonly title: string;
  /** Gives back everything that was opened. */
  close(): Promise<void>;
}

/**
 * Opens the account and puts the guards in front of it.
 *
 * @param warn - see {@link openAccount}
 * @throws {@link StartError} for what is not there, `UsageError` for a value that cannot be
 */
export async function openManager(
  options: CommandOptions,
  warn: (text: string) => void,
): Promise<OpenManager> {
  if (options.approval === "terminal") checkTerminal();
  const audit = options.audit === undefined ? undefined : await openAudit(options.audit);
  const account = await openAccount(options, warn);
  try {
    const { approval, identity, protect, taskUsers, maxWrites, dryRun, requireReason, workflows, names } =
      options;
    const manager = asFlags(
      () =>
        new ToolManager({
          source: account.source,
          backoff: true,
          names,
          workflows,
          identity,
          protect,
          taskUsers,
          maxWrites,
          dryRun,
          requireReason,
          audit,
          approval: approval === "terminal" ? { ask: whileWaiting(askInTerminal(), note) } : undefined,
        }),
    );
    return {
      manager,
      mcpOptions: {
        methods: options.methods,
        ...(options.tags === undefined ? {} : { tags: options.tags }),
        names,
        patienceMs: options.patienceMs,
        ...(approval === "terminal" ? {} : { approval, selfApproval: options.selfApproval }),
      },
      title: account.title,
      close: async () => {
        await manager.close();
        await account.close();
        await audit?.close();
      },
    };
  } catch (error) {
    await account.close();
    throw error;
  }
}

function checkTerminal(): void {
  try {
    openTerminal().close();
  } catch (error) {
    if (!isToolsetError(error)) throw error;
    throw new StartError(
      `--approval terminal needs a terminal, and there is none: "/dev/tty" cannot be opened (${systemCode(error.cause) ?? "no code"}). Start this in a terminal, or have the client's user asked: --approval elicitation.`,
      { cause: error },
    );
  }
}

/** A log is opened by its first record, which is too late to hear that its folder is not there. */
async function openAudit(path: string): Promise<AuditFile> {
  if ((await stat(path).catch(() => undefined))?.isDirectory() === true) {
    throw new StartError(`--audit ${path} is a folder. Give a file, which may be new.`);
  }
  const folder = dirname(resolve(path));
  try {
    await access(folder, constants.W_OK);
  } catch (error) {
    throw new StartError(
      `--audit ${path} cannot be written: its folder "${folder}" is not there or not for this user (${systemCode(error) ?? "no code"}). Create it first.`,
      { cause: error },
    );
  }
  return auditFile(path);
}
