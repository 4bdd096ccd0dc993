import { mkdir, open, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { ToolsetError } from "../errors/toolset-error.js";
import type { ApprovalStore } from "../layers/approval-options.js";
import { checkText } from "../sources/option-checks.js";
import { ExpiredApprovals } from "./expired-approvals.js";
import { syncFolder } from "./sync-folder.js";
import { systemCode } from "./system-code.js";

const possibleNonce = /^[A-Za-z0-9_-]{1,128}$/;

/**
 * Remembers used approvals in a folder, for all processes that are given it: a file for each, named by its nonce,
 * durable before the approval counts as taken. It must be on a local file system, and for this alone.
 *
 * The folder is made with mode 0700 where it is missing, the one that it is in must exist. A folder that others may
 * write to is refused: whoever removes a file makes an approval usable again. Files have mode 0600. Those of
 * approvals that have ended a minute ago are removed now and then, up to 256 at a time. A file that was left
 * empty, because a process was killed while it took the approval, does not say when it ends, and stays.
 *
 * `consume` throws a `ToolsetError`: `invalid_argument` for a nonce with other characters than letters, digits, `-`
 * and `_`, `approval_unavailable` when the folder cannot be used. Then the approval is not taken, or taken by nobody.
 *
 * @param folder - the folder's path
 * @throws {@link ToolsetError} `invalid_argument` when that is no text
 *
 * @example
 * ```ts
 * const approval = { ask, key, store: fileApprovalStore("/var/lib/offboarding/approvals") };
 * ```
 */
export function fileApprovalStore(folder: string): ApprovalStore {
  checkText("folder", folder, "Give the path of the folder.");
  const path = resolve(folder);
  const expired = new ExpiredApprovals(path);
  let isReady = false;
  return {
    async consume(nonce, expiresAt) {
      checkApproval(nonce, expiresAt);
      try {
        if (!isReady) await prepare(path);
        isReady = true;
        const isFirst = await create(join(path, nonce), expiresAt);
        if (isFirst) await syncFolder(path);
        await expired.removeNowAndThen();
        return isFirst;
      } catch (error) {
        throw error instanceof ToolsetError ? error : storeTrouble(path, error);
      }
    },
  };
}

function checkApproval(nonce: unknown, expiresAt: unknown): void {
  if (typeof nonce !== "string" || !possibleNonce.test(nonce)) {
    throw new ToolsetError(
      "invalid_argument",
      'A nonce is 1 to 128 letters, digits, "-" and "_", and this one is not. Nothing was approved.',
    );
  }
  if (typeof expiresAt !== "number" || !Number.isFinite(expiresAt)) {
    throw new ToolsetError(
      "invalid_argument",
      `An approval ends at a time in milliseconds, and this one at ${String(expiresAt)}. Nothing was approved.`,
    );
  }
}

/** Makes the file of an approval, atomically; `false` where it is there. */
async function create(path: string, expiresAt: number): Promise<boolean> {
  let handle;
  try {
    handle = await open(path, "wx", 0o600);
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    throw error;
  }
  try {
    await handle.writeFile(`${JSON.stringify({ expiresAt })}\n`);
    await handle.sync();
    return true;
  } finally {
    await handle.close();
  }
}

async function prepare(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
    await syncFolder(dirname(path));
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
  }
  const { mode } = await stat(path);
  if (process.platform !== "win32" && (mode & 0o022) !== 0) {
    throw new ToolsetError(
      "approval_unavailable",
      `Others may write to "${path}", and make used approvals usable again. Take that right away: chmod 700.`,
    );
  }
}

function storeTrouble(path: string, error: unknown): ToolsetError {
  const code = systemCode(error) ?? "no code";
  const fix =
    code === "ENOENT"
      ? `Create "${dirname(path)}", and let nobody remove what is in it.`
      : "Give a folder on a local disk that this process may write to.";
  return new ToolsetError(
    "approval_unavailable",
    `Used approvals cannot be kept in "${path}" (${code}). ${fix}`,
    { cause: error },
  );
}
