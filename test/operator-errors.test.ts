import { join } from "node:path";
import { ToolMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { createAgent } from "langchain";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import {
  guard,
  ToolManager,
  truto,
  usersApi,
  isToolsetError,
  type GuardOptions,
  type ToolManagerOptions,
  type ToolSource,
  type User,
  type WarningListener,
} from "langchain-1password";
import { createMcpHandler } from "langchain-1password/mcp";
import { auditFile } from "langchain-1password/node";
import type { Sandbox } from "langchain-1password/sandbox";
import { z } from "zod";
import { toolsetErrorOf } from "./support/errors.js";
import { pinnedClient, useHttp } from "./support/mcp.js";
import { emptySource } from "./support/own-tools.js";
import { ScriptedModel } from "./support/scripted-model.js";
import { useSandbox } from "./support/sandbox.js";
import { sharedStore } from "./support/shared-store.js";

// Whatever a function of the operator's throws, the operator sees whole and a model sees nothing of.

const ask = () => ({ decision: "approve" as const, approver: "lead@example.com" });

/** What throws, by the option whose function it is; all through the same guarded tool. */
const guards: Record<string, (fail: () => never) => GuardOptions> = {
  ask: (fail) => ({ approval: { ask: fail } }),
  "an ask that rejects": (fail) => ({ approval: { ask: async () => Promise.resolve(fail()) } }),
  protect: (fail) => ({ protect: fail }),
  "store.consume": (fail) => ({ approval: { ask, store: { consume: fail } } }),
  "store.recall": (fail) => ({ approval: { ask, store: { ...sharedStore(), recall: fail } } }),
  "store.remember": (fail) => ({ approval: { ask, store: { ...sharedStore(), remember: fail } } }),
  audit: (fail) => ({ audit: { write: fail } }),
  "an audit of the outcome": (fail) => ({
    audit: { write: ({ unmapped }) => (unmapped.phase === "intent" ? undefined : fail()) },
  }),
};

const texts = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom("Nothing was changed.", ""),
);

/** Errors as functions throw them, and the text that must be nowhere. */
const thrown = fc.tuple(texts, texts, fc.nat(5)).map(([before, after, kind]) => {
  const marker = "hunter2-hunter2";
  const text = `${before}${marker}${after}`;
  const values: unknown[] = [
    new Error(text),
    new TypeError("short", { cause: new Error(text) }),
    text,
    Object.assign(new Error(text), { status: 500, headers: { "x-request-id": marker } }),
    { message: text, name: text },
    Object.assign(new Error(text), { status: 404, name: text }),
  ];
  return { marker, value: values[kind] };
});

/** An error's causes, down to the last. */
function causesOf(error: unknown): unknown[] {
  const { cause } = (error ?? {}) as { cause?: unknown };
  return cause === undefined ? [] : [cause, ...causesOf(cause)];
}

/** Lets a model call the tool, and gives everything that it has read. */
async function readByModel(tools: Parameters<typeof createAgent>[0]["tools"], name: string, args: object) {
  const model = new ScriptedModel({
    reply: ({ messages }) =>
      messages.at(-1)?.role === "tool" ? { text: "Done." } : { toolCalls: [{ name, args: { ...args } }] },
  });
  const { messages } = await createAgent({ model, tools: tools! }).invoke({
    messages: [{ role: "user", content: "Go." }],
  });
  const answers = messages.filter((message) => ToolMessage.isInstance(message));
  return JSON.stringify([messages.map(({ content }) => content), answers.map((answer) => answer.toDict())]);
}

const reactivate = (sandbox: Sandbox) => {
  for (const user of sandbox.users) user.state = "ACTIVE";
};

test.each(Object.keys(guards))("what %s throws reaches onWarning whole, and no model", async (name) => {
  const sandbox = await useSandbox({ users: [{ email: "m.scott@example.com" }] });
  const { id } = sandbox.users[0]!;
  await fc.assert(
    fc.asyncProperty(thrown, async ({ marker, value }) => {
      reactivate(sandbox);
      const onWarning = vi.fn<WarningListener>();
      const fail = () => {
        throw value;
      };
      const source = usersApi({ ...sandbox });
      const manager = new ToolManager({ source, handleErrors: "all", onWarning, ...guards[name]!(fail) });
      const read = await readByModel(await manager.getTools(), "1_password_users_suspend", { id });
      expect(read).toContain("1_password_users_suspend");
      expect(read).not.toContain(marker);
      const causes = onWarning.mock.calls.map(([, details]) => details?.cause);
      expect(causes).toContain(value);
      expect(onWarning.mock.calls.map(([message]) => message).join()).not.toContain(marker);
    }),
    { numRuns: 12 },
  );
});

test("what this library's own audit file throws is printed by its text, and other errors by their class", async () => {
  const sandbox = await useSandbox({ users: [{ email: "a@example.com" }] });
  const { id } = sandbox.users[0]!;
  const printed = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const path = join(import.meta.dirname, "nofolder", "audit.jsonl");
  class _BundledError extends Error {}
  const sinks = [auditFile(path), { write: () => Promise.reject(new _BundledError("hunter2")) }];
  for (const audit of sinks) {
    const manager = new ToolManager({ source: usersApi({ ...sandbox }), handleErrors: "all", audit });
    await (await manager.getTool("1_password_users_suspend")).invoke({ id, expected_email: "a@example.com" });
  }
  const all = printed.mock.calls.map(([text]) => String(text));
  const [own = "", foreign = ""] = all.filter((text) => text.includes("was not sent"));
  printed.mockRestore();
  expect(own).toContain(`could not be written (The audit log "${path}" cannot be opened: there is no folder`);
  expect(foreign).toContain("could not be written (BundledError).");
  expect(own).toMatch(/runs as\)\. Give "onWarning"/);
  expect(all.join()).not.toMatch(/_\w*Error|hunter2/);
});

test("what readUser of guard throws reaches onWarning whole, and no model", async () => {
  const suspend = tool(() => "done", {
    name: "suspend_user",
    description: "Suspends.",
    schema: z.object({ id: z.string() }),
  });
  await fc.assert(
    fc.asyncProperty(thrown, async ({ marker, value }) => {
      const onWarning = vi.fn<WarningListener>();
      const readUser = () => {
        throw value;
      };
      const options = { readUser, onWarning, handleErrors: "all", protect: ["a@example.com"] } as const;
      const read = await readByModel(guard([suspend], options), "suspend_user", { id: "A" });
      expect(read).not.toContain(marker);
      expect(onWarning).toHaveBeenCalledWith(expect.any(String), { cause: value });
      const direct = guard([suspend], { ...options, handleErrors: "none" })[0]!.invoke({ id: "A" });
      const error = await direct.then(
        () => expect.unreachable(),
        (reason: unknown) => reason,
      );
      expect(causesOf(error)).toContain(value);
    }),
    { numRuns: 12 },
  );
});

test.each(["usersApi", "truto"])(
  "what the secret's function of %s throws reaches onWarning whole, and no model",
  async (api) => {
    const sandbox = await useSandbox();
    await fc.assert(
      fc.asyncProperty(thrown, async ({ marker, value }) => {
        const onWarning = vi.fn<WarningListener>();
        let isFailing = api === "usersApi";
        const secret = () => {
          if (isFailing) throw value;
          return sandbox.trutoApiKey;
        };
        const { baseUrl, integratedAccountId } = sandbox;
        const source =
          api === "usersApi"
            ? usersApi({ ...sandbox, clientSecret: secret, onWarning })
            : truto({ apiKey: secret, integratedAccountId, baseUrl, onWarning });
        const tools = await new ToolManager({ source, handleErrors: "all" }).getTools();
        isFailing = true;
        const read = await readByModel(tools, "get_single_1_password_user_by_id", {
          id: sandbox.users[0]!.id,
        });
        expect(read).not.toContain(marker);
        expect(onWarning).toHaveBeenCalledWith(expect.any(String), { cause: value });
      }),
      { numRuns: 6 },
    );
  },
);

test("what onBackoff throws reaches onWarning whole, and costs the call nothing", async () => {
  const limited = await useSandbox({
    rateLimit: { limit: 1, windowMs: 1000, headers: "draft-6" },
  });
  const error = new Error("the display is off");
  const onWarning = vi.fn<WarningListener>();
  const onBackoff = () => {
    throw error;
  };
  const manager = new ToolManager({ source: usersApi({ ...limited }), onWarning, backoff: { onBackoff } });
  const get = await manager.getTool("get_single_1_password_user_by_id");
  const { id } = limited.users[0]!;
  for (const text of await Promise.all([get.invoke({ id }), get.invoke({ id })])) expect(text).toContain(id);
  expect(onWarning).toHaveBeenCalledWith(expect.any(String), { cause: error });
});

/** What throws, by the method of a source or the place of a layer; who is called, and how. */
const places: Record<string, (api: ToolSource, fail: () => never) => ToolManagerOptions> = {
  "source.call": (api, fail) => ({ source: { ...api, call: fail } }),
  "source.readUser": (api, fail) => ({ source: { ...api, readUser: fail } }),
  "source.readUsers": (api, fail) => ({ source: { ...api, readUsers: fail } }),
  "source.readUsers at its end": (api, fail) => ({
    source: {
      ...api,
      async *readUsers(...parameters: Parameters<NonNullable<ToolSource["readUsers"]>>) {
        yield* api.readUsers!(...parameters);
        fail();
      },
    },
  }),
  "a layer": (api, fail) => ({ source: api, layers: [() => fail] }),
  "a layer behind its call": (api, fail) => ({
    source: api,
    layers: [(next) => (request) => next(request).then(fail)],
  }),
};
const called: Record<string, (person: User) => object> = {
  get_single_1_password_user_by_id: ({ id }) => ({ id }),
  "1_password_users_suspend": ({ id, email }) => ({ id, expected_email: email }),
  find_1_password_users: ({ email }) => ({ email }),
  offboard_1_password_user: ({ email }) => ({ email }),
  audit_1_password_access: ({ email }) => ({ emails: [email] }),
};

test.each(Object.keys(places))(
  "what %s throws reaches onWarning and the cause whole, and no model",
  { timeout: 60_000 },
  async (name) => {
    const sandbox = await useSandbox({ users: 2 });
    const [person] = sandbox.users;
    let told = 0;
    await fc.assert(
      fc.asyncProperty(thrown, async ({ marker, value }) => {
        reactivate(sandbox);
        const warnings: unknown[] = [];
        const onWarning: WarningListener = (message, details) => {
          expect(message).not.toContain(marker);
          warnings.push(details?.cause);
        };
        const fail = () => {
          throw value;
        };
        const options = places[name]!(usersApi({ ...sandbox }), fail);
        for (const [tool, argsOf] of Object.entries(called)) {
          const manager = new ToolManager({ ...options, onWarning, workflows: true });
          const one = await manager.getTool(tool);
          const before = warnings.length;
          expect(await readByModel([one], tool, argsOf(person!))).not.toContain(marker);
          // Not each tool passes each place.
          const error: unknown = await one.invoke(argsOf(person!)).catch((failure: unknown) => failure);
          if (warnings.length === before) continue;
          told += 1;
          expect(warnings.slice(before)).toContain(value);
          if (isToolsetError(error)) expect(error.message).not.toContain(marker);
        }
      }),
      { numRuns: 10 },
    );
    expect(told).toBeGreaterThanOrEqual(10);
  },
);

test("a layer that throws before its call has sent nothing; behind it, what became of the write is not known", async () => {
  const sandbox = await useSandbox({ users: 1 });
  const [person] = sandbox.users;
  const cause = new Error("hunter2");
  const thrownBy = async (name: string) => {
    const options = places[name]!(usersApi({ ...sandbox }), () => {
      throw cause;
    });
    const suspend = await new ToolManager({ ...options, onWarning: vi.fn() }).getTool(
      "1_password_users_suspend",
    );
    return toolsetErrorOf(suspend.invoke({ id: person!.id, expected_email: person!.email }));
  };
  person!.state = "ACTIVE";
  const before = await thrownBy("a layer");
  expect(causesOf(before)).toContain(cause);
  expect(before.text).toMatch(/Nothing was changed/);
  expect(person!.state).toBe("ACTIVE");
  const behind = await thrownBy("a layer behind its call");
  expect(causesOf(behind)).toContain(cause);
  expect(behind.text).toMatch(/Whether the person was changed .* is not known/);
  expect(behind.text).not.toMatch(/nothing was (changed|sent)/i);
  expect(person!.state).toBe("SUSPENDED");
});

test("what the list of a source throws is thrown to the developer, and no MCP client reads it", async () => {
  const error = new Error("hunter2");
  const onWarning = vi.fn();
  const manager = new ToolManager({
    source: { ...emptySource, list: () => Promise.reject(error) },
    onWarning,
  });
  await expect(manager.getTools()).rejects.toBe(error);
  const { url } = await useHttp(createMcpHandler(manager).fetch);
  const client = await pinnedClient.connect(url);
  await expect(client.listTools()).rejects.toThrow(
    "The tools could not be listed, and the operator of this server has been told why.",
  );
  expect(onWarning).toHaveBeenCalledWith("The tools could not be listed (Error).", { cause: error });
});

test("what describe throws is thrown to whoever calls guard", () => {
  const error = new Error("no such tool");
  const any = tool(() => "done", { name: "any", description: "Any.", schema: z.object({}) });
  const describe = () => {
    throw error;
  };
  expect(() => guard([any], { describe })).toThrow(error);
});

test("a refusal's error has what the operator's function threw as its cause", async () => {
  const sandbox = await useSandbox();
  const error = new Error("the chat is down");
  const approval = { ask: () => Promise.reject(error) };
  const manager = new ToolManager({ source: usersApi({ ...sandbox }), approval, onWarning: () => undefined });
  const suspend = await manager.getTool("1_password_users_suspend");
  const { id } = sandbox.users.find(({ email }) => email === "m.scott@example.com")!;
  await expect(suspend.invoke({ id })).rejects.toMatchObject({ code: "approval_unavailable", cause: error });
});

test("without onWarning, console.warn hears that something failed, and not what", async () => {
  const warn = vi.spyOn(console, "warn").mockReturnValue(undefined);
  const sandbox = await useSandbox();
  const approval = { ask: () => Promise.reject(new TypeError("password=hunter2")) };
  const manager = new ToolManager({ source: usersApi({ ...sandbox }), handleErrors: "all", approval });
  const suspend = await manager.getTool("1_password_users_suspend");
  await suspend.invoke({ id: sandbox.users.find(({ email }) => email === "m.scott@example.com")!.id });
  const { calls } = warn.mock;
  warn.mockRestore();
  expect(calls).toEqual([[expect.stringMatching(/^"ask" failed \(TypeError\).*Give "onWarning"/)]]);
});

test("a listener that throws or rejects costs nothing", async () => {
  const sandbox = await useSandbox();
  const { id } = sandbox.users.find(({ email }) => email === "m.scott@example.com")!;
  for (const onWarning of [
    () => expect.unreachable(),
    (async () => Promise.reject(new Error("no log"))) as WarningListener,
  ]) {
    const approval = { ask: () => Promise.reject(new Error("the chat is down")) };
    const source = usersApi({ ...sandbox });
    const manager = new ToolManager({ source, handleErrors: "all", approval, onWarning });
    const suspend = await manager.getTool("1_password_users_suspend");
    expect(await suspend.invoke({ id })).toContain("approval_unavailable");
  }
});
