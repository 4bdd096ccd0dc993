import { ToolsetError } from "./errors/toolset-error.js";

/** Reads an environment variable where there is an environment; a worker has none. */
export function environmentVariable(name: string): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.[name];
}

/**
 * Whether `OP_READ_ONLY` says that no tool may change anything.
 *
 * @throws {@link ToolsetError} `invalid_argument` for a value that is neither yes nor no: nobody may believe to
 * be safe by a typo
 */
export function isReadOnlyByEnvironment(): boolean {
  const value = environmentVariable("OP_READ_ONLY")?.trim().toLowerCase();
  if (value === undefined || ["", "0", "false"].includes(value)) return false;
  if (["1", "true"].includes(value)) return true;
  throw new ToolsetError("invalid_argument", `"OP_READ_ONLY" is "${value.slice(0, 20)}". Set it to 1 or 0.`);
}
