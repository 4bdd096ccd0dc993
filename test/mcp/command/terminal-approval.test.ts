import type { ToolsetError } from "langchain-1password";
import { ToolManager, type ApprovalRequest, type Ask, type Context } from "langchain-1password";
import { describe, expect, test } from "vitest";
import { whileWaiting } from "../../../src/mcp/command/terminal-approval.js";
import { StillAsked } from "../../../src/mcp/still-asked.js";
import { useSandbox } from "../../support/sandbox.js";

interface Asked {
  readonly request: ApprovalRequest;
  readonly signal: AbortSignal;
  answer(decision: "approve" | "reject"): void;
}

/** Somebody who is asked and answers when the test says so. */
function operator(tell?: (text: string) => void) {
  const asked: Asked[] = [];
  const ask: Ask = (request, { signal }: Context) =>
    new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason as Error));
      asked.push({ request, signal, answer: (decision) => resolve({ decision, approver: "operator" }) });
    });
  return { asked, ask: whileWaiting(ask, tell) };
}

/** How a call is made. */
interface Options {
  readonly id?: string;
  readonly timeoutMs?: number;
  readonly reason?: string;
  readonly configurable?: { readonly actor: string } | { readonly thread_id: string };
  readonly signal?: AbortSignal;
}

async function useAccount(ask: Ask, ttlMs?: number, users = 40) {
  const sandbox = await useSandbox({ users });
  const person = sandbox.users.find(({ email }) => email === "m.scott@example.com")!;
  const manager = new ToolManager({ ...sandbox, requireReason: true, approval: { ask, ttlMs } });
  const [suspend, reactivate] = [
    await manager.getTool("1_password_users_suspend"),
    await manager.getTool("1_password_users_reactivate"),
  ];
  const call = (
    tool: typeof suspend,
    {
      id = person.id,
      timeoutMs = 60_000,
      reason = "HR-1",
      configurable = { actor: "helpdesk" },
      signal = new AbortController().signal,
    }: Options = {},
  ): Promise<unknown> =>
    tool
      .invoke({ id, reason }, { metadata: { timeoutMs }, configurable, signal })
      .catch((error: unknown) => error) as Promise<unknown>;
  return {
    person,
    others: sandbox.users.filter(({ id, state }) => id !== person.id && state === "ACTIVE"),
    suspend: (options?: Options) => call(suspend, options),
    reactivate: (options?: Options) => call(reactivate, options),
    writes: () => sandbox.requests.filter(({ path }) => /:(suspend|reactivate)$/.test(path)).length,
  };
}

/** Until something has happened in another turn of the event loop. */
async function until(happened: () => boolean): Promise<void> {
  while (!happened()) await new Promise((resolve) => setTimeout(resolve, 5));
}

const impatient = { timeoutMs: 800 };

describe("a question that outlasts its call", () => {
  test("sends the call back before its caller gives up, and nothing is written", async () => {
    const { asked, ask } = operator();
    const { suspend, writes } = await useAccount(ask);
    const outcome = await suspend(impatient);
    expect(outcome).toBeInstanceOf(StillAsked);
    expect((outcome as StillAsked).retryAfterMs).toBeGreaterThan(0);
    expect(asked[0]!.signal.aborted).toBe(false);
    expect(writes()).toBe(0);
  });

  test("is joined by the same call made again, which has the answer", async () => {
    const told: string[] = [];
    const { asked, ask } = operator((text) => told.push(text));
    const { suspend, person, writes } = await useAccount(ask);
    await suspend(impatient);
    const again = suspend();
    await new Promise((resolve) => setTimeout(resolve, 50));
    asked[0]!.answer("approve");
    expect(await again).toMatch(/"state":"SUSPENDED"/);
    expect(asked).toHaveLength(1);
    expect(told).toEqual([]);
    expect(person.state).toBe("SUSPENDED");
    expect(writes()).toBe(1);
  });

  test.each([
    ["approve", "SUSPENDED"],
    ["reject", "ACTIVE"],
  ] as const)("is answered meanwhile: the same call finds the %s, once", async (decision, state) => {
    const { asked, ask } = operator();
    const { suspend, reactivate, person, writes } = await useAccount(ask);
    await suspend(impatient);
    asked[0]!.answer(decision);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const outcome = await suspend();
    if (decision === "approve") expect(outcome).toMatch(/"state":"SUSPENDED"/);
    else expect((outcome as ToolsetError).code).toBe("approval_rejected");
    expect(person.state).toBe(state);
    expect(asked).toHaveLength(1);
    if (decision === "reject") return;

    // Back to how it was: the same matter is asked about anew.
    const back = reactivate();
    await until(() => asked.length === 2);
    asked[1]!.answer("approve");
    await back;
    const next = suspend(impatient);
    await until(() => asked.length === 3);
    expect(await next).toBeInstanceOf(StillAsked);
    expect(writes()).toBe(2);
  });

  test.each([
    ["another caller", { actor: "helpdesk" }, { actor: "somebody else" }],
    ["another conversation of callers without a name", { thread_id: "one" }, { thread_id: "other" }],
  ])("is not joined by %s", async (_who, first, second) => {
    const { asked, ask } = operator();
    const { suspend } = await useAccount(ask);
    await suspend({ ...impatient, configurable: first });
    asked[0]!.answer("approve");
    expect(await suspend({ ...impatient, configurable: second })).toBeInstanceOf(StillAsked);
    expect(asked).toHaveLength(2);
  });

  test("is one of 20 of the same caller at most, and leaves room for others", async () => {
    const { asked, ask } = operator();
    const { suspend, person, others } = await useAccount(ask);
    const waiting = others.slice(0, 20).map(({ id }) => suspend({ id, timeoutMs: 10_000 }));
    await until(() => asked.length === 20);
    const refused = (await suspend()) as ToolsetError;
    expect(refused.code).toBe("approval_unavailable");
    expect(refused.text).toContain("20 other questions of the same caller are waiting at the terminal");
    const other = suspend({ configurable: { actor: "somebody else" } });
    await until(() => asked.length === 21);
    for (const { answer } of asked) answer("approve");
    expect(await other).toMatch(/"state":"SUSPENDED"/);
    await Promise.all(waiting);
    expect(person.state).toBe("SUSPENDED");
  });

  test("tells the operator that the call is over, where the answer comes after it", async () => {
    const told: string[] = [];
    const { asked, ask } = operator((text) => told.push(text));
    const { suspend } = await useAccount(ask);
    await suspend(impatient);
    asked[0]!.answer("approve");
    await until(() => told.length > 0);
    expect(told[0]).toMatch(
      /^The call that asked this is over, and nothing was changed\. The answer is kept until/,
    );
  });

  test("is one of 100 at most, whoever asks", async () => {
    const { asked, ask } = operator();
    const { suspend, others } = await useAccount(ask, undefined, 200);
    const waiting = others.slice(0, 100).map(({ id }, index) => {
      return suspend({ id, configurable: { actor: `caller ${index % 10}` } });
    });
    await until(() => asked.length === 100);
    const refused = (await suspend()) as ToolsetError;
    expect(refused.code).toBe("approval_unavailable");
    expect(refused.text).toContain("and 100 in all: they have to be answered first");
    for (const { answer } of asked) answer("reject");
    await Promise.all(waiting);
  });

  test("is replaced when the person or the reason has changed", async () => {
    const { asked, ask } = operator();
    const { suspend, writes } = await useAccount(ask);
    await suspend(impatient);
    const other = suspend({ reason: "HR-2" });
    await until(() => asked.length === 2);
    expect(asked[0]!.signal.aborted).toBe(true);
    expect(asked[1]!.request.reason).toBe("HR-2");
    asked[1]!.answer("reject");
    expect(((await other) as ToolsetError).code).toBe("approval_rejected");
    expect(writes()).toBe(0);
  });

  test("is forgotten when the request has ended", async () => {
    const { asked, ask } = operator();
    const { suspend, writes } = await useAccount(ask, 300);
    await suspend(impatient);
    asked[0]!.answer("approve");
    await until(() => asked[0]!.request.expiresAt <= Date.now());
    await suspend(impatient);
    expect(asked).toHaveLength(2);
    expect(writes()).toBe(0);
  });

  test("is taken away when the last call that waits for it is aborted", async () => {
    const { asked, ask } = operator();
    const { suspend } = await useAccount(ask);
    const [one, other] = [new AbortController(), new AbortController()];
    const first = suspend({ signal: one.signal });
    await until(() => asked.length === 1);
    const second = suspend({ signal: other.signal });
    await new Promise((resolve) => setTimeout(resolve, 50));
    one.abort();
    await first;
    expect(asked[0]!.signal.aborted).toBe(false);
    other.abort();
    await second;
    expect(asked[0]!.signal.aborted).toBe(true);
    expect(asked).toHaveLength(1);
  });
});
