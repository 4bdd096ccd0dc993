import { dirname } from "node:path";
import { ToolsetError } from "../errors/toolset-error.js";
import { systemCode } from "./system-code.js";

/** Why a log cannot be opened, for somebody who has to mend it. */
export function openingTrouble(path: string, error: unknown): ToolsetError {
  const { why, fix, retryable } = openingWords(path, systemCode(error) ?? "no code");
  const text = `The audit log "${path}" cannot be opened: ${why}. ${fix}`;
  return new ToolsetError("audit_unavailable", text, { retryable, cause: error });
}

/** Why a log cannot be read. */
export function readingTrouble(path: string, error: unknown): ToolsetError {
  const code = systemCode(error) ?? "no code";
  const text = `The audit log "${path}" cannot be read (${code}). Check the path, and that this process may read it.`;
  return lastingTrouble(text, error);
}

/** Why a record is not in the log, or not safely. Trying again may help. */
export function writingTrouble(path: string, error: unknown): ToolsetError {
  const code = systemCode(error) ?? "no code";
  const isFull = ["ENOSPC", "EDQUOT", "EFBIG"].includes(code);
  const fix = isFull
    ? "There is no room for it: make some, then try again."
    : "See to its disk, then try again.";
  const text = `A record could not be written to the audit log "${path}" (${code}). ${fix}`;
  return new ToolsetError("audit_unavailable", text, { cause: error });
}

/** What trying again alone does not mend. */
export function lastingTrouble(text: string, cause?: unknown): ToolsetError {
  return new ToolsetError("audit_unavailable", text, { retryable: false, cause });
}

function openingWords(path: string, code: string): { why: string; fix: string; retryable?: false } {
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return {
        why: `there is no folder "${dirname(path)}"`,
        fix: "Create it for the user that this process runs as.",
        retryable: false,
      };
    case "EISDIR":
      return { why: "it is a folder", fix: "Give the path of a file in it.", retryable: false };
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return {
        why: `this process has no right to it (${code})`,
        fix: "Give its user the right to read and write it, or give another path.",
        retryable: false,
      };
    default:
      return { why: `the system answered ${code}`, fix: "See to its disk, then try again." };
  }
}
