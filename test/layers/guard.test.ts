import { ToolMessage } from "@langchain/core/messages";
import { tool, type StructuredToolInterface } from "@langchain/core/tools";
import { describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { guard, type GuardToolsOptions, type User } from "langchain-1password";
import { somebody, someId } from "../support/credentials.js";
import { thrownBy, toolsetErrorOf } from "../support/errors.js";
import { call } from "../support/guarded.js";
import { memoryAudit } from "../support/memory-audit.js";

/** A tool of somebody else's that does what it is told to, and the person whom it changes. */
function aTool(
  run: (args: { id: string }, config: { signal?: AbortSignal }) => unknown = () => "Done.",
  fields: { name?: string; schema?: z.ZodObject; responseFormat?: "content_and_artifact" } = {},
): StructuredToolInterface {
  const { name = "suspend_user", schema = z.object({ id: z.string() }), responseFormat } = fields;
  return tool(run as never, {
    name,
    description: "It is theirs.",
    schema,
    ...(responseFormat && { responseFormat }),
  });
}

const readUser = async (id: string): Promise<User> => ({ ...somebody, id });
const guarded = (theirs: StructuredToolInterface, options: GuardToolsOptions = {}) =>
  guard([theirs], options)[0]!;

describe("what guard makes of a tool", () => {
  test("keeps its name, description and arguments, and adds what guards ask for to those that write", () => {
    const schema = z.object({ id: z.string().describe("Theirs."), force: z.boolean().optional() });
    const [write, read] = guard(
      [aTool(undefined, { schema }), aTool(undefined, { name: "get_user", schema })],
      {
        readUser,
        requireReason: true,
        describe: ({ name }) => (name === "get_user" ? { kind: "read" } : undefined),
      },
    );
    expect(write).toMatchObject({ name: "suspend_user", description: "It is theirs." });
    expect(Object.keys(write!.schema.properties)).toEqual(["id", "force", "expected_email", "reason"]);
    expect(write!.schema.properties.id).toMatchObject({ type: "string", description: "Theirs." });
    expect(write!.schema.required).toEqual(["id", "reason"]);
    expect(Object.keys(read!.schema.properties)).toEqual(["id", "force"]);
  });

  test.each([
    ["suspendUser", "suspend"],
    ["users_suspend", "suspend"],
    ["reactivate-person", "reactivate"],
    ["unsuspend_user", "unsuspend_user"],
    ["list_suspended", "list_suspended"],
  ])("reads the verb of %s as %s", (name, method) => {
    expect(guarded(aTool(undefined, { name })).descriptor).toMatchObject({ method, kind: "write" });
  });

  test("is told by describe whom a tool concerns", async () => {
    const schema = z.object({ userId: z.string(), hard: z.boolean() });
    const disable = vi.fn(() => "Done.");
    const theirs = aTool(disable, { name: "disable_account", schema });
    const options = { readUser, protect: [somebody.email] };
    const described = guarded(theirs, {
      ...options,
      describe: () => ({ target: { argument: "userId", holds: "id" } }),
    });
    const args = { userId: someId, hard: true };
    expect((await call("tool.invoke", described, args)).code).toBe("protected");
    expect(disable).not.toHaveBeenCalled();
    // It may change somebody, nobody knows whom.
    expect(thrownBy(() => guard([theirs], options)).text).toMatch(
      /^"target" of "disable_account" is not known, and "protect" has to know whom it concerns\. Give "describe", and in what it gives for the tool "target"/,
    );
    const nobody = guarded(theirs, { ...options, describe: () => ({ target: "none" }) });
    expect((await call("tool.invoke", nobody, args)).text).toBe("Done.");
  });

  test("never guesses whom a suspension concerns", () => {
    const theirs = aTool(undefined, { schema: z.object({ userId: z.string() }) });
    const options = { readUser, protect: [somebody.email] };
    expect(thrownBy(() => guard([theirs], options)).text).toMatch(/^"target" of "suspend_user" is not known/);
    const target = (argument: string) => () => ({ target: { argument, holds: "id" as const } });
    const misspelt = () => guard([theirs], { describe: target("user_id") });
    expect(thrownBy(misspelt).text).toMatch(
      /^"target" of "suspend_user" names the argument "user_id", .*: userId\.$/,
    );
    expect(() => guard([theirs], { ...options, describe: target("userId") })).not.toThrow();
    expect(() => guard([theirs], { ...options, describe: () => ({ kind: "read" }) })).not.toThrow();
  });

  test("is an error for what is no tool", () => {
    expect(thrownBy(() => guard([aTool(), {} as never])).text).toMatch(
      /^"tools\[1\]" is not a StructuredTool/,
    );
  });
});

describe("without readUser", () => {
  test("writes take no expected_email, and what the tool says is the answer", async () => {
    const plain = guarded(aTool(() => "Suspended them."));
    expect(Object.keys(plain.schema.properties)).toEqual(["id"]);
    expect((await call("tool.invoke", plain, { id: someId })).text).toBe("Suspended them.");
  });

  test.each<[string, GuardToolsOptions]>([
    ["identity", { identity: "required" }],
    ["taskUsers", { taskUsers: [someId] }],
    ["approval", { approval: { ask: () => ({ decision: "approve" }) } }],
    ["protect", { protect: ["*@example.com"] }],
    ["protect", { protect: () => false }],
  ])("%s is refused for a tool that concerns somebody, and taken for others", (name, options) => {
    expect(thrownBy(() => guard([aTool()], options)).text).toMatch(
      new RegExp(`^"readUser" is missing, and "${name}" has to know whom "suspend_user" concerns\\.`),
    );
    const rotate = aTool(undefined, { name: "rotate_secret" });
    expect(() => guard([rotate], { ...options, describe: () => ({ target: "none" }) })).not.toThrow();
    expect(() => guard([aTool()], { ...options, readUser })).not.toThrow();
  });

  test("an option said out loud with its default value changes nothing", () => {
    const theirs = aTool(undefined, { name: "disable_account" });
    const defaults = { identity: "optional", protect: [], repeats: true, dryRun: false } as const;
    expect(() => guard([theirs], { ...defaults, requireReason: false })).not.toThrow();
  });

  test("a budget, a log and a dry run do without: they go by the id", async () => {
    const audit = memoryAudit();
    const suspend = vi.fn(() => "Suspended them.");
    const maxWrites = { count: 1, windowMs: 60_000 };
    const bounded = guarded(aTool(suspend), { audit, maxWrites });
    const made = () => call("tool.invoke", bounded, { id: someId });
    expect((await made()).text).toBe("Suspended them.");
    expect((await made()).code).toBe("budget_exhausted");
    expect(audit.told()).toEqual(["intent", "outcome", "decision budget_exhausted"]);
    for (const { user } of audit.records) expect(user).toEqual({ uid: someId });
    const planned = await call("tool.invoke", guarded(aTool(suspend), { dryRun: true }), { id: someId });
    expect(planned.text).toContain(`suspend_user on the person with the id "${someId}"`);
    expect(suspend).toHaveBeenCalledTimes(1);
  });
});

describe("a readUser", () => {
  test.each<[string, () => unknown, object]>([
    ["that throws", () => Promise.reject(new Error("the directory is away")), { code: "server_error" }],
    [
      "that throws with a status",
      () => Promise.reject(Object.assign(new Error("gone"), { status: 404 })),
      { code: "not_found", status: 404 },
    ],
    ["that gives nobody", () => undefined, { code: "bad_response" }],
    ["that gives half a person", () => ({ id: someId }), { code: "bad_response" }],
    ["that gives somebody else", () => readUser("B".repeat(26)), { code: "bad_response" }],
  ])("%s is an error, and nothing is written", async (_what, broken, expected) => {
    const suspend = vi.fn();
    const protect = () => false;
    const theirs = guarded(aTool(suspend), { protect, readUser: broken as never, handleErrors: "none" });
    expect(await toolsetErrorOf(theirs.invoke({ id: someId }))).toMatchObject(expected);
    expect(suspend).not.toHaveBeenCalled();
  });

  test("that fails after the write takes nothing back of it, and claims nothing", async () => {
    const audit = memoryAudit();
    const reads = [somebody];
    const suspend = guarded(aTool(), {
      audit,
      readUser: async () => reads.pop() ?? expect.unreachable("the directory is away"),
    });
    const { report, code } = await call("tool.invoke", suspend, { id: someId });
    expect(code).toBeNull();
    expect(report).toEqual({
      id: someId,
      email: null,
      previous_state: "ACTIVE",
      state: "unknown",
      changed: null,
      verified: false,
      note: "the tool answered, but the person could not be read afterwards",
    });
    expect(audit.records.at(-1)).toMatchObject({ status: "Unknown", unmapped: { state: "unknown" } });
  });

  test("shows what a tool only says that it did", async () => {
    const audit = memoryAudit();
    const suspend = guarded(
      aTool(() => "Suspended them."),
      { audit, readUser },
    );
    const { report } = await call("tool.invoke", suspend, { id: someId });
    expect(report).toMatchObject({ state: "ACTIVE", changed: false, verified: false });
    expect(report?.note).toBe("the answer was a success, but read afterwards they are ACTIVE");
    expect(audit.records.at(-1)).toMatchObject({ status: "Unknown", severity_id: 3 });
  });
});

describe("what a guarded tool says", () => {
  test("is passed on with its artifact", async () => {
    const rotate = aTool(() => ["Rotated.", { version: 2 }], {
      name: "rotate_secret",
      responseFormat: "content_and_artifact",
    });
    const { text, artifact } = await call("tool.invoke", guarded(rotate), { id: someId });
    expect(text).toBe("Rotated.");
    expect(artifact).toMatchObject({ data: { version: 2 } });
  });

  test("is an error where it calls itself one", async () => {
    const refusing = aTool((_args, config) => {
      const { toolCall } = config as { toolCall?: { id?: string } };
      return new ToolMessage({
        content: "No such vault.",
        status: "error",
        tool_call_id: toolCall?.id ?? "",
      });
    });
    const { code, text } = await call("tool.invoke", guarded(refusing, { readUser }), { id: someId });
    expect(code).toBe("server_error");
    expect(text).toContain('"suspend_user" failed: No such vault.');
  });

  test("comes from its own check of arguments too, and then nothing was sent", async () => {
    const run = vi.fn(() => "Done.");
    const schema = z.object({ id: z.string().refine((id) => id !== someId, "Not them.") });
    const maxWrites = { count: 1, windowMs: 60_000 };
    const audit = memoryAudit();
    const picky = guarded(aTool(run, { schema, name: "rotate" }), { maxWrites, audit, readUser });
    const { code } = await call("tool.invoke", picky, { id: someId });
    expect(code).toBe("invalid_argument");
    expect(audit.records.at(-1)).toMatchObject({ status: "Failure", status_code: "invalid_argument" });
    // The budget's only place is free again.
    expect((await call("tool.invoke", picky, { id: "other" })).code).toBeNull();
    expect(run).toHaveBeenCalledTimes(1);
  });

  test("is not lost where it is a command to the graph", async () => {
    const { Command } = await import("@langchain/langgraph");
    const command = new Command({ update: { done: true } });
    const { text, artifact } = await call(
      "tool.invoke",
      guarded(aTool(() => command, { name: "hand_over" })),
      { id: someId },
    );
    expect(text).toBe("Done.");
    expect(artifact).toMatchObject({ data: command });
  });

  test("a signal of LangGraph passes through as it is", async () => {
    const signal = Object.assign(new Error("ask a person"), { is_bubble_up: true });
    const asking = guarded(
      aTool(() => Promise.reject(signal)),
      { readUser, handleErrors: "all" },
    );
    await expect(asking.invoke({ id: someId })).rejects.toBe(signal);
  });

  test("an abort reaches the tool, and comes out as it is", async () => {
    const reason = new Error("stopped by the operator");
    const controller = new AbortController();
    let heard: unknown;
    const slow = aTool(
      (_args, { signal }) =>
        new Promise((_resolve, reject) => {
          signal!.addEventListener("abort", () => {
            heard = signal!.reason;
            reject(new Error("cancelled"));
          });
          controller.abort(reason);
        }),
    );
    const stopped = guarded(slow, { readUser }).invoke({ id: someId }, { signal: controller.signal });
    await expect(stopped).rejects.toBe(reason);
    expect(heard).toBe(reason);
  });
});
