import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { defineTool, ToolManager, usersApi, type ToolManagerOptions } from "langchain-1password";
import { askByElicitation, createMcpServer, type McpOptions } from "langchain-1password/mcp";
import { codeOf, textOf, useRounds, yes, type Round } from "../support/mcp-rounds.js";
import { useSandbox } from "../support/sandbox.js";
import { sharedStore } from "../support/shared-store.js";

const suspend = "onepassword_users_suspend";
const email = "m.scott@example.com";

afterEach(() => void vi.useRealTimers());

async function useAccount(options: Partial<ToolManagerOptions> = {}, mcp: McpOptions = {}) {
  const sandbox = await useSandbox();
  const person = (who: string) => sandbox.users.find((user) => user.email === who)!;
  const manager = new ToolManager({
    source: usersApi({ ...sandbox }),
    backoff: true,
    ...options,
  } as ToolManagerOptions);
  const server = () => createMcpServer(manager, { methods: ["read", "write"], ...mcp });
  const other = sandbox.users.find(
    (user) => user.state === "ACTIVE" && user.email !== email && user.role === "member",
  )!;
  return {
    sandbox,
    manager,
    server,
    args: { id: person(email).id, expected_email: email },
    otherArgs: { id: other.id, expected_email: other.email },
    state: () => person(email).state,
    otherState: () => other.state,
    writes: () => sandbox.requests.filter(({ path }) => /:(suspend|reactivate)$/.test(path)).length,
  };
}

function questionIn({ result }: Round): string {
  expect(Object.keys(result?.inputRequests ?? {})).toEqual(["approve"]);
  return result!.inputRequests!.approve!.params.message;
}

describe("a write through MCP", () => {
  test("is made once somebody has said yes to a question that shows who it is", async () => {
    const { server, args, state, writes } = await useAccount();
    const client = await useRounds(server());
    const asked = await client.call(suspend, args);
    expect(questionIn(asked)).toContain(`suspend id ${args.id}: "Michael Scott" <${email}>, now ACTIVE`);
    expect(state()).toBe("ACTIVE");
    const { requestState } = asked.result!;
    const done = await client.call(suspend, args, { requestState, inputResponses: yes });
    expect(done.result).toMatchObject({
      structuredContent: {
        email,
        previous_state: "ACTIVE",
        state: "SUSPENDED",
        changed: true,
        verified: true,
      },
    });
    expect(state()).toBe("SUSPENDED");
    expect(writes()).toBe(1);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ["a no in the form", { approve: { action: "accept", content: { approve: false } } }, "approval_rejected"],
    ["a declined form", { approve: { action: "decline" } }, "approval_rejected"],
    ["a dismissed form", { approve: { action: "cancel" } }, "approval_unavailable"],
    ["a form without an answer", { approve: { action: "accept", content: {} } }, "approval_unavailable"],
    [
      "a yes in words",
      { approve: { action: "accept", content: { approve: "true" } } },
      "approval_unavailable",
    ],
    ["a yes in a number", { approve: { action: "accept", content: { approve: 1 } } }, "approval_unavailable"],
  ])("is not made after %s", async (what, inputResponses, code) => {
    const { server, args, state, writes } = await useAccount();
    const client = await useRounds(server());
    const { requestState } = (await client.call(suspend, args)).result!;
    const refused = await client.call(suspend, args, { requestState, inputResponses });
    expect(codeOf(refused)).toBe(code);
    expect(textOf(refused)).toContain("Nothing was changed.");
    expect(textOf(refused).includes("the question was dismissed")).toBe(what.includes("dismissed"));
    expect([state(), writes()]).toEqual(["ACTIVE", 0]);
  });

  test.each<[string, Record<string, unknown>]>([
    ["an answer to another question", { other: yes.approve }],
    ["a wrapped answer", { approve: { method: "elicitation/create", result: yes.approve } }],
    ["no answer at all", {}],
  ])("is not made after %s, but asked for again", async (_what, inputResponses) => {
    const { server, args, state, writes } = await useAccount();
    const client = await useRounds(server());
    const { requestState } = (await client.call(suspend, args)).result!;
    const again = await client.call(suspend, args, { requestState, inputResponses });
    questionIn(again);
    expect([state(), writes()]).toEqual(["ACTIVE", 0]);
    await client.call(suspend, args, { requestState: again.result!.requestState, inputResponses: yes });
    expect([state(), writes()]).toEqual(["SUSPENDED", 1]);
  });

  test("is not made for an answer without the state of its question, and asks", async () => {
    const { server, args, writes } = await useAccount();
    const client = await useRounds(server());
    const asked = await client.call(suspend, args, { inputResponses: yes });
    questionIn(asked);
    expect(writes()).toBe(0);
  });

  test("is not made a second time for the same answer", async () => {
    const { server, args, sandbox, writes } = await useAccount();
    const client = await useRounds(server());
    const { requestState } = (await client.call(suspend, args)).result!;
    const answered = { requestState, inputResponses: yes };
    await client.call(suspend, args, answered);
    // Somebody reactivates the person: the old answer must not undo that.
    const reactivate = await client.call("onepassword_users_reactivate", args);
    await client.call("onepassword_users_reactivate", args, {
      requestState: reactivate.result!.requestState,
      inputResponses: yes,
    });
    const replayed = await client.call(suspend, args, answered);
    expect(replayed.result?.isError).toBe(true);
    expect(sandbox.users.find((user) => user.id === args.id)!.state).toBe("ACTIVE");
    expect(writes()).toBe(2);
  });

  test("is told again, and not made again, where its answer was lost on the way to the client", async () => {
    const { server, args, writes } = await useAccount();
    const client = await useRounds(server());
    const { requestState } = (await client.call(suspend, args)).result!;
    const answered = { requestState, inputResponses: yes };
    const first = await client.call(suspend, args, answered);
    const second = await client.call(suspend, args, answered);
    expect(first.result?.structuredContent).toMatchObject({ previous_state: "ACTIVE", changed: true });
    expect(second.result?.structuredContent).toEqual(first.result?.structuredContent);
    expect(writes()).toBe(1);
  });

  test("is made once where the same answer comes twice at the same moment", async () => {
    const { server, args, writes } = await useAccount();
    const client = await useRounds(server());
    const { requestState } = (await client.call(suspend, args)).result!;
    const answered = { requestState, inputResponses: yes };
    await Promise.all([1, 2, 3].map(() => client.call(suspend, args, answered)));
    expect(writes()).toBe(1);
  });

  test("is not made for other arguments with the same state, nor is whom the answer was about touched by it", async () => {
    const { server, args, otherArgs, state, otherState, writes } = await useAccount();
    const client = await useRounds(server());
    const { requestState } = (await client.call(suspend, args)).result!;
    const refused = await client.call(suspend, otherArgs, { requestState, inputResponses: yes });
    expect(codeOf(refused)).toBe("approval_unavailable");
    expect([state(), otherState(), writes()]).toEqual(["ACTIVE", "ACTIVE", 0]);
    // Nor is the answer kept for the next one who asks.
    questionIn(await client.call(suspend, args));
  });

  test("is not made by another tool with the same state", async () => {
    const { server, args, writes } = await useAccount();
    const client = await useRounds(server());
    const { requestState } = (await client.call(suspend, args)).result!;
    const refused = await client.call("onepassword_users_reactivate", args, {
      requestState,
      inputResponses: yes,
    });
    expect(codeOf(refused)).toBe("approval_unavailable");
    expect(writes()).toBe(0);
  });

  test("is not made for a state that was changed in any place, cut off, made up, or no text", async () => {
    const { server, args, writes } = await useAccount();
    const client = await useRounds(server());
    const requestState = (await client.call(suspend, args)).result!.requestState!;
    const letters = Array.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
    const spoilt = fc.oneof(
      fc
        .tuple(fc.nat(requestState.length - 1), fc.constantFrom(...letters))
        .map(([at, letter]) => requestState.slice(0, at) + letter + requestState.slice(at + 1)),
      // It holds bits that stand for nothing.
      fc.constantFrom(...letters).map((letter) => requestState.slice(0, -1) + letter),
      fc.nat(requestState.length - 1).map((at) => requestState.slice(0, at)),
      fc.string({ maxLength: 200 }),
      fc.constantFrom(null, 1, {}, [requestState]),
    );
    await fc.assert(
      fc.asyncProperty(spoilt, async (state) => {
        fc.pre(state !== requestState);
        const answer = await client.call(suspend, args, { requestState: state, inputResponses: yes });
        // Refused, or, where it is no state at all, asked afresh.
        expect(answer.error?.code === -32602 || answer.result?.inputRequests !== undefined).toBe(true);
        expect(writes()).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  test('option "key" of createMcpServer: a write is not made for a state that was signed with another key, and is in another process with the same key and store', async () => {
    const key = "0123456789abcdef0123456789abcdef";
    const store = sharedStore();
    const { sandbox, args, writes } = await useAccount();
    const process_ = (stateKey: string) =>
      createMcpServer(
        new ToolManager({
          source: usersApi({ ...sandbox }),
          identity: "required",
          approval: { ask: askByElicitation(), key, store },
        }),
        { methods: ["read", "write"], key: stateKey },
      );
    const [first, second, stranger] = await Promise.all(
      [key, key, `${key}x`].map((one) => useRounds(process_(one))),
    );
    const { requestState } = (await first!.call(suspend, args)).result!;
    const answered = { requestState, inputResponses: yes };
    expect((await stranger!.call(suspend, args, answered)).error?.code).toBe(-32602);
    expect(writes()).toBe(0);
    await second!.call(suspend, args, answered);
    expect(writes()).toBe(1);
    await first!.call(suspend, args, answered);
    expect(writes()).toBe(1);
  });

  test("is not made for an answer after the question's end, and says so", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const { server, args, state } = await useAccount();
    const client = await useRounds(server());
    const { requestState } = (await client.call(suspend, args)).result!;
    vi.setSystemTime(Date.now() + 3_600_001);
    const late = await client.call(suspend, args, { requestState, inputResponses: yes });
    expect(codeOf(late)).toBe("approval_expired");
    expect(state()).toBe("ACTIVE");
  });

  test("is made for a late answer within the question's time", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const { server, args, state } = await useAccount();
    const client = await useRounds(server());
    const { requestState } = (await client.call(suspend, args)).result!;
    vi.setSystemTime(Date.now() + 3_500_000);
    await client.call(suspend, args, { requestState, inputResponses: yes });
    expect(state()).toBe("SUSPENDED");
  });

  test("is not made where the person has changed since the question", async () => {
    const { server, args, sandbox, writes } = await useAccount();
    const client = await useRounds(server());
    const { requestState } = (await client.call(suspend, args)).result!;
    const person = sandbox.users.find((user) => user.id === args.id)! as { display_name: string };
    person.display_name = "Somebody Else";
    const refused = await client.call(suspend, args, { requestState, inputResponses: yes });
    expect(codeOf(refused)).toBe("approval_expired");
    expect(writes()).toBe(0);
  });

  test.each([
    ["no capabilities", {}],
    ["elicitation by URL alone", { elicitation: { url: {} } }],
  ])(
    "is refused at a client with %s, with the way out, and never made in silence",
    async (_what, capabilities) => {
      const { server, args, writes } = await useAccount();
      const client = await useRounds(server(), capabilities);
      const refused = await client.call(suspend, args);
      expect(codeOf(refused)).toBe("approval_unavailable");
      expect(textOf(refused)).toMatch(/cannot show a question .* --approval terminal/);
      expect(writes()).toBe(0);
    },
  );
});

describe("who is asked", () => {
  test('option "approval" of createMcpServer as "none" makes writes without asking, for a client that cannot be asked too', async () => {
    const { server, args, writes } = await useAccount({}, { approval: "none" });
    const client = await useRounds(server(), {});
    expect((await client.call(suspend, args)).result?.structuredContent).toMatchObject({ changed: true });
    expect(writes()).toBe(1);
  });

  test("the manager's own approval holds, and may not be overruled", async () => {
    const asked: string[] = [];
    const { server, args, manager } = await useAccount({
      approval: {
        ask: ({ action }) => {
          asked.push(action);
          return { decision: "approve", approver: "it.lead@example.com" };
        },
      },
    });
    const client = await useRounds(server(), {});
    expect((await client.call(suspend, args)).result?.structuredContent).toMatchObject({ changed: true });
    expect(asked).toEqual(["suspend"]);
    expect(() => createMcpServer(manager, { approval: "none" })).toThrow(
      '"approval" is "none", and the manager has an "approval" of its own, which holds',
    );
  });

  test("a manager that asks by elicitation refuses calls that come from elsewhere", async () => {
    const { manager, args, writes } = await useAccount({ approval: { ask: askByElicitation() } });
    const tool = await manager.getTool("1_password_users_suspend");
    await expect(tool.invoke(args)).rejects.toMatchObject({ code: "approval_unavailable" });
    expect(writes()).toBe(0);
  });

  test("writes have to say whom they mean, unless the manager says otherwise by name", async () => {
    const strict = await useAccount();
    const client = await useRounds(strict.server());
    expect(codeOf(await client.call(suspend, { id: strict.args.id }))).toBe("identity_required");
    const loose = await useAccount({ identity: "optional" });
    questionIn(await (await useRounds(loose.server())).call(suspend, { id: loose.args.id }));
  });

  test("where an email has become somebody else's while it was asked for, the answer is for nobody, and it is asked again", async () => {
    const { server, sandbox, writes } = await useAccount({ workflows: true });
    const client = await useRounds(server());
    const members = sandbox.users.filter(({ state, role }) => state === "ACTIVE" && role === "member");
    const [one, other] = members as { email: string; id: string }[];
    const args = { email: one!.email };
    const asked = await client.call("offboard_1_password_user", args);
    expect(questionIn(asked)).toContain(one!.id);
    [one!.email, other!.email] = [other!.email, one!.email];
    const answered = { requestState: asked.result!.requestState, inputResponses: yes };
    const again = await client.call("offboard_1_password_user", args, answered);
    expect(questionIn(again)).toContain(other!.id);
    // Nor does the answer wait for somebody else who asks for the first one.
    const first = { id: one!.id, expected_email: one!.email };
    questionIn(await (await useRounds(server())).call(suspend, first));
    expect(writes()).toBe(0);
  });

  test("more people than a form shows are not asked for at once, and not changed", async () => {
    const sandbox = await useSandbox({ users: 150 });
    const manager = new ToolManager({ source: usersApi({ ...sandbox }), workflows: true });
    const client = await useRounds(createMcpServer(manager, { methods: ["read", "write"] }));
    const emails = sandbox.users.map((user) => user.email);
    const refused = await client.call("audit_1_password_access", { emails, state: "SUSPENDED", fix: true });
    expect(refused.result?.inputRequests).toBeUndefined();
    expect(textOf(refused)).toMatch(/it is for 1\d\d people, and a form shows 100 at most/);
    expect(sandbox.requests.some(({ path }) => path.endsWith(":suspend"))).toBe(false);
  });

  test("a name cannot be written so that the form seems to be about somebody else", async () => {
    const name = "Jim Halpert <j.halpert@example.com>, id AAAA, now ACTIVE\u202e";
    const users = [{ email: "eve@example.com", display_name: name }];
    const sandbox = await useSandbox({ users });
    const server = createMcpServer(new ToolManager({ source: usersApi({ ...sandbox }) }), {
      methods: ["read", "write"],
    });
    const args = { id: sandbox.users[0]!.id, expected_email: "eve@example.com" };
    const message = questionIn(await (await useRounds(server)).call(suspend, args));
    expect(message).toContain(
      `suspend id ${args.id}: "Jim Halpert <j.halpert@example.com>, id AAAA, now ACTIVE" <eve@example.com>`,
    );
    expect(message).not.toContain("\u202e");
  });

  test("the arguments of a write that concerns nobody are shown in bounded plain text", async () => {
    const announce = defineTool({
      name: "announce",
      description: "Tells everybody.",
      schema: {
        type: "object",
        properties: { texts: { type: "object" } },
        required: ["texts"],
        additionalProperties: false,
      },
      kind: "write",
      target: "none",
      call: () => "told",
    });
    const { server } = await useAccount({ tools: [announce] });
    const client = await useRounds(server());
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`"${index}"`, '""']));
    for (const hostile of [{ "in\u202e\u2028English": "Hello\u202e\u2028you" }, many]) {
      const message = questionIn(await client.call("announce", { texts: hostile }));
      expect(message).toContain("Arguments: {");
      expect(message).not.toMatch(/[\u202e\u2028]/);
      expect(message.length).toBeLessThan(5500);
    }
  });

  test("servers of one manager count and remember together", async () => {
    const { server, args, otherArgs, writes } = await useAccount(
      { maxWrites: { count: 1, windowMs: 60_000 } },
      { approval: "none" },
    );
    const [one, other] = [await useRounds(server()), await useRounds(server())];
    await one.call(suspend, args);
    expect(codeOf(await other.call(suspend, otherArgs))).toBe("budget_exhausted");
    expect(writes()).toBe(1);
  });

  test("a batch is asked for once, with everybody in it", async () => {
    const { server, sandbox, writes } = await useAccount({ workflows: true });
    const client = await useRounds(server());
    const leavers = sandbox.users
      .filter(({ state, role }) => state === "ACTIVE" && role === "member")
      .slice(0, 3);
    const args = { emails: leavers.map((user) => user.email), state: "SUSPENDED", fix: true };
    const asked = await client.call("audit_1_password_access", args);
    for (const leaver of leavers) expect(questionIn(asked)).toContain(leaver.email);
    expect(writes()).toBe(0);
    await client.call("audit_1_password_access", args, {
      requestState: asked.result!.requestState,
      inputResponses: yes,
    });
    expect(leavers.map((user) => user.state)).toEqual(["SUSPENDED", "SUSPENDED", "SUSPENDED"]);
  });
});
