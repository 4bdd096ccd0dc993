import { Command, CommanderError, Option } from "commander";
import { version } from "../../version.js";
import { mayWrite } from "../self-approval.js";
import { UsageError } from "./command-errors.js";
import type { AdminOptions, CommandOptions, HttpOptions } from "./command-options.js";
import { flagOf } from "./flag.js";
import { isLoopback } from "./loopback.js";
import { listOf, portOf, secondsOf, writeBudgetOf } from "./option-values.js";

/** Where help and complaints go. */
export interface CommandOutput {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

type Switch = "sandbox" | "selfApproval" | "requireReason" | "dryRun";

/** The options as commander hands them over. */
interface ParsedOptions extends Omit<CommandOptions, "http" | "patienceMs" | Switch> {
  readonly sandbox?: boolean;
  readonly selfApproval?: boolean;
  readonly requireReason?: boolean;
  readonly dryRun?: boolean;
  readonly patience: number;
  readonly http?: number;
  readonly host?: string;
  readonly allowedHosts?: readonly string[];
  readonly allowedOrigins?: readonly string[];
  readonly tokenFile?: string;
  readonly adminTokenFile?: string;
  readonly adminPort?: number;
  readonly adminHost?: string;
  readonly serversFile?: string;
  readonly publicUrl?: string;
}

type AdminFlag = "adminPort" | "adminHost" | "serversFile" | "publicUrl";

const loopback = "127.0.0.1";

const about = `People of a 1Password account as an MCP server: find, look, and where it is allowed suspend and reactivate.

Credentials come from the environment, never from arguments, which every program
on the machine can read:
  OP_ACCOUNT_ID, OP_CLIENT_ID, OP_CLIENT_SECRET, and OP_REGION (com, ca or eu)
  TRUTO_API_KEY, TRUTO_INTEGRATED_ACCOUNT_ID for --source truto
OP_READ_ONLY=1 leaves out every tool that writes, whatever else is said.`;

const examples = `
Examples:
  langchain-1password mcp --sandbox                          try it, with no account
  langchain-1password mcp                                    look only, over stdio
  langchain-1password mcp --methods read,write --audit /var/log/offboarding/audit.jsonl
  langchain-1password mcp --methods read,write --http 3000 --approval terminal --token-file tokens

Exit codes: 0 stopped as asked, 1 could not start, 2 called with something that cannot be,
129, 130 and 143 ended at once by a second signal.`;

/**
 * Reads the command line.
 *
 * @param words - what stands behind the program's name
 * @returns the options; a number where there is nothing to run, as for `--help`: the exit code
 */
export function readCommandLine(words: readonly string[], output: CommandOutput): CommandOptions | number {
  let read: CommandOptions | undefined;
  const program = new Command("langchain-1password")
    .description("The tools of langchain-1password for other programs.")
    .version(version)
    .configureOutput({ writeOut: output.out, writeErr: output.err })
    .exitOverride();
  program
    .command("mcp")
    .summary("serves them as an MCP server")
    .description(about)
    .addHelpText("after", examples)
    .exitOverride()
    .allowExcessArguments(false)
    .optionsGroup("The account:")
    .addOption(
      option("--source <name>", "where people come from")
        .choices(["users-api", "truto"])
        .default("users-api"),
    )
    .option("--sandbox", "a made-up account in this process: no credentials, nobody in it is real")
    .optionsGroup("Which tools exist:")
    .addOption(
      option(
        "--methods <words>",
        "read, write, custom or verbs; without write or a verb that writes, nothing can be changed",
      )
        .argParser(listOf)
        .default(["read"], "read"),
    )
    .addOption(option("--tags <words>", "only tools with one of these tags").argParser(listOf))
    .addOption(
      option("--names <kind>", "portable names fit every model's provider")
        .choices(["portable", "truto"])
        .default("portable"),
    )
    .option("--no-workflows", "leave out the tools for whole tasks: offboard and audit")
    .optionsGroup("What every write passes:")
    .addOption(
      option("--identity <rule>", "whether a write says whom it means, by email")
        .choices(["required", "optional", "off"])
        .default("required"),
    )
    .addOption(
      option("--approval <way>", "who says yes: the MCP client's user, you at this terminal, or nobody")
        .choices(["elicitation", "terminal", "none"])
        .default("elicitation"),
    )
    .option(
      "--self-approval",
      "with --token-file: callers may approve, in their own client, what they asked for themselves",
    )
    .addOption(
      option("--protect <entries>", "who is never changed: ids, emails, *@domain")
        .argParser(listOf)
        .default([], "nobody"),
    )
    .addOption(
      option(
        "--task-users <entries>",
        "who may be changed at all: ids, emails (default: no bound)",
      ).argParser(listOf),
    )
    .addOption(
      option(
        "--max-writes <count/seconds>",
        "how many writes in a stretch of time, such as 20/3600",
      ).argParser(writeBudgetOf),
    )
    .option("--require-reason", "every write takes a reason, such as a ticket")
    .option("--audit <path>", "record every write in this file, before it is sent and after")
    .option("--dry-run", "only plan writes")
    .optionsGroup("Listening:")
    .addOption(
      option("--patience <seconds>", "how long a call may wait before it comes back as not done")
        .argParser(secondsOf)
        .default(45_000, "45"),
    )
    .addOption(
      option("--http <port>", "Streamable HTTP at /mcp, and GET /healthz, instead of stdio").argParser(
        portOf,
      ),
    )
    .addOption(
      option(
        "--host <address>",
        `with --http: where to listen (default: ${loopback}); elsewhere than on loopback only with --token-file`,
      ),
    )
    .addOption(
      option(
        "--allowed-hosts <names>",
        "with --http: the host names it is reached by, beside those of loopback",
      ).argParser(listOf),
    )
    .addOption(
      option("--allowed-origins <names>", "with --http: the host names of web pages that may call").argParser(
        listOf,
      ),
    )
    .option(
      "--token-file <path>",
      "with --http: bearer tokens, one a line, as name:token or token; chmod 600",
    )
    .optionsGroup("Servers to hand out, each by a URL of its own (off without --admin-token-file):")
    .option("--admin-token-file <path>", "with --http: the token of whoever hands them out; chmod 600")
    .addOption(
      option("--admin-port <port>", "where they are administered, at /mcp-servers").argParser(portOf),
    )
    .option("--admin-host <address>", `the same (default: ${loopback})`)
    .option("--servers-file <path>", "where they are kept")
    .option("--public-url <url>", "what their URLs begin with (default: where --http listens)")
    .action((options: ParsedOptions) => {
      read = commandOptions(options);
    });
  try {
    program.parse([...words], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
  return read ?? 2;
}

function option(flags: string, description: string): Option {
  return new Option(flags, description);
}

function commandOptions(options: ParsedOptions): CommandOptions {
  const { patience, http: port, host, allowedHosts, allowedOrigins, tokenFile, ...rest } = options;
  const { adminTokenFile, adminPort, adminHost, serversFile, publicUrl, ...tools } = rest;
  const forHttp = { host, allowedHosts, allowedOrigins, tokenFile, adminTokenFile };
  const forAdmin = { adminPort, adminHost, serversFile, publicUrl };
  if (port === undefined) refuseBeside(forHttp, "--http");
  if (adminTokenFile === undefined) refuseBeside(forAdmin, "--admin-token-file");
  const common: CommandOptions = {
    ...tools,
    sandbox: tools.sandbox ?? false,
    selfApproval: tools.selfApproval ?? false,
    requireReason: tools.requireReason ?? false,
    dryRun: tools.dryRun ?? false,
    patienceMs: patience,
  };
  if (port === undefined) return common;
  const http: HttpOptions = {
    port,
    host: host ?? loopback,
    allowedHosts: allowedHosts ?? [],
    allowedOrigins: allowedOrigins ?? [],
    ...(tokenFile === undefined ? {} : { tokenFile }),
    ...(adminTokenFile === undefined ? {} : { admin: adminOptions(adminTokenFile, forAdmin) }),
  };
  if (port !== 0 && http.admin?.port === port && http.admin.host === http.host) {
    throw new UsageError(
      `--admin-port ${port} is the port of --http as well. Give another: servers are administered on a listener of its own.`,
    );
  }
  checkReach(http);
  checkApprover(common, http);
  return { ...common, http };
}

function adminOptions(
  tokenFile: string,
  { adminPort, adminHost, serversFile, publicUrl }: { [Name in AdminFlag]: ParsedOptions[Name] | undefined },
): AdminOptions {
  if (adminPort === undefined) {
    throw new UsageError(
      "--admin-token-file needs --admin-port <port>: servers are administered on a listener of its own.",
    );
  }
  if (serversFile === undefined) {
    throw new UsageError(
      "--admin-token-file needs --servers-file <path>: the servers that are handed out are kept there.",
    );
  }
  return {
    port: adminPort,
    host: adminHost ?? loopback,
    tokenFile,
    serversFile,
    ...(publicUrl === undefined ? {} : { publicUrl }),
  };
}

/** A server that others can reach has to know who they are, and where they reach it. */
function checkReach({ host, tokenFile, admin }: HttpOptions): void {
  if (isLoopback(host)) return;
  if (tokenFile === undefined) {
    throw new UsageError(
      `--host ${host} can be reached from other machines, and anybody there could use the account. Give --token-file <path>, or leave out --host.`,
    );
  }
  if (admin !== undefined && admin.publicUrl === undefined) {
    throw new UsageError(
      `--host ${host} does not say by which name others reach it. Give --public-url <url>, which the URLs of servers begin with.`,
    );
  }
}

/** Callers with tokens are known, and their client's answer is their own. */
function checkApprover(
  { approval, selfApproval, methods, dryRun }: CommandOptions,
  { tokenFile }: HttpOptions,
): void {
  const isAsked = approval === "elicitation" && !selfApproval && !dryRun;
  if (tokenFile === undefined || !isAsked || !mayWrite(methods)) return;
  throw new UsageError(
    "--token-file names the callers, and with --approval elicitation each would approve in their own client what they asked for themselves. Give --self-approval to allow that, or --approval terminal.",
  );
}

function refuseBeside(options: Readonly<Record<string, unknown>>, needed: string): void {
  const given = Object.entries(options).find(([, value]) => value !== undefined);
  if (given === undefined) return;
  throw new UsageError(`${flagOf(given[0])} has no effect without ${needed}. Give both, or neither.`);
}
