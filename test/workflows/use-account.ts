import type { ToolMessage } from "@langchain/core/messages";
import {
  ToolManager,
  truto,
  usersApi,
  type ManagerOptions,
  type ToolErrorArtifact,
  type ToolSource,
} from "langchain-1password";
import type { Sandbox, SandboxOptions, SandboxRequest, SandboxUser } from "langchain-1password/sandbox";
import { expect } from "vitest";
import { useSandbox } from "../support/sandbox.js";

/** Both sources, by the names that tests go by. */
export const sources = {
  "the Users API": (sandbox: Sandbox): ToolSource => usersApi({ ...sandbox }),
  Truto: ({ baseUrl, trutoApiKey, integratedAccountId }: Sandbox): ToolSource =>
    truto({ baseUrl, apiKey: trutoApiKey, integratedAccountId }),
} as const;
export type SourceName = keyof typeof sources;
export const sourceNames = Object.keys(sources) as SourceName[];

/** What came of a tool's call. */
export interface Answer {
  readonly text: string;
  /** Of an error, its code. */
  readonly code: string | undefined;
  readonly data: unknown;
}

/** A sandbox, a manager with its workflows on it, and what the server saw. */
export interface TestAccount {
  readonly sandbox: Sandbox;
  readonly manager: ToolManager;
  /** Another manager on the same sandbox, as of another process. */
  readonly managerWith: (options?: ManagerOptions) => ToolManager;
  /** Calls the tool with that verb as a model would. */
  readonly call: (method: string, args: object, config?: object) => Promise<Answer>;
  readonly person: (email: string) => SandboxUser;
  /** Suspensions and reactivations that arrived. */
  readonly writes: () => readonly SandboxRequest[];
  /** Pages of the directory that were asked for. */
  readonly pages: () => readonly SandboxRequest[];
}

/** Starts a sandbox for the test that is running, and puts a manager in front of it. */
export async function useAccount(
  source: SourceName,
  sandboxOptions: SandboxOptions = {},
  options: ManagerOptions = {},
): Promise<TestAccount> {
  const sandbox = await useSandbox(sandboxOptions);
  const managerWith = (own: ManagerOptions = {}) =>
    new ToolManager({ source: sources[source](sandbox), workflows: true, ...own });
  const manager = managerWith(options);
  return {
    sandbox,
    manager,
    managerWith,
    call: (method, args, config) => callTool(manager, method, args, config),
    person: (email) => sandbox.users.find((user) => user.email === email)!,
    writes: () => sandbox.requests.filter(({ path }) => /[:/](suspend|reactivate)$/.test(path)),
    pages: () => sandbox.requests.filter(({ method, path }) => method === "GET" && path.endsWith("/users")),
  };
}

let calls = 0;

/** Calls a manager's tool with that verb as a model would. */
export async function callTool(
  manager: ToolManager,
  method: string,
  args: object,
  config: object = {},
): Promise<Answer> {
  const tools = await manager.getTools();
  const tool = tools.find(({ descriptor }) => descriptor.method === method)!;
  const toolCall = { type: "tool_call" as const, id: `call-${(calls += 1)}`, name: tool.name, args };
  const message = (await tool.invoke(toolCall as never, config)) as ToolMessage;
  const { data, error } = (message.artifact ?? {}) as { data?: unknown } & Partial<ToolErrorArtifact>;
  return { text: message.text, code: error?.code, data };
}

/**
 * Expects one suspension or reactivation for each of these people, in their order, and none beside them. Truto's
 * requests carry the id where the sandbox keeps no record of it: there it is the number alone.
 */
export function expectWritten(writes: readonly SandboxRequest[], people: readonly SandboxUser[]): void {
  const idOf = ({ path }: SandboxRequest) => /\/users\/([A-Z0-9]{26}):/.exec(path)?.[1];
  expect(writes).toHaveLength(people.length);
  if (writes.every((request) => idOf(request) === undefined)) return;
  expect(writes.map(idOf)).toEqual(people.map(({ id }) => id));
}
