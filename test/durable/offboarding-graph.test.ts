import { Command, interrupt, INTERRUPT, MemorySaver, type Interrupt } from "@langchain/langgraph";
import { expect, onTestFinished, test, vi } from "vitest";
import { askByInterrupt, ToolManager, type ApprovalRequest } from "langchain-1password";
import type { Sandbox, SandboxOptions, SandboxUser } from "langchain-1password/sandbox";
import { offboardingGraph, type WaitRequest } from "../../examples/offboarding-graph/graph.js";
import { openManager, readSettings } from "../../examples/offboarding-graph/settings.js";
import { useFolder } from "../node/temporary-folder.js";
import { useSandbox } from "../support/sandbox.js";
import { suspensionsIn } from "./suspensions-in.js";

const email = "m.scott@example.com";
const hour = 3_600_000;

/** The example's graph on one thread, with an hour's wait that no test sits through. */
async function useGraph(options: SandboxOptions = {}, managerOf = exampleManager) {
  vi.useFakeTimers({ toFake: ["Date"] });
  onTestFinished(() => void vi.useRealTimers());
  const sandbox = await useSandbox({ users: 50, ...options });
  const manager = await managerOf(sandbox);
  const graph = offboardingGraph({ manager, waitMs: hour, checkpointer: new MemorySaver() });
  const run = async (input: Parameters<typeof graph.invoke>[0]) => {
    const end = await graph.invoke(input, { configurable: { thread_id: "thread-1" } });
    const [stop] = (end as { [INTERRUPT]?: Interrupt[] })[INTERRUPT] ?? [];
    return { value: stop?.value as unknown, report: end.report };
  };
  const resume = (answer: unknown) => run(new Command({ resume: answer }));
  const answer = async (asked: { value: unknown }, decision: "approve" | "reject") => {
    const { id } = asked.value as ApprovalRequest;
    return resume({ decision, requestId: id, approver: "it.lead@example.com" });
  };
  return {
    sandbox,
    run,
    resume,
    answer,
    /** Answers yes, lets the time pass, and has the graph go on to its end. */
    finish: async (asked: { value: unknown }, meanwhile: () => void = () => undefined) => {
      const { value } = await answer(asked, "approve");
      vi.setSystemTime((value as WaitRequest).waitUntil);
      meanwhile();
      return resume("the time has come");
    },
  };
}

async function exampleManager(sandbox: Sandbox): Promise<ToolManager> {
  const folder = await useFolder();
  const open = openManager(readSettings(folder), { ...sandbox });
  onTestFinished(() => open[Symbol.asyncDispose]());
  return open.manager;
}

function withoutBackoff(sandbox: Sandbox): Promise<ToolManager> {
  return Promise.resolve(new ToolManager({ ...sandbox, approval: { ask: askByInterrupt(interrupt) } }));
}

function scottIn(sandbox: Sandbox): SandboxUser {
  return sandbox.users.find((user) => user.email === email)!;
}

test("somebody who stays suspended is reported so, with what is left to do", async () => {
  const { run, finish, sandbox } = await useGraph();
  const asked = await run({ email, reason: "HR-1234" });
  expect(asked.value).toMatchObject({ action: "suspend", person: { email }, reason: "HR-1234" });
  const { report } = await finish(asked);
  expect(report).toMatchObject({ outcome: "suspended", states: ["ACTIVE", "SUSPENDED", "SUSPENDED"] });
  expect(report?.next_steps).toHaveLength(4);
  expect(suspensionsIn(sandbox)).toHaveLength(1);
});

test("somebody whom directory sync brings back is reported so, and not suspended again", async () => {
  const { run, finish, sandbox } = await useGraph();
  const { report } = await finish(await run({ email }), () => (scottIn(sandbox).state = "ACTIVE"));
  expect(report).toMatchObject({ outcome: "reactivated", states: ["ACTIVE", "SUSPENDED", "ACTIVE"] });
  expect(suspensionsIn(sandbox)).toHaveLength(1);
});

test("somebody who is not in the account any more is reported so, whoever has their email then", async () => {
  const { run, finish, sandbox } = await useGraph({ users: [{ email }, { email: "other@example.com" }] });
  const { report } = await finish(await run({ email }), () => {
    scottIn(sandbox).email = "new@example.com";
    sandbox.users.at(-1)!.email = email;
  });
  expect(report).toMatchObject({ outcome: "gone", states: ["ACTIVE", "SUSPENDED"] });
});

test("whoever resumes the wait too early makes it stop again, until the same time", async () => {
  const { run, answer, resume } = await useGraph();
  const waiting = await answer(await run({ email }), "approve");
  const { waitUntil } = waiting.value as WaitRequest;
  vi.setSystemTime(waitUntil - 1);
  expect(await resume("now?")).toEqual(waiting);
  expect(await resume("and now?")).toEqual(waiting);
  vi.setSystemTime(waitUntil);
  expect((await resume("now")).report?.outcome).toBe("suspended");
});

test("an email that nobody has ends it without asking", async () => {
  const { run, sandbox } = await useGraph();
  const { value, report } = await run({ email: "nobody@example.com" });
  expect(value).toBeUndefined();
  expect(report).toMatchObject({ outcome: "not_suspended", states: [] });
  expect(report?.text).toContain("Nobody in this account has the email <nobody@example.com>");
  expect(suspensionsIn(sandbox)).toHaveLength(0);
});

test("two people with one email end it without asking, and are told apart", async () => {
  const { run, sandbox } = await useGraph({ users: [{ email }, { email }] });
  const { value, report } = await run({ email });
  expect(value).toBeUndefined();
  expect(report?.outcome).toBe("not_suspended");
  for (const { id } of sandbox.users) expect(report?.text).toContain(id);
  expect(suspensionsIn(sandbox)).toHaveLength(0);
});

test("a no ends it, in the words of whoever said it", async () => {
  const { run, answer, sandbox } = await useGraph();
  const { report } = await answer(await run({ email }), "reject");
  expect(report).toMatchObject({ outcome: "not_suspended", states: ["ACTIVE"] });
  expect(report?.text).toContain("it.lead@example.com said no.");
  expect(suspensionsIn(sandbox)).toHaveLength(0);
});

test("an answer that names no request is no yes", async () => {
  const { run, resume, sandbox } = await useGraph();
  await run({ email });
  const { report } = await resume(true);
  // It is asked once more.
  expect(report).toBeNull();
  expect(suspensionsIn(sandbox)).toHaveLength(0);
});

test("a yes that comes too late, or after the person has changed, is asked for once more", async () => {
  const { run, answer, finish, sandbox } = await useGraph();
  const asked = await run({ email });
  vi.setSystemTime((asked.value as ApprovalRequest).expiresAt + 1);
  const again = await answer(asked, "approve");
  expect(again.value).toMatchObject({ action: "suspend", person: { email } });

  scottIn(sandbox).display_name = "Michael G. Scott";
  const third = await answer(again, "approve");
  expect(third.value).toMatchObject({ person: { display_name: "Michael G. Scott" } });
  expect(suspensionsIn(sandbox)).toHaveLength(0);

  expect((await finish(third)).report?.outcome).toBe("suspended");
  expect(suspensionsIn(sandbox)).toHaveLength(1);
});

test("somebody who is suspended already is not suspended again, and looked at all the same", async () => {
  const { run, resume, sandbox } = await useGraph();
  scottIn(sandbox).state = "SUSPENDED";
  const { value } = await run({ email });
  vi.setSystemTime((value as WaitRequest).waitUntil);
  const { report } = await resume("the time has come");
  expect(report).toMatchObject({ outcome: "suspended", states: ["SUSPENDED", "SUSPENDED", "SUSPENDED"] });
  expect(suspensionsIn(sandbox)).toHaveLength(0);
});

test("what the account refuses ends it, in words that say why", async () => {
  const { run, answer } = await useGraph({ users: [{ email, role: "externally_managed_admin" }] });
  const { report } = await answer(await run({ email }), "approve");
  expect(report).toMatchObject({ outcome: "not_suspended", states: ["ACTIVE"] });
  expect(report?.text).toContain("externally managed administrator");
});

test("a suspension of which nobody knows what became is no report, but an error", async () => {
  const { run, answer, sandbox } = await useGraph({}, withoutBackoff);
  const asked = await run({ email });
  const isLost = { operation: "suspend", do: { kind: "close", when: "before" } } as const;
  const isBlind = {
    operation: "get",
    after: 2,
    times: Infinity,
    do: { kind: "status", status: 500 },
  } as const;
  sandbox.setFaults([isLost, isBlind]);
  await expect(answer(asked, "approve")).rejects.toMatchObject({ inDoubt: true });
});

test("what fails on the way is thrown, and the thread goes on from there: with a new question, as the yes was used", async () => {
  const { run, answer, finish, sandbox } = await useGraph({}, withoutBackoff);
  const asked = await run({ email });
  sandbox.setFaults([{ operation: "suspend", do: { kind: "status", status: 503 } }]);
  await expect(answer(asked, "approve")).rejects.toMatchObject({ status: 503 });
  const again = await run(null);
  expect(again.value).toMatchObject({ action: "suspend", person: { email } });
  expect((await finish(again)).report).toMatchObject({ outcome: "suspended" });
  expect(suspensionsIn(sandbox)).toHaveLength(2);
});

test("what fails before anybody was asked is thrown as well", async () => {
  const { run, finish, sandbox } = await useGraph({
    faults: [{ operation: "list", do: { kind: "status", status: 403 } }],
  });
  await expect(run({ email })).rejects.toMatchObject({ status: 403 });
  const { report } = await finish(await run(null));
  expect(report?.outcome).toBe("suspended");
  expect(suspensionsIn(sandbox)).toHaveLength(1);
});
