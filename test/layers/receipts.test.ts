import { tool } from "@langchain/core/tools";
import type { ToolMessage } from "@langchain/core/messages";
import { afterEach, describe, expect, test, vi } from "vitest";
import { guard, ToolManager, usersApi, type ApprovalOptions, type ManagerOptions } from "langchain-1password";
import { z } from "zod";
import { useSandbox } from "../support/sandbox.js";
import { sharedStore } from "../support/shared-store.js";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const hour = 3_600_000;
const codeOf = ({ artifact }: ToolMessage) =>
  (artifact as { error?: { code: string } } | undefined)?.error?.code ?? "none";

/** One person, and as many processes as a test asks for, each a manager of its own. */
async function usePerson() {
  const sandbox = await useSandbox();
  const person = sandbox.users.find(({ email }) => email === "m.scott@example.com")!;
  const startProcess = async (approval: ApprovalOptions | undefined, options: ManagerOptions = {}) => {
    const manager = new ToolManager({ source: usersApi({ ...sandbox }), approval, ...options });
    const found = (await manager.getTools({ methods: ["suspend"] }))[0]!;
    return async (id = "call-1") => {
      const call = { type: "tool_call" as const, id, name: found.name, args: { id: person.id } };
      return (await found.invoke(call, { configurable: { thread_id: "t" } })) as ToolMessage;
    };
  };
  const writes = () => sandbox.requests.filter(({ path }) => path.endsWith(":suspend")).length;
  return { sandbox, person, startProcess, writes };
}

/** A tool of somebody else's that concerns nobody, and how often it was called. */
function aForeignTool(approval: ApprovalOptions, answer = "invited") {
  const made: string[] = [];
  const invite = tool(
    ({ who }) => {
      made.push(who);
      return answer;
    },
    { name: "invite_person", description: "Invites.", schema: z.object({ who: z.string() }) },
  );
  const [guarded] = guard([invite], { describe: () => ({ target: "none" }), approval });
  const call = async (who: string) =>
    (await guarded!.invoke(
      { type: "tool_call", id: "call-1", name: "invite_person", args: { who } },
      { configurable: { thread_id: "t" } },
    )) as ToolMessage;
  return { made, call };
}

const key = "k".repeat(32);
const approve = () => ({ decision: "approve" as const, approver: "lead@example.com" });

describe("a step that is run again", () => {
  test("in another process with the same store answers with the receipt, and asks nobody", async () => {
    const { startProcess, writes } = await usePerson();
    const [store, ask] = [sharedStore(), vi.fn(approve)];
    const first = await (await startProcess({ ask, key, store }))();
    const again = await (await startProcess({ ask, key, store }))();
    expect(again.text).toBe(first.text);
    expect([writes(), ask.mock.calls.length]).toEqual([1, 1]);
  });

  test("through a door with portable names, in another process, answers with the receipt as well", async () => {
    const { startProcess, writes } = await usePerson();
    const approval = { ask: approve, key, store: sharedStore() };
    const first = await (await startProcess(approval))();
    const again = await (await startProcess(approval, { names: "portable" }))();
    expect([again.text, writes()]).toEqual([first.text, 1]);
  });

  test("after ninety minutes answers with the receipt, while an approval may be answered for a day", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const { made, call } = aForeignTool({ ask: approve, ttlMs: 24 * hour });
    await call("a");
    vi.advanceTimersByTime(1.5 * hour);
    expect((await call("a")).text).toBe("invited");
    expect(made).toEqual(["a"]);
  });

  test("is told what somebody else has changed since, and changes nothing", async () => {
    const { startProcess, person, writes } = await usePerson();
    const approval = { ask: approve, key, store: sharedStore() };
    await (
      await startProcess(approval)
    )();
    person.state = "ACTIVE";
    const again = await (await startProcess(approval))();
    expect(codeOf(again)).toBe("repeated");
    expect(again.text).toMatch(/made before, at 20.*somebody else has made them ACTIVE/);
    expect([again.text.includes("Nothing was changed"), writes()]).toEqual([false, 1]);
  });

  test("without its receipt never says that nothing was changed", async () => {
    const { startProcess, person, writes } = await usePerson();
    const store = sharedStore();
    const requestIds: string[] = [];
    const ask: ApprovalOptions["ask"] = ({ id }) => {
      requestIds.push(id);
      return { decision: "approve", requestId: requestIds[0] };
    };
    await (
      await startProcess({ ask, key, store })
    )();
    // As after a process that was killed between the write and its receipt.
    person.state = "ACTIVE";
    const again = await (await startProcess({ ask, key, store: { ...store, recall: () => undefined } }))();
    expect(again.text).toMatch(/used before, and holds once: what it allowed may have been done/);
    expect([again.text.includes("Nothing was changed"), writes()]).toEqual([false, 1]);
  });
});

describe("a store", () => {
  test("holds digests as keys, and nothing of the person or the arguments", async () => {
    const { startProcess, person } = await usePerson();
    const store = sharedStore();
    await (
      await startProcess({ ask: approve, key, store })
    )();
    const kept = [...store.texts];
    expect(kept).toHaveLength(2);
    for (const [name] of kept) expect(name).toMatch(/^[\w-]{22}$/);
    const text = JSON.stringify(kept);
    expect(text).not.toContain(person.id);
    expect(text).not.toContain(person.email);
    expect(text).not.toContain(person.display_name);
    expect(text).toContain("SUSPENDED");
  });

  test("that cannot recall lets no write through, and only the operator hears why", async () => {
    const { startProcess, writes } = await usePerson();
    const error = new Error("password=hunter2");
    const onWarning = vi.fn();
    const store = { ...sharedStore(), recall: () => Promise.reject(error) };
    const answer = await (await startProcess({ ask: approve, key, store }, { onWarning }))();
    expect([codeOf(answer), writes()]).toEqual(["approval_unavailable", 0]);
    expect(answer.text).toMatch(/whether this call was made before is not known/);
    expect(answer.text).not.toMatch(/hunter2|Nothing was changed/);
    expect(onWarning).toHaveBeenCalledExactlyOnceWith(expect.any(String), { cause: error });
  });

  test.each(["", "null", "{}", '{"kind":"write","at":1}', "not JSON"])(
    "that gives %j for a receipt lets no write through",
    async (text) => {
      const { startProcess, writes } = await usePerson();
      const store = { ...sharedStore(), recall: () => text };
      const answer = await (await startProcess({ ask: approve, key, store }, { onWarning: vi.fn() }))();
      expect([codeOf(answer), writes()]).toEqual(["approval_unavailable", 0]);
    },
  );

  test("that cannot remember is noted in the result of the write", async () => {
    const { startProcess, writes } = await usePerson();
    const error = new Error("password=hunter2");
    const onWarning = vi.fn();
    const store = { ...sharedStore(), remember: () => Promise.reject(error) };
    const answer = await (await startProcess({ ask: approve, key, store }, { onWarning }))();
    expect(JSON.parse(answer.text)).toMatchObject({
      state: "SUSPENDED",
      changed: true,
      note: expect.stringMatching(/receipt of this call could not be kept/) as string,
    });
    expect([answer.text.includes("hunter2"), writes()]).toEqual([false, 1]);
    expect(onWarning).toHaveBeenCalledExactlyOnceWith(expect.any(String), { cause: error });
  });

  test("with consume alone serves without a key, and receipts stay in the process", async () => {
    const { made, call } = aForeignTool({ ask: approve, store: { consume: () => true } });
    await call("a");
    await call("a");
    expect(made).toEqual(["a"]);
  });
});

test("what a tool of others answered is kept in part where it is long", async () => {
  const approval = { ask: approve, key, store: sharedStore() };
  const long = "x".repeat(30_000);
  await aForeignTool(approval, long).call("a");
  const elsewhere = aForeignTool(approval, long);
  const { text } = await elsewhere.call("a");
  expect(text).toMatch(/^x{4000}… \(cut off: 30000 characters in all\)$/);
  expect(elsewhere.made).toEqual([]);
});

describe("a key", () => {
  test.each([
    ["no store", undefined],
    ["a store that only takes approvals", { consume: () => true }],
  ])("beside %s is refused, with what to give", (_what, store) => {
    for (const make of [
      () => new ToolManager({ source: usersApi(someAccount), approval: { ask: approve, key, store } }),
      () => guard([], { approval: { ask: approve, key, store } }),
    ]) {
      expect(make).toThrow(/"approval\.key" is given with.*fileApprovalStore\(folder\)/);
      expect(make).not.toThrow(key);
    }
  });
});

const someAccount = { accountId: "A".repeat(26), clientId: "client", clientSecret: "secret" };
