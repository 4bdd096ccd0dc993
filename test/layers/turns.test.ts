import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { tool } from "@langchain/core/tools";
import { defineTool, guard, ToolManager, usersApi, type ToolsetTool } from "langchain-1password";
import { memoryAudit } from "../support/memory-audit.js";
import { useSandbox } from "../support/sandbox.js";

const email = "m.scott@example.com";

// Only what waits for another write is mocked: connections have timers of their own.
beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

describe("a write on a person whom another one concerns that does not end", () => {
  const schema = {
    type: "object",
    properties: { id: { type: "string" } },
    required: ["id"],
    additionalProperties: false,
  } as const;

  test("is made after 30 seconds, for it may be made from within the other one", async () => {
    const sandbox = await useSandbox();
    const { id } = sandbox.users.find((user) => user.email === email)!;
    const tools: ToolsetTool[] = [];
    let inner: Promise<unknown> | undefined;
    const leave = defineTool({
      name: "leave_the_company",
      description: "Suspends a person, and tells payroll.",
      schema,
      kind: "write",
      target: { argument: "id", holds: "id" },
      call: async (args) => {
        inner = tools[0]!.invoke(args);
        return inner;
      },
    });
    const manager = new ToolManager({ source: usersApi({ ...sandbox }), tools: [leave] });
    tools.push(await manager.getTool("1_password_users_suspend"));
    const outer = (await manager.getTool("leave_the_company")).invoke({ id });
    await vi.waitFor(() => expect(inner).toBeDefined());
    await vi.waitFor(() => expect(vi.getTimerCount()).toBeGreaterThan(0));
    await vi.advanceTimersByTimeAsync(29_999);
    expect(sandbox.users.find((user) => user.id === id)!.state).toBe("ACTIVE");
    await vi.advanceTimersByTimeAsync(1);
    await outer;
    expect(sandbox.users.find((user) => user.id === id)!.state).toBe("SUSPENDED");
  });

  test("ends as not sent when its own time is up, where that is sooner", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    const sandbox = await useSandbox();
    const { id } = sandbox.users.find((user) => user.email === email)!;
    const called = vi.fn();
    const hanging = defineTool({
      name: "leave_the_company",
      description: "Tells payroll.",
      schema,
      kind: "write",
      target: { argument: "id", holds: "id" },
      call: () => {
        called();
        return new Promise(() => undefined);
      },
    });
    const manager = new ToolManager({ source: usersApi({ ...sandbox }), tools: [hanging] });
    const suspend = await manager.getTool("1_password_users_suspend");
    void (await manager.getTool("leave_the_company")).invoke({ id });
    await vi.waitFor(() => expect(called).toHaveBeenCalled());
    const ended = vi.fn();
    const late = suspend.invoke({ id }, { metadata: { timeoutMs: 10_000 } }).catch(ended);
    await vi.waitFor(() => expect(vi.getTimerCount()).toBeGreaterThan(0));
    await vi.advanceTimersByTimeAsync(10_000);
    await late;
    expect(ended).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: "timeout" }));
    expect(sandbox.users.find((user) => user.id === id)!.state).toBe("ACTIVE");
  });

  test("ends at once when it is aborted, and is recorded as never sent", async () => {
    const audit = memoryAudit();
    const sent: string[] = [];
    const hanging = tool(
      async ({ id }: { id: string }) => {
        sent.push(id);
        return new Promise<string>(() => undefined);
      },
      { name: "suspend_user", description: "Suspends a person.", schema },
    );
    const [suspend] = guard([hanging], { audit, maxWrites: { count: 5, windowMs: 60_000 } });
    void suspend!.invoke({ id: "A" });
    await vi.waitFor(() => expect(sent).toEqual(["A"]));
    const stop = new AbortController();
    const waiting = suspend!.invoke({ id: "A" }, { signal: stop.signal });
    const outcome = expect(waiting).rejects.toThrow("stopped by the operator");
    await vi.waitFor(() => expect(vi.getTimerCount()).toBeGreaterThan(0));
    stop.abort(new Error("stopped by the operator"));
    await outcome;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent).toEqual(["A"]);
    expect(audit.told()).toEqual(["intent", "decision"]);
  });
});
