import { ToolManager, type ManagerOptions } from "langchain-1password";
import { startSandbox, type Sandbox, type SandboxOptions } from "langchain-1password/sandbox";
import { askInTerminal } from "./ask-in-terminal.js";
import { printable } from "./printable.js";
import { peopleIn } from "./read-results.js";

/** Somebody who may have been changed, as the account itself tells it. */
export interface PersonAfterwards {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  /** `null` where nobody looked before. */
  readonly before: string | null;
  readonly now: string;
}

/** An account to work on, and what can be told of it afterwards. */
export interface Account {
  /** What to call it in front of people. */
  readonly title: string;
  readonly manager: ToolManager;
  /** Reads these people back from the account, and whoever else is known to have changed. */
  readBack(ids: readonly string[]): Promise<PersonAfterwards[]>;
  /** How many people `readBack` has compared; `null` where it looks at nobody but those it is asked for. */
  readonly people: number | null;
  /** Requests that were made so far, and how many of them were answered by a 429. */
  traffic(): { requests: number; rateLimited: number };
  close(): Promise<void>;
}

/** A sandbox as an account: it can tell about everybody. */
export interface SandboxAccount extends Account {
  readonly sandbox: Sandbox;
}

/** Starts a sandbox and opens it. Nothing asks before a change: nobody in it is real. */
export async function openSandbox(
  options: SandboxOptions,
  { names }: Pick<ManagerOptions, "names">,
): Promise<SandboxAccount> {
  const sandbox = await startSandbox(options);
  const manager = new ToolManager({ ...sandbox, backoff: true, names });
  const before = new Map(sandbox.users.map(({ id, state }) => [id, state]));
  const { rateLimit } = options;
  const limit =
    rateLimit === undefined ? "" : `, ${rateLimit.limit} requests every ${rateLimit.windowMs / 1000} s`;
  return {
    title: `a sandbox at ${sandbox.baseUrl} with ${sandbox.users.length} people${limit}`,
    manager,
    sandbox,
    people: sandbox.users.length,
    readBack: (ids) =>
      Promise.resolve(
        sandbox.users
          .filter(({ id, state }) => ids.includes(id) || before.get(id) !== state)
          .map(({ id, email, display_name: name, state }) => {
            return { id, email, name, before: before.get(id) ?? null, now: state };
          }),
      ),
    traffic: () => {
      return {
        requests: sandbox.requests.length,
        rateLimited: sandbox.requests.filter(({ status }) => status === 429).length,
      };
    },
    close: async () => {
      await manager.close();
      await sandbox.close();
    },
  };
}

/** Opens the account that `OP_ACCOUNT_ID`, `OP_CLIENT_ID` and `OP_CLIENT_SECRET` name; a change needs a typed yes. */
export function openRealAccount({ names }: Pick<ManagerOptions, "names">): Account {
  const traffic = { requests: 0, rateLimited: 0 };
  const countingFetch: typeof fetch = async (...request) => {
    traffic.requests += 1;
    const answer = await fetch(...request);
    if (answer.status === 429) traffic.rateLimited += 1;
    return answer;
  };
  const manager = new ToolManager({ backoff: true, names, layers: [askInTerminal], fetch: countingFetch });
  return {
    title: `1Password account ${printable(process.env.OP_ACCOUNT_ID ?? "")}`,
    manager,
    people: null,
    readBack: async (ids) => {
      if (ids.length === 0) return [];
      const get = await manager.getTool("get_single_1_password_user_by_id");
      const texts = await Promise.all(ids.map((id) => get.invoke({ id }) as Promise<string>));
      return texts.flatMap(peopleIn).map(({ state, ...person }) => ({ ...person, before: null, now: state }));
    },
    traffic: () => traffic,
    close: () => manager.close(),
  };
}
