import { ToolMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import {
  defineTool,
  guard,
  isToolsetError,
  offboardUser,
  ToolManager,
  truto,
  usersApi,
  type GuardOptions,
  type ToolSource,
  type ToolTarget,
} from "langchain-1password";
import { createMcpServer } from "langchain-1password/mcp";
import type { Sandbox, SandboxUser } from "langchain-1password/sandbox";
import { z } from "zod";
import { useMemoryClient } from "./mcp-memory.js";
import { useSandbox } from "./sandbox.js";

type Arguments = Readonly<Record<string, unknown>>;

/** The guards that have to know whom a write concerns, each by itself and together. */
export const judgingGuards = {
  protect: ({ protectedEmail }) => ({ guards: { protect: [protectedEmail] } }),
  "protect, a predicate": () => ({ guards: { protect: () => false } }),
  taskUsers: ({ meant }) => ({ guards: { taskUsers: [meant.id] } }),
  "configurable.taskUsers": ({ meant }) => ({ guards: {}, configurable: { taskUsers: [meant.email] } }),
  identity: () => ({ guards: { identity: "required" } }),
  approval: ({ ask }) => ({ guards: { approval: { ask } } }),
  "approval past a budget": ({ ask }) => ({
    guards: { approval: { ask, when: "past-budget" }, maxWrites: { count: 1, windowMs: 60_000 } },
  }),
  "all of them": ({ ask, meant, protectedEmail }) => ({
    guards: {
      protect: [protectedEmail],
      taskUsers: [meant.id, protectedEmail],
      identity: "required",
      approval: { ask },
      maxWrites: { count: 1, windowMs: 60_000 },
    },
    configurable: { taskUsers: [meant.email] },
  }),
} satisfies Record<string, (facts: GuardFacts) => GuardSetup>;

interface GuardFacts {
  readonly meant: SandboxUser;
  readonly protectedEmail: string;
  readonly ask: NonNullable<GuardOptions["approval"]>["ask"];
}

interface GuardSetup {
  readonly guards: GuardOptions;
  readonly configurable?: Record<string, unknown>;
}

/** How the arguments of a call fail to say whom it concerns, or name somebody whom nobody can read. */
export const ways = {
  missing: () => ({}),
  null: () => ({ id: null }),
  "a number": () => ({ id: 7 }),
  "a list with something else in it": ({ id }) => ({ id: [id, null] }),
  "an empty list": () => ({ id: [] }),
  nested: ({ id }) => ({ user: { id } }),
  "another name": ({ id }) => ({ user_id: id }),
  "an empty text": () => ({ id: "" }),
  "an id that nobody has": () => ({ id: "Z".repeat(26) }),
  "an id of another account": () => ({ id: "B2".repeat(13) }),
  "a person who cannot be read": ({ unreadable }) => ({ id: unreadable }),
  "a source that cannot read": ({ id }) => ({ id }),
} satisfies Record<string, (people: { id: string; unreadable: string }) => Arguments>;

export type Way = keyof typeof ways;

/** What came of a call. */
export interface Attempt {
  /** What the model read, or the message of what was thrown, also where the guards were put up. */
  readonly said: string;
  /** How many writes left, by the sandbox's count or the tool's own. */
  readonly writes: number;
}

/** One way to a write that is guarded: it makes a call with the arguments. */
interface Door {
  call(args: Arguments): Promise<string>;
  writes(): number;
}

interface DoorSetup extends GuardSetup {
  readonly sandbox: Sandbox;
  /** Whether the source, or the tool's own `readUser`, can read anybody. */
  readonly canRead: boolean;
}

type OpenDoor = (setup: DoorSetup) => Promise<Door>;

const writesOf = (sandbox: Sandbox) => () =>
  sandbox.requests.filter(({ path }) => /[:/](suspend|reactivate)$/.test(path)).length;

function sourceOf({ sandbox, canRead }: DoorSetup, kind: "Users API" | "Truto"): ToolSource {
  const { baseUrl, integratedAccountId, trutoApiKey } = sandbox;
  const source =
    kind === "Truto"
      ? truto({ apiKey: trutoApiKey, integratedAccountId, baseUrl })
      : usersApi({ ...sandbox });
  return canRead ? source : { key: source.key, list: source.list, call: source.call };
}

function managerOf(setup: DoorSetup, kind: "Users API" | "Truto"): ToolManager {
  return new ToolManager({
    ...setup.guards,
    source: sourceOf(setup, kind),
    handleErrors: "all",
    onWarning: () => undefined,
  });
}

const target: ToolTarget = { argument: "id", holds: "id" };

const listedTool =
  (kind: "Users API" | "Truto"): OpenDoor =>
  async (setup) => {
    const suspend = await managerOf(setup, kind).getTool("1_password_users_suspend");
    const { configurable = {} } = setup;
    return {
      writes: writesOf(setup.sandbox),
      call: async (args) => said(await suspend.invoke(toolCall(suspend.name, args), { configurable })),
    };
  };

/** Every way to a guarded write. Tools that others have written take any value for `id`. */
export const doors: Readonly<Record<string, OpenDoor>> = {
  "Users API": listedTool("Users API"),
  Truto: listedTool("Truto"),
  defineTool: async (setup) => {
    let made = 0;
    const deactivate = defineTool({
      name: "deactivate_badge",
      description: "Deactivates a badge.",
      schema: { type: "object", properties: { id: {}, user: {}, user_id: {} } },
      kind: "write",
      target,
      call: () => {
        made += 1;
        return "Done.";
      },
    });
    const { guards, configurable = {} } = setup;
    const source = sourceOf(setup, "Users API");
    const manager = new ToolManager({ ...guards, source, tools: [deactivate], handleErrors: "all" });
    const own = await manager.getTool("deactivate_badge");
    return {
      writes: () => made,
      call: async (args) => said(await own.invoke(toolCall(own.name, args), { configurable })),
    };
  },
  guard: async ({ sandbox, guards, configurable = {}, canRead }) => {
    let made = 0;
    const schema = z.object({ id: z.any(), user: z.any(), user_id: z.any() }).partial();
    const theirs = tool(
      () => {
        made += 1;
        return "Done.";
      },
      { name: "deactivate_badge", description: "Deactivates a badge.", schema },
    );
    const source = usersApi({ ...sandbox });
    const [guarded] = guard([theirs], {
      ...guards,
      describe: () => ({ target }),
      ...(canRead ? { readUser: (id, context) => source.readUser(id, context) } : {}),
      handleErrors: "all",
    });
    return {
      writes: () => made,
      call: async (args) => said(await guarded!.invoke(toolCall(guarded!.name, args), { configurable })),
    };
  },
  workflow: async (setup) => {
    const manager = managerOf(setup, "Users API");
    const { configurable = {} } = setup;
    return {
      writes: writesOf(setup.sandbox),
      call: async ({ expected_email: email, ...args }) => {
        const whom = { ...args, ...(typeof args.id === "string" && email !== undefined ? { email } : {}) };
        return JSON.stringify(await offboardUser(manager, whom as object, { configurable }));
      },
    };
  },
  MCP: async (setup) => {
    const manager = managerOf(setup, "Users API");
    const taskUsers = setup.configurable?.taskUsers as string[] | undefined;
    const own = setup.guards.approval === undefined ? ({ approval: "none" } as const) : {};
    const server = createMcpServer(manager, { methods: ["write"], taskUsers, ...own });
    const client = await useMemoryClient(server);
    return {
      writes: writesOf(setup.sandbox),
      call: async (args) => {
        const answer = await client.callTool("onepassword_users_suspend", args);
        return JSON.stringify(answer.content);
      },
    };
  },
};

/** Makes one call of a way through a door behind a guard; without a way, one that names its person as it should. */
export async function attempt(
  door: keyof typeof doors,
  guardName: keyof typeof judgingGuards,
  way: Way | undefined,
): Promise<Attempt & { asked: number }> {
  const forbidden = { kind: "status", status: 403 } as const;
  const unreadable = way === "a person who cannot be read";
  const sandbox = await useSandbox({
    users: [
      { email: "leaver@example.com" },
      { email: "ceo@example.com" },
      { email: "owner@example.com", role: "owner" },
    ],
    ...(unreadable ? { faults: [{ operation: "get" as const, do: forbidden }] } : {}),
  });
  const [meant, ceo] = sandbox.users as [SandboxUser, SandboxUser];
  let asked = 0;
  const facts: GuardFacts = {
    meant,
    protectedEmail: ceo.email,
    ask: ({ id }) => {
      asked += 1;
      return { decision: "approve", requestId: id, approver: "lead@example.com" };
    },
  };
  const setup = { ...judgingGuards[guardName](facts), sandbox, canRead: way !== "a source that cannot read" };
  const args = way === undefined ? { id: meant.id } : ways[way]({ id: meant.id, unreadable: meant.id });
  let writes = () => 0;
  try {
    const opened = await doors[door]!(setup);
    writes = opened.writes;
    const isSaid = guardName === "identity" || guardName === "all of them" || door === "MCP";
    const answer = await opened.call({ ...args, ...(isSaid ? { expected_email: meant.email } : {}) });
    return { said: answer, writes: writes(), asked };
  } catch (error) {
    if (!isToolsetError(error) && !(error instanceof Error && "code" in error)) throw error;
    return { said: error.message, writes: writes(), asked };
  }
}

function toolCall(name: string, args: Arguments) {
  return { type: "tool_call" as const, id: "call-1", name, args: { ...args } };
}

function said(answer: unknown): string {
  return ToolMessage.isInstance(answer) ? answer.text : String(answer);
}
