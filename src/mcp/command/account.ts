import { environmentVariable } from "../../environment.js";
import { isToolsetError } from "../../errors/toolset-error.js";
import { startSandbox } from "../../sandbox/sandbox.js";
import type { ToolSource } from "../../sources/source.js";
import { truto } from "../../sources/truto/source.js";
import type { Region } from "../../sources/users-api/options.js";
import { usersApi } from "../../sources/users-api/source.js";
import { StartError } from "./command-errors.js";
import type { CommandOptions } from "./command-options.js";

/** Where people come from. */
export interface Account {
  readonly source: ToolSource;
  /** What to call it in front of people; never a secret. */
  readonly title: string;
  close(): Promise<void>;
}

/**
 * Opens the account that the environment names, or a sandbox.
 *
 * @param warn - told of tools that the account offers and that cannot be offered safely
 * @throws {@link StartError} naming the variable that is missing or does not fit
 */
export async function openAccount(
  { sandbox, source }: Pick<CommandOptions, "sandbox" | "source">,
  warn: (text: string) => void,
): Promise<Account> {
  if (sandbox) return await openSandbox(source, warn);
  try {
    return source === "truto" ? trutoAccount(warn) : usersApiAccount();
  } catch (error) {
    if (isToolsetError(error)) throw new StartError(asVariables(error.text), { cause: error });
    throw error;
  }
}

async function openSandbox(
  source: CommandOptions["source"],
  onWarning: (text: string) => void,
): Promise<Account> {
  // By name, for a spread of a sandbox leaves out most of it.
  const sandbox = await startSandbox();
  const { baseUrl, accountId, clientId, clientSecret, trutoApiKey, integratedAccountId } = sandbox;
  return {
    source:
      source === "truto"
        ? truto({ apiKey: trutoApiKey, integratedAccountId, baseUrl, onWarning })
        : usersApi({ accountId, clientId, clientSecret, baseUrl }),
    title: `a sandbox in this process, with ${sandbox.users.length} made-up people, m.scott@example.com among them; no real account is touched`,
    close: sandbox.close,
  };
}

function usersApiAccount(): Account {
  const fix = "Set OP_ACCOUNT_ID, OP_CLIENT_ID and OP_CLIENT_SECRET, or try it with no account: --sandbox.";
  const accountId = required("OP_ACCOUNT_ID", fix);
  const clientId = required("OP_CLIENT_ID", fix);
  const clientSecret = required("OP_CLIENT_SECRET", fix);
  const region = optional("OP_REGION");
  return {
    source: usersApi({
      accountId,
      clientId,
      clientSecret,
      ...(region === undefined ? {} : { region: region as Region }),
    }),
    title: `1Password account ${accountId}, region ${region ?? "com"}, by the Users API`,
    close: () => Promise.resolve(),
  };
}

function trutoAccount(onWarning: (text: string) => void): Account {
  const fix =
    "Set TRUTO_API_KEY and TRUTO_INTEGRATED_ACCOUNT_ID, or try it with no account: --sandbox --source truto.";
  const apiKey = required("TRUTO_API_KEY", fix);
  const integratedAccountId = required("TRUTO_INTEGRATED_ACCOUNT_ID", fix);
  return {
    source: truto({ apiKey, integratedAccountId, onWarning }),
    title: `Truto's integrated account ${integratedAccountId}`,
    close: () => Promise.resolve(),
  };
}

const variables: Readonly<Record<string, string>> = {
  '"accountId"': "OP_ACCOUNT_ID",
  '"clientId"': "OP_CLIENT_ID",
  '"clientSecret"': "OP_CLIENT_SECRET",
  '"region"': "OP_REGION",
  '"apiKey"': "TRUTO_API_KEY",
  '"integratedAccountId"': "TRUTO_INTEGRATED_ACCOUNT_ID",
};

/** The library's words, with the variables that its options came from. */
function asVariables(text: string): string {
  return text.replaceAll(/"\w+"/g, (option) => variables[option] ?? option);
}

function required(name: string, fix: string): string {
  const value = optional(name);
  if (value?.startsWith("${") === true) {
    throw new StartError(
      `${name} is a placeholder that the program which started this has not filled in. Set ${name} where that one finds it.`,
    );
  }
  if (value !== undefined) return value;
  throw new StartError(`${name} is not set in the environment. ${fix}`);
}

function optional(name: string): string | undefined {
  const value = environmentVariable(name);
  return value === undefined || value.trim() === "" ? undefined : value;
}
