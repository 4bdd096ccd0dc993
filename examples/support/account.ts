import { ToolManager, type Ask, type ManagerOptions } from "langchain-1password";
import { askInTerminal } from "langchain-1password/node";
import { startSandbox, type Sandbox, type SandboxOptions } from "langchain-1password/sandbox";
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
  {
    names,
    busy = false,
  }: Pick<ManagerOptions, "names"> & {
    /** Whether another program has just used up the account's rate limit, as happens to real ones. */
    busy?: boolean;
  },
): Promise<SandboxAccount> {
  const sandbox = await startSandbox(options);
  if (busy) await useUpRateLimit(sandbox, options.rateLimit?.limit ?? 0);
  const start = sandbox.requests.length;
  const manager = new ToolManager({ ...sandbox, backoff: true, names });
  const before = new Map(sandbox.users.map(({ id, state }) => [id, state]));
  const { rateLimit } = options;
  const limit =
    rateLimit === undefined
      ? ""
      : `, ${rateLimit.limit} requests every ${rateLimit.windowMs / 1000} s${busy ? ", just now used up by others" : ""}`;
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
        requests: sandbox.requests.length - start,
        rateLimited: sandbox.requests.slice(start).filter(({ status }) => status === 429).length,
      };
    },
    close: async () => {
      await manager.close();
      await sandbox.close();
    },
  };
}

async function useUpRateLimit(sandbox: Sandbox, requests: number): Promise<void> {
  await using other = new ToolManager({ ...sandbox });
  const list = await other.getTool("list_all_1_password_users");
  for (let request = 0; request < requests; request += 1) await list.invoke({ max_page_size: 1 });
}

/** What {@link openRealAccount} takes. */
export interface RealAccountOptions extends Pick<ManagerOptions, "names"> {
  /** Another host than the region's, for tests. */
  readonly baseUrl?: string;
  /** What stands between the agent and a change. @default a question at standard input and output */
  readonly ask?: Ask;
}

/** Where standard input is no terminal, nobody is asked, and nothing is changed. */
const askHere = askInTerminal({ terminal: { input: process.stdin, output: process.stdout } });

/** Opens the account that `OP_ACCOUNT_ID`, `OP_CLIENT_ID` and `OP_CLIENT_SECRET` name; a change needs a typed yes. */
export function openRealAccount({ names, baseUrl, ask = askHere }: RealAccountOptions): Account {
  const traffic = { requests: 0, rateLimited: 0 };
  const countingFetch: typeof fetch = async (...request) => {
    traffic.requests += 1;
    const answer = await fetch(...request);
    if (answer.status === 429) traffic.rateLimited += 1;
    return answer;
  };
  const manager = new ToolManager({ backoff: true, names, approval: { ask }, fetch: countingFetch, baseUrl });
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
