import { inspect } from "node:util";
import type { ToolMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import {
  guard,
  ToolManager,
  truto,
  usersApi,
  type ApprovalAnswer,
  type ApprovalOptions,
  type ApprovalRequest,
  type ApprovalStore,
  type ManagerOptions,
} from "langchain-1password";
import type { Sandbox, SandboxOptions } from "langchain-1password/sandbox";
import { z } from "zod";
import { somebody, someId } from "../support/credentials.js";
import { useSandbox } from "../support/sandbox.js";
import { sharedStore } from "../support/shared-store.js";

afterEach(() => vi.useRealTimers());

const approve = ({ id }: ApprovalRequest): ApprovalAnswer => ({ decision: "approve", requestId: id });

const sources = {
  "the Users API": (sandbox: Sandbox) => usersApi({ ...sandbox }),
  Truto: ({ baseUrl, trutoApiKey: apiKey, integratedAccountId }: Sandbox) =>
    truto({ apiKey, integratedAccountId, baseUrl }),
};

async function aWrite(
  approval: ApprovalOptions,
  options: ManagerOptions = {},
  sandboxOptions: SandboxOptions = {},
  source: keyof typeof sources = "the Users API",
) {
  const sandbox = await useSandbox(sandboxOptions);
  const manager = new ToolManager({ source: sources[source](sandbox), approval, ...options });
  const tools = await manager.getTools();
  const person = sandbox.users.find(({ email }) => email === "m.scott@example.com")!;
  let calls = 0;
  const call = async (verb: string, args: Record<string, unknown>, config = {}) => {
    const tool = tools.find(({ descriptor }) => descriptor.method === verb)!;
    const id = `call-${(calls += 1)}`;
    return (await tool.invoke({ type: "tool_call", id, name: tool.name, args }, config)) as ToolMessage;
  };
  const suspend = (args = {}, config = {}) => call("suspend", { id: person.id, ...args }, config);
  const writes = () =>
    sandbox.requests.filter(({ path, method }) => method === "POST" && path.includes("suspend"));
  return { sandbox, manager, person, call, suspend, writes };
}

const codeOf = (message: ToolMessage) =>
  (message.artifact as { error?: { code: string } } | undefined)?.error?.code ?? "none";

describe.each(Object.keys(sources) as (keyof typeof sources)[])("through %s", (source) => {
  test("who is asked sees the person, what is to be done, what it does and does not do, and until when", async () => {
    const asked: ApprovalRequest[] = [];
    const { person, suspend } = await aWrite(
      {
        ask: (request) => {
          asked.push(request);
          return approve(request);
        },
        ttlMs: 60_000,
      },
      { requireReason: true },
      {},
      source,
    );
    const before = Date.now();
    expect((await suspend({ reason: "HR-77" })).text).toMatch(/"state":"SUSPENDED","changed":true/);
    const { id, email, display_name, create_time } = person;
    expect(asked).toEqual([
      {
        id: expect.any(String) as string,
        action: "suspend",
        person: { id, email, display_name, state: "ACTIVE", create_time },
        consequence: expect.stringMatching(
          /no longer sign in.*local data.*directory sync.*secrets/s,
        ) as string,
        reason: "HR-77",
        expiresAt: expect.any(Number) as number,
      },
    ]);
    expect(asked[0]!.expiresAt).toBeGreaterThanOrEqual(before + 60_000);
    expect(JSON.parse(JSON.stringify(asked[0]))).toEqual(asked[0]);
  });

  const noes: [what: string, ask: ApprovalOptions["ask"], code: string][] = [
    ["a rejection", () => ({ decision: "reject", reason: "on leave only" }), "approval_rejected"],
    ["nothing", () => undefined as never, "approval_unavailable"],
    ["a plain true", () => true as never, "approval_unavailable"],
    ["a text", () => "approve" as never, "approval_unavailable"],
    ["another word", () => ({ decision: "approved" }) as never, "approval_unavailable"],
    [
      "a field of another kind",
      () => ({ decision: "approve", approver: { name: "x" } }) as never,
      "approval_unavailable",
    ],
    [
      "a throw",
      () => {
        throw new Error("the chat is down");
      },
      "approval_unavailable",
    ],
    ["a late throw", () => Promise.reject(new Error("the chat is down")), "approval_unavailable"],
    [
      "an answer that names a made-up request",
      () => ({ decision: "approve", requestId: "r1" }),
      "approval_unavailable",
    ],
    [
      "the person themself, by email",
      ({ person }) => ({ decision: "approve", approver: ` ${person!.email.toUpperCase()}` }),
      "approval_unavailable",
    ],
    [
      "the person themself, by id",
      ({ person }) => ({ decision: "approve", approver: person!.id }),
      "approval_unavailable",
    ],
  ];
  test.each(noes)("%s is a no: nothing is written, and the model hears why", async (_what, ask, code) => {
    const { suspend, writes, person } = await aWrite({ ask }, {}, {}, source);
    const message = await suspend();
    expect(message.status).toBe("error");
    expect(codeOf(message)).toBe(code);
    expect(message.text).toMatch(/Nothing was changed/);
    expect([writes().length, person.state]).toEqual([0, "ACTIVE"]);
  });

  test("the reason of a rejection is told, and of a failure only that there was one", async () => {
    const rejecting = await aWrite(
      { ask: () => ({ decision: "reject", reason: "on leave only", approver: "lead@example.com" }) },
      {},
      {},
      source,
    );
    expect((await rejecting.suspend()).text).toMatch(
      /lead@example\.com said no\. They said: "on leave only"/,
    );
    const failing = await aWrite(
      { ask: () => Promise.reject(new Error("the chat is down")) },
      {},
      {},
      source,
    );
    const { text } = await failing.suspend();
    expect(text).toMatch(/asking failed, and the operator of these tools has been told why/);
    expect(text).not.toContain("the chat is down");
  });

  test("no answer within the time is a no", async () => {
    const { suspend, writes } = await aWrite(
      { ask: () => new Promise(() => undefined), ttlMs: 30 },
      {},
      {},
      source,
    );
    expect(codeOf(await suspend())).toBe("approval_expired");
    expect(writes()).toEqual([]);
  });

  test("a person who has changed while somebody was asked is not touched", async () => {
    const { person, sandbox, suspend, writes } = await aWrite(
      {
        ask: (request) => {
          sandbox.users.find(({ id }) => id === request.person!.id)!.email = "somebody.else@example.com";
          return approve(request);
        },
      },
      {},
      {},
      source,
    );
    const message = await suspend();
    expect(codeOf(message)).toBe("approval_expired");
    expect(message.text).toMatch(/m\.scott@example\.com.*has become.*somebody\.else@example\.com/);
    expect([writes().length, person.state]).toEqual([0, "ACTIVE"]);
  });

  test("somebody who was suspended by others while somebody was asked needs nothing any more", async () => {
    const { sandbox, suspend, writes } = await aWrite(
      {
        ask: (request) => {
          sandbox.users.find(({ id }) => id === request.person!.id)!.state = "SUSPENDED";
          return approve(request);
        },
      },
      {},
      {},
      source,
    );
    expect((await suspend()).text).toMatch(/"changed":false.*already suspended/);
    expect(writes()).toEqual([]);
  });

  test("nobody is asked about somebody who is suspended already", async () => {
    const ask = vi.fn(approve);
    const { person, suspend } = await aWrite({ ask }, {}, {}, source);
    person.state = "SUSPENDED";
    expect((await suspend()).text).toMatch(/already suspended/);
    expect(ask).not.toHaveBeenCalled();
  });
});

test("a yes is used once: the same answer to the next call of the same kind is refused", async () => {
  let first: ApprovalRequest | undefined;
  const { person, suspend, writes } = await aWrite({ ask: (request) => approve((first ??= request)) });
  expect(codeOf(await suspend())).toBe("none");
  person.state = "ACTIVE";
  const again = await suspend();
  expect(codeOf(again)).toBe("approval_expired");
  expect(again.text).toMatch(/used before/);
  expect(writes()).toHaveLength(1);
});

test("64 calls with one yes make one write", async () => {
  let first: ApprovalRequest | undefined;
  const { suspend, writes } = await aWrite(
    { ask: (request) => approve((first ??= request)) },
    {},
    { latencyMs: 5 },
  );
  const messages = await Promise.all(Array.from({ length: 64 }, () => suspend()));
  expect(
    messages.filter((message) => codeOf(message) === "none" && message.text.includes('"changed":true')),
  ).toHaveLength(1);
  expect(messages.filter(({ text }) => text.includes("used before"))).not.toEqual([]);
  expect(writes()).toHaveLength(1);
});

const otherCalls: [
  what: string,
  code: string,
  call: (here: Awaited<ReturnType<typeof aWrite>>, elsewhere: typeof here) => Promise<ToolMessage>,
][] = [
  [
    "another person",
    "approval_unavailable",
    ({ call, sandbox, person }) => {
      const isOther = ({ role, state, id }: (typeof sandbox.users)[number]) =>
        role === "member" && state === "ACTIVE" && id !== person.id;
      return call("suspend", { id: sandbox.users.find(isOther)!.id, reason: "HR-1" });
    },
  ],
  [
    "another change",
    "approval_unavailable",
    ({ call, person }) => {
      person.state = "SUSPENDED";
      return call("reactivate", { id: person.id, reason: "HR-1" });
    },
  ],
  ["another reason", "approval_expired", ({ suspend }) => suspend({ reason: "HR-2" })],
  ["another account", "approval_unavailable", (_here, elsewhere) => elsewhere.suspend({ reason: "HR-1" })],
];
test.each(otherCalls)(
  "a yes is none for %s, and stays one for what it was given for",
  async (_what, code, callOther) => {
    let first: ApprovalRequest | undefined;
    const ask = (request: ApprovalRequest) =>
      first === undefined ? (void (first = request) as never) : approve(first);
    const approval = { key: "k".repeat(32), ask, store: sharedStore() };
    const here = await aWrite(approval, { requireReason: true });
    // The same people, at another address.
    const elsewhere = await aWrite(approval, { requireReason: true });
    await here.suspend({ reason: "HR-1" });
    expect(codeOf(await callOther(here, elsewhere))).toBe(code);
    expect([here.writes(), elsewhere.writes()]).toEqual([[], []]);
    here.person.state = "ACTIVE";
    expect(codeOf(await here.suspend({ reason: "HR-1" }))).toBe("none");
  },
);

test("a yes counts in another process that has the key and the store, and in no other", async () => {
  const key = new Uint8Array(32).fill(7);
  const store = sharedStore();
  let request: ApprovalRequest | undefined;
  const { sandbox, suspend, person, writes } = await aWrite({
    key,
    store,
    ask: (asked) => void (request = asked) as never,
  });
  expect(codeOf(await suspend())).toBe("approval_unavailable");

  const inOther = async (approval: Partial<ApprovalOptions>) => {
    const manager = new ToolManager({
      source: usersApi({ ...sandbox }),
      approval: { ask: () => approve(request!), ...approval },
    });
    const tool = await manager.getTool("1_password_users_suspend");
    return codeOf(
      (await tool.invoke({
        type: "tool_call",
        id: "c",
        name: tool.name,
        args: { id: person.id },
      })) as ToolMessage,
    );
  };
  expect(await inOther({})).toBe("approval_unavailable");
  expect(await inOther({ key: "another key of enough characters", store })).toBe("approval_unavailable");
  expect(writes()).toHaveLength(0);
  expect(await inOther({ key, store })).toBe("none");
  person.state = "ACTIVE";
  expect(await inOther({ key, store })).toBe("approval_expired");
  expect(writes()).toHaveLength(1);
});

test("a store that fails is a no", async () => {
  const store: ApprovalStore = { consume: () => Promise.reject(new Error("the disk is full")) };
  const { suspend, writes } = await aWrite({ ask: approve, store });
  const { text } = await suspend();
  expect(text).toMatch(
    /the store of used approvals failed, and the operator of these tools has been told why/,
  );
  expect(text).not.toContain("the disk is full");
  expect(writes()).toEqual([]);
});

test("any change to a request's id makes its answer a no", async () => {
  let tampered = (id: string) => id;
  const { suspend, writes } = await aWrite({
    ask: ({ id }) => ({ decision: "approve", requestId: tampered(id) }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.nat(),
      fc.constantFrom("A", "B", "a", "0", "-", "_", ".", "="),
      async (position, letter) => {
        tampered = (id) => {
          const at = position % id.length;
          return id[at] === letter ? `${id}x` : `${id.slice(0, at)}${letter}${id.slice(at + 1)}`;
        };
        expect(codeOf(await suspend())).toBe("approval_unavailable");
      },
    ),
    { numRuns: 60 },
  );
  // Two bits of the last letter stand for nothing: three other letters decode to the same signature.
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (const bits of [1, 2, 3]) {
    tampered = (id) => `${id.slice(0, -1)}${letters[letters.indexOf(id.at(-1)!) ^ bits]}`;
    expect(codeOf(await suspend())).toBe("approval_unavailable");
  }
  expect(writes()).toEqual([]);
});

test("a yes ends also while the call waits for the rate limit, and then does not leave", async () => {
  const { suspend, writes, sandbox } = await aWrite(
    { ask: approve, ttlMs: 1500 },
    { backoff: { maxWaitMs: 60_000 } },
    {
      faults: [
        {
          operation: "suspend",
          do: {
            kind: "status",
            status: 429,
            headers: { "ratelimit-reset": "3", "ratelimit-remaining": "0" },
          },
        },
      ],
    },
  );
  const message = await suspend();
  expect(codeOf(message)).toBe("approval_expired");
  expect(message.text).toMatch(/ended before the rate limit.*Nothing was changed/);
  expect(writes()).toHaveLength(1);
  expect(
    sandbox.users.every(({ email, state }) => email !== "m.scott@example.com" || state === "ACTIVE"),
  ).toBe(true);
});

test("an abort while somebody is asked comes out as it is", async () => {
  const controller = new AbortController();
  const reason = new Error("stopped by the operator");
  const { suspend, writes } = await aWrite({
    ask: () => {
      controller.abort(reason);
      return new Promise(() => undefined);
    },
  });
  await expect(suspend({}, { signal: controller.signal })).rejects.toBe(reason);
  expect(writes()).toEqual([]);
});

test("what was rejected is not asked for again in the thread, but with another reason it is", async () => {
  const ask = vi.fn(() => ({ decision: "reject" as const }));
  const { suspend } = await aWrite({ ask }, { requireReason: true });
  const thread = { configurable: { thread_id: "t" } };
  expect(codeOf(await suspend({ reason: "one" }, thread))).toBe("approval_rejected");
  expect(codeOf(await suspend({ reason: "one" }, thread))).toBe("repeated");
  expect(ask).toHaveBeenCalledTimes(1);
  expect(codeOf(await suspend({ reason: "two" }, thread))).toBe("approval_rejected");
  expect(ask).toHaveBeenCalledTimes(2);
});

test('with when: "past-budget", only writes past the budget are asked for', async () => {
  const ask = vi.fn(approve);
  const { call, sandbox } = await aWrite(
    { ask, when: "past-budget" },
    { maxWrites: { count: 3, windowMs: 60_000 } },
  );
  const people = sandbox.users
    .filter(({ role, state }) => role === "member" && state === "ACTIVE")
    .slice(0, 8);
  const messages = await Promise.all(people.map(({ id }) => call("suspend", { id })));
  expect(messages.map(codeOf)).toEqual(people.map(() => "none"));
  expect(ask).toHaveBeenCalledTimes(5);
  expect(ask.mock.calls[0]![0].consequence).toMatch(/Past the budget/);
});

test('with when: "past-budget", a write that waited for its turn while the budget was used up is asked for', async () => {
  const ask = vi.fn(approve);
  const renamed: string[] = [];
  const rename = tool(
    async ({ name }) => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      renamed.push(name);
    },
    {
      name: "rename_user",
      description: "Renames a user.",
      schema: z.object({ id: z.string(), name: z.string() }),
    },
  );
  const [guarded] = guard([rename], {
    describe: () => ({ target: { argument: "id", holds: "id" } }),
    readUser: async (id) => ({ ...somebody, id }),
    approval: { ask, when: "past-budget" },
    maxWrites: { count: 2, windowMs: 60_000 },
  });
  // While the first is under way, each of the others may have what is left.
  await Promise.all(
    ["A", "B", "C"].map((name) =>
      guarded!.invoke({ type: "tool_call", id: name, name: rename.name, args: { id: someId, name } }),
    ),
  );
  expect(renamed.sort()).toEqual(["A", "B", "C"]);
  expect(ask).toHaveBeenCalledTimes(1);
  expect(ask.mock.calls[0]![0].consequence).toMatch(/Past the budget: other writes have used it up/);
});

test("hostile profile text reaches an approver on one line, bounded and without hidden characters", async () => {
  const hidden = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/u;
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "binary", maxLength: 300 }), async (name) => {
      const asked: ApprovalRequest[] = [];
      const { suspend, person } = await aWrite(
        { ask: (request) => void asked.push(request) as never },
        {},
        { users: 3 },
      );
      person.display_name = `${name}\u202e${name.repeat(3)}`;
      await suspend();
      const shown = asked[0]!.person!.display_name;
      expect(shown).not.toMatch(hidden);
      expect(shown.length).toBeLessThanOrEqual(80);
    }),
    { numRuns: 20 },
  );
});

test("the key shows nowhere", async () => {
  const key = "a-very-secret-key-that-nobody-may-see";
  const { manager, suspend } = await aWrite({
    ask: () => undefined as never,
    key,
    store: sharedStore(),
  });
  const message = await suspend();
  expect(inspect([manager, message], { depth: 20, showHidden: true })).not.toContain(key);
});
