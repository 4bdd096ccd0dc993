import { resolve } from "node:path";
import type { AuditRecord, AuditSink } from "../layers/audit-record.js";
import { refuseOption, refuseUnknownOptions } from "../option-error.js";
import { checkText } from "../sources/option-checks.js";
import { warningListener, type WarningListener } from "../warning.js";
import type { AuditLine } from "./audit-line.js";
import { lastingTrouble } from "./audit-trouble.js";
import { forwardRecords } from "./forward-records.js";
import { GroupCommit } from "./group-commit.js";
import { sealKey } from "./seal-key.js";

/** How a log is kept. */
export interface AuditFileOptions {
  /**
   * Makes the chains HMACs, which nobody can forge without it: 32 random bytes or as much text. One file has one
   * key, whoever writes to it. Keep it away from those who can write to the file, and keep it: without it nothing
   * can be verified. What a log shows with it and without is said at {@link verifyAudit}.
   *
   * @default none: plain hashes
   */
  key?: string | Uint8Array | undefined;
  /**
   * Told of each record once it is durable, as it stands in the file and in that order: to keep a copy, or only
   * its `chain`, where those who can write to the file cannot. Not waited for, but by `close`. What it throws, or a
   * promise that it rejects, goes to `onWarning` and does not touch the record, which is in the file.
   */
  onRecord?: ((record: AuditLine) => void | Promise<void>) | undefined;
  /** Hears that `onRecord` failed, with what it threw as `cause`. @default console.warn */
  onWarning?: WarningListener | undefined;
}

/** A log that is being written. Its methods may be taken off it. */
export interface AuditFile extends AuditSink, AsyncDisposable {
  /**
   * Resolves once the record is on the disk.
   *
   * @throws `ToolsetError` `audit_unavailable` when it is not, or perhaps not; the next record may have more luck
   */
  write(record: AuditRecord): Promise<void>;
  /** Waits for what is being written and handed on, and closes the file. May be called more than once. */
  close(): Promise<void>;
}

const optionNames = ["key", "onRecord", "onWarning"] as const satisfies readonly (keyof AuditFileOptions)[];

/**
 * Keeps an audit log in a file: a line of JSON for each record, appended by one `write` and synced before that
 * record's `write()` resolves; records that come together share a sync. Each opened file has a hash chain of its own
 * (`chain`, see {@link AuditChain}), and several processes may write to one file, on a local file system: those of
 * a network do not append atomically.
 *
 * The file is opened by the first record. Its folder must exist. It is made with mode 0600, and one that others have
 * rights to is set to 0600: records name people. What is no audit log is left as it is and refused.
 *
 * A log may be rotated while it is open, by renaming it: the next record goes into a new file, whose chain names the
 * last record of the old one, and {@link verifyAudit} takes the files in order. One that was emptied in place, as by
 * logrotate's `copytruncate`, is not written to: that record is refused.
 *
 * A line that was left half written, because a process was killed or the disk was full, stays: the next record
 * starts on a line of its own and says what it found. After a failure the file is opened anew, with a new chain.
 *
 * @param path - the file
 * @throws {@link ToolsetError} `invalid_argument` for an option that does not fit
 *
 * @example
 * ```ts
 * import { readFile } from "node:fs/promises";
 * import { ToolManager } from "langchain-1password";
 * import { auditFile } from "langchain-1password/node";
 *
 * const key = await readFile("/run/secrets/audit-key");
 * await using audit = auditFile("/var/log/offboarding/audit.jsonl", { key });
 * await using manager = new ToolManager({ audit });
 * ```
 */
export function auditFile(path: string, options: AuditFileOptions = {}): AuditFile {
  checkText("path", path, "Give the path of the file.");
  refuseUnknownOptions(options, optionNames, "auditFile");
  const { key, onRecord, onWarning } = options;
  if (onRecord !== undefined && typeof onRecord !== "function") {
    throw refuseOption("onRecord", `is a ${typeof onRecord}`, "Give a function.");
  }
  if (onWarning !== undefined && typeof onWarning !== "function") {
    throw refuseOption("onWarning", `is a ${typeof onWarning}`, "Give a function.");
  }
  const file = resolve(path);
  const commits = new GroupCommit(file, sealKey(key));
  const forwarding = forwardRecords(file, onRecord, warningListener(onWarning));
  let closing: Promise<void> | undefined;
  const close = () =>
    (closing ??= (async () => {
      await commits.close();
      await forwarding.settled();
    })());
  return {
    async write(record) {
      if (closing !== undefined) {
        throw lastingTrouble(
          `The audit log "${file}" is closed. Close it after everything that writes to it.`,
        );
      }
      forwarding.forward(await commits.write(bodyOf(record, file)));
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** A record as JSON. One that was read from a log leaves its old chain behind. */
function bodyOf(record: AuditRecord, file: string): string {
  let body: string;
  try {
    const { chain: _, ...fields } = record as Partial<AuditLine>;
    body = JSON.stringify(fields);
  } catch (error) {
    throw lastingTrouble(`A record for the audit log "${file}" cannot be written as JSON.`, error);
  }
  if (body === "{}") throw lastingTrouble(`A record for the audit log "${file}" is empty.`);
  return body;
}
