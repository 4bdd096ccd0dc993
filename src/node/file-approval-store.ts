import { randomBytes } from "node:crypto";
import { mkdir, open, readFile, rename, stat, unlink } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { ToolsetError } from "../errors/toolset-error.js";
import type { ApprovalStore } from "../layers/approval-options.js";
import { checkPath } from "./check-path.js";
import { ExpiredApprovals, temporaryEnding, textEnding } from "./expired-approvals.js";
import { syncFolder } from "./sync-folder.js";
import { systemCode } from "./system-code.js";

const possibleName = /^[A-Za-z0-9_-]{1,128}$/;

/**
 * Remembers used approvals and receipts of writes in a folder, for all processes that are given it: a file for each,
 * durable before it counts. It must be on a local file system, and for this alone.
 *
 * The folder is made with mode 0700 where it is missing, the one that it is in must exist. A folder that others may
 * write to is refused: whoever removes a file makes an approval usable again. Files have mode 0600, and are named by
 * an approval's nonce or by a digest. Those of what has ended a minute ago are removed at later calls: up to 256 once a
 * minute, and 8 at every other call. A file that was left empty, because a process was killed while it took the
 * approval, does not say when it ends, and stays.
 *
 * Its methods throw a `ToolsetError`: `invalid_argument` for a nonce or a key with other characters than letters,
 * digits, `-` and `_`, `approval_unavailable` when the folder cannot be used. Then an approval is not taken, or taken by
 * nobody.
 *
 * @param folder - the folder's path
 * @throws {@link ToolsetError} `invalid_argument` when that is no text
 *
 * @example
 * ```ts
 * const approval = { ask, key, store: fileApprovalStore("/var/lib/offboarding/approvals") };
 * ```
 */
export function fileApprovalStore(folder: string): Required<ApprovalStore> {
  checkPath("folder", folder);
  const path = resolve(folder);
  const expired = new ExpiredApprovals(path);
  let isReady = false;

  async function inFolder<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      if (!isReady) await prepare(path);
      isReady = true;
      return await work();
    } catch (error) {
      throw error instanceof ToolsetError ? error : storeTrouble(path, error);
    }
  }

  return {
    async consume(nonce, expiresAt) {
      checkName("A nonce", nonce);
      checkEnd("An approval", expiresAt);
      return inFolder(async () => {
        const isFirst = await create(join(path, nonce), `${JSON.stringify({ expiresAt })}\n`);
        if (isFirst) await syncFolder(path);
        await expired.removeSome();
        return isFirst;
      });
    },
    async remember(key, text, expiresAt) {
      checkName("A key", key);
      checkEnd("A text", expiresAt);
      await inFolder(async () => {
        await replace(join(path, `${key}${textEnding}`), `${JSON.stringify({ expiresAt, text })}\n`);
        await syncFolder(path);
        await expired.removeSome();
      });
    },
    async recall(key) {
      checkName("A key", key);
      return inFolder(() => read(join(path, `${key}${textEnding}`)));
    },
  };
}

function checkName(what: string, name: unknown): void {
  if (typeof name === "string" && possibleName.test(name)) return;
  throw new ToolsetError(
    "invalid_argument",
    `${what} is 1 to 128 letters, digits, "-" and "_", and this one is not. Nothing was approved.`,
  );
}

function checkEnd(what: string, expiresAt: unknown): void {
  if (typeof expiresAt === "number" && Number.isFinite(expiresAt)) return;
  throw new ToolsetError(
    "invalid_argument",
    `${what} ends at a time in milliseconds, and this one at ${String(expiresAt)}. Nothing was approved.`,
  );
}

/** Makes a file, atomically and durably; `false` where it is there. */
async function create(path: string, content: string): Promise<boolean> {
  let handle;
  try {
    handle = await open(path, "wx", 0o600);
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    throw error;
  }
  try {
    await handle.writeFile(content);
    await handle.sync();
    return true;
  } finally {
    await handle.close();
  }
}

/** Puts a file in the place of another, so that nobody ever reads half of one. */
async function replace(path: string, content: string): Promise<void> {
  const written = `${path}.${randomBytes(8).toString("hex")}${temporaryEnding}`;
  try {
    await create(written, content);
    await rename(written, path);
  } catch (error) {
    await unlink(written).catch(() => undefined);
    throw error;
  }
}

/** The text of a file, if it has not ended; `undefined` where there is no file. */
async function read(path: string): Promise<string | undefined> {
  let content: string;
  try {
    content = await readFile(path, "utf8");
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    // Of a folder that is gone, nobody knows what it held.
    await stat(dirname(path));
    return undefined;
  }
  const { expiresAt, text } = JSON.parse(content) as { expiresAt?: unknown; text?: unknown };
  if (typeof expiresAt !== "number" || typeof text !== "string")
    throw new Error("It is no file of this store.");
  return expiresAt > Date.now() ? text : undefined;
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
