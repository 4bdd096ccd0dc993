import { open } from "node:fs/promises";
import { systemCode } from "../../node/system-code.js";
import type { BearerToken } from "../http/bearer.js";
import { StartError } from "./command-errors.js";

/** A token as a line of a file has it. */
export interface FileToken extends BearerToken {
  /** Whether the name is in the file, rather than made of the line's number. */
  readonly isNamed: boolean;
}

/** A token of fewer characters can be tried out. */
const shortestToken = 32;

/** What a header can carry as a bearer token: RFC 6750, section 2.1. */
const possibleToken = /^[A-Za-z0-9._~+/-]+=*$/;

const possibleName = /^[A-Za-z0-9._@+-]{1,64}$/;

/**
 * Reads bearer tokens: one a line, as `name:token` or `token`; empty lines and those that begin with `#` are left out.
 *
 * @param option - the option that named the file, for errors, which never show a token
 * @throws {@link StartError} for a file that is not there, that others may read, or that holds no good tokens
 */
export async function readTokenFile(option: string, path: string): Promise<readonly FileToken[]> {
  const lines = (await ownText(option, path)).split(/\r?\n/);
  const tokens = lines.flatMap((line, index): FileToken[] => {
    const text = line.trim();
    if (text === "" || text.startsWith("#")) return [];
    const number = index + 1;
    const at = text.indexOf(":");
    const [name, token] = at === -1 ? [`token-${number}`, text] : [text.slice(0, at), text.slice(at + 1)];
    const where = `Line ${number} of the ${option} "${path}"`;
    if (!possibleName.test(name)) {
      throw new StartError(
        `${where} begins with a name that is none. Give 1 to 64 letters, digits and . _ @ + - before the colon.`,
      );
    }
    if (token.length < shortestToken) {
      throw new StartError(
        `${where} holds a token of ${token.length} characters, and it takes ${shortestToken} at least. Make one: openssl rand -hex 32`,
      );
    }
    if (!possibleToken.test(token)) {
      throw new StartError(
        `${where} holds a token with characters that no bearer token has. Make one: openssl rand -hex 32`,
      );
    }
    return [{ name, token, isNamed: at !== -1 }];
  });
  if (tokens.length === 0) {
    throw new StartError(
      `The ${option} "${path}" holds no token. Make one: (umask 077; openssl rand -hex 32 > ${path})`,
    );
  }
  for (const key of ["name", "token"] as const) {
    if (new Set(tokens.map((one) => one[key])).size === tokens.length) continue;
    throw new StartError(
      `The ${option} "${path}" holds the same ${key} twice. Give each caller a name and a token of their own.`,
    );
  }
  return tokens;
}

/** The text of a file that its owner alone may read. */
async function ownText(option: string, path: string): Promise<string> {
  let handle;
  try {
    handle = await open(path, "r");
    const { mode } = await handle.stat();
    if (process.platform !== "win32" && (mode & 0o077) !== 0) {
      const rights = (mode & 0o777).toString(8).padStart(3, "0");
      throw new StartError(
        `Others than its owner have rights to the ${option} "${path}" (mode ${rights}), and whoever reads it can use the account. Run: chmod 600 ${path}`,
      );
    }
    return await handle.readFile("utf8");
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError(
      `The ${option} "${path}" cannot be read (${systemCode(error) ?? "no code"}). Make one: (umask 077; openssl rand -hex 32 > ${path})`,
      { cause: error },
    );
  } finally {
    await handle?.close();
  }
}
