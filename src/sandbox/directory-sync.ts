import type { Account } from "./account.js";
import type { SandboxUser } from "./users.js";

/**
 * A directory that people are still in: as SCIM provisioning does, it sets those active again who were suspended
 * through either API.
 */
export interface SandboxDirectorySync {
  /** How long after a suspension it does so, in milliseconds. */
  afterMs: number;
  /** Who is still in the directory, by email in any case. Default: everybody. */
  emails?: readonly string[];
  /** How often it reactivates one person; `Infinity` for every time that they are suspended. @default 1 */
  times?: number;
}

/** Puts a directory behind an account. After `stop` it changes nobody. */
export function syncWithDirectory(
  account: Account,
  { afterMs, emails, times = 1 }: SandboxDirectorySync,
): { account: Account; stop: () => void } {
  const members = emails && new Set(emails.map((email) => email.toLowerCase()));
  const timesDone = new Map<string, number>();
  const timers = new Map<string, NodeJS.Timeout>();
  let isStopped = false;
  const cancel = (id: string) => {
    clearTimeout(timers.get(id));
    timers.delete(id);
  };
  const reactivate = (user: SandboxUser) => {
    timers.delete(user.id);
    // The email is looked at only now: one that was changed meanwhile is another entry of the directory.
    if (members && !members.has(user.email.toLowerCase())) return;
    if (user.state !== "SUSPENDED") return;
    user.state = "ACTIVE";
    timesDone.set(user.id, (timesDone.get(user.id) ?? 0) + 1);
  };
  return {
    account: {
      ...account,
      setState: (id, state) => {
        const change = account.setState(id, state);
        if (change.kind !== "changed") return change;
        cancel(id);
        const isDone = (timesDone.get(id) ?? 0) >= times;
        if (state === "SUSPENDED" && !isDone && !isStopped) {
          timers.set(id, setTimeout(reactivate, afterMs, change.user).unref());
        }
        return change;
      },
    },
    stop: () => {
      isStopped = true;
      for (const id of [...timers.keys()]) cancel(id);
    },
  };
}
