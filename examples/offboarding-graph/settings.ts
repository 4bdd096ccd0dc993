import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { interrupt } from "@langchain/langgraph";
import { askByInterrupt, ToolManager, type UsersApiOptions } from "langchain-1password";
import { auditFile, fileApprovalStore } from "langchain-1password/node";

/** What the environment says about how the graph is run. */
export interface Settings {
  /** `OFFBOARDING_FOLDER`: for checkpoints, the audit log, used approvals and the approvals' key. */
  readonly folder: string;
  /** `OFFBOARDING_WAIT_MS`: from a suspension to the look whether it lasted. @default 2_000 */
  readonly waitMs: number;
  /** `OFFBOARDING_DATABASE_URL`: a PostgreSQL database for the checkpoints. Default: a SQLite file in the folder. */
  readonly databaseUrl: string | undefined;
}

/** Reads the settings. Throws for a wait that is no number. */
export function readSettings(folder = join(import.meta.dirname, ".state")): Settings {
  const { OFFBOARDING_FOLDER, OFFBOARDING_WAIT_MS = "2000", OFFBOARDING_DATABASE_URL } = process.env;
  const waitMs = Number(OFFBOARDING_WAIT_MS);
  if (OFFBOARDING_WAIT_MS.trim() === "" || !Number.isFinite(waitMs) || waitMs < 0) {
    throw new Error(
      `OFFBOARDING_WAIT_MS is "${OFFBOARDING_WAIT_MS}": give a number of milliseconds, or leave it out.`,
    );
  }
  const settings = { folder: OFFBOARDING_FOLDER ?? folder, waitMs, databaseUrl: OFFBOARDING_DATABASE_URL };
  mkdirSync(settings.folder, { recursive: true, mode: 0o700 });
  return settings;
}

/** A manager, and what closes it and its audit log. */
export interface OpenManager extends AsyncDisposable {
  readonly manager: ToolManager;
}

/** A manager whose every write says whom it means, is approved by an interrupt, and is recorded in the folder. */
export function openManager({ folder }: Settings, account: Partial<UsersApiOptions>): OpenManager {
  const audit = auditFile(join(folder, "audit.jsonl"));
  const manager = new ToolManager({
    ...account,
    backoff: true,
    identity: "required",
    approval: {
      ask: askByInterrupt(interrupt),
      key: approvalKey(folder),
      store: fileApprovalStore(join(folder, "approvals")),
    },
    audit,
  });
  return {
    manager,
    [Symbol.asyncDispose]: async () => {
      await manager.close();
      await audit.close();
    },
  };
}

/** `APPROVAL_KEY`, or one that is kept in the folder: what was asked before a restart has to be valid after it. */
function approvalKey(folder: string): string {
  const { APPROVAL_KEY } = process.env;
  if (APPROVAL_KEY !== undefined) return APPROVAL_KEY;
  const file = join(folder, "approval.key");
  try {
    writeFileSync(file, randomBytes(32).toString("hex"), { flag: "wx", mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  return readFileSync(file, "utf8");
}
