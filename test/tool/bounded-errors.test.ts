import { ToolMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  defineTool,
  guard,
  ToolManager,
  ToolsetError,
  truto,
  usersApi,
  type Layer,
  type ManagerOptions,
} from "langchain-1password";
import { createMcpHandler } from "langchain-1password/mcp";
import { longestErrorText } from "../../src/content/bounded-text.js";
import { pinnedClient, useHttp } from "../support/mcp.js";
import { emptySource, ownTool } from "../support/own-tools.js";
import { useSandbox } from "../support/sandbox.js";

const huge = "x".repeat(100_000);
/** The last line of an error, which is for programs. */
const longestMachineLine = 120;

/** What a model reads of a call, or whoever catches what it throws. */
async function told(call: Promise<unknown>): Promise<string> {
  try {
    const answer = await call;
    return ToolMessage.isInstance(answer) ? answer.text : String(answer);
  } catch (error) {
    return (error as Error).message;
  }
}

type Invoked = { invoke: (input: never) => Promise<unknown>; name: string };

/** The text of a call's error, by each way that hosts take. */
async function texts({ invoke, name }: Invoked, args: object): Promise<string[]> {
  const call = { type: "tool_call", id: "c1", name, args };
  return Promise.all([told(invoke(call as never)), told(invoke(args as never))]);
}

const bound = (one: { name: string; invoke: unknown }): Invoked => ({
  name: one.name,
  invoke: (one.invoke as Invoked["invoke"]).bind(one),
});

function expectBounded(text: string): void {
  expect(text.length).toBeLessThanOrEqual(longestErrorText + 1 + longestMachineLine);
  expect(text).toMatch(/\n\{"code":"\w+","retryable":\w+,"retry_after_s":\w+\}\s*$/);
}

const body = { message: huge, code: 3, error: huge, details: [{ reason: huge }] };
const settings: Pick<ManagerOptions, "handleErrors">[] = [{ handleErrors: "all" }, { handleErrors: "none" }];

describe.each(settings)("no error is longer than is documented, with %j:", (setting) => {
  test.each([400, 403, 404, 409, 429, 500])("a server's long message with status %i", async (status) => {
    const faults = [{ times: Infinity, do: { kind: "status", status, body } } as const];
    const sandbox = await useSandbox({ users: 2 });
    const { baseUrl, trutoApiKey, integratedAccountId } = sandbox;
    for (const source of [
      usersApi({ ...sandbox }),
      truto({ baseUrl, apiKey: trutoApiKey, integratedAccountId }),
    ]) {
      sandbox.setFaults([]);
      const manager = new ToolManager({ ...setting, source, workflows: true });
      const tools = await manager.getTools();
      const { id, email } = sandbox.users[0]!;
      sandbox.setFaults(faults);
      for (const one of tools) {
        const args = one.name.startsWith("find") || one.name.startsWith("list") ? {} : { id };
        const forAudit = one.name.startsWith("audit") ? { emails: [email] } : args;
        (await texts(bound(one), forAudit)).forEach(expectBounded);
      }
    }
  });

  test("long arguments, and many that do not fit", async () => {
    const sandbox = await useSandbox({ users: 2 });
    const manager = new ToolManager({ ...setting, source: usersApi({ ...sandbox }), workflows: true });
    const many = Object.fromEntries(
      Array.from({ length: 90 }, (_, index) => [`${huge.slice(0, 5000)}${index}`, huge]),
    );
    for (const one of await manager.getTools()) {
      const names = Object.keys(one.descriptor.inputSchema.properties);
      const each = Object.fromEntries(names.map((name) => [name, huge]));
      for (const args of [
        many,
        each,
        { ...many, ...each },
        Object.fromEntries(names.map((name) => [name, [huge]])),
      ])
        (await texts(bound(one), args)).forEach(expectBounded);
    }
  });

  test("a schema with much in it", async () => {
    const words = Array.from({ length: 5000 }, (_, index) => `value number ${index}`);
    const properties = Object.fromEntries(
      words.slice(0, 50).map((word) => [word, { type: "string", enum: words }]),
    );
    const definition = defineTool({
      name: "pick",
      description: "Picks.",
      schema: { type: "object", properties, required: words.slice(0, 50), additionalProperties: false },
      kind: "read",
      call: () => "picked",
    });
    const own = await ownTool(definition, setting);
    (await texts(bound(own), {})).forEach(expectBounded);
    (await texts(bound(own), Object.fromEntries(words.slice(0, 50).map((word) => [word, "none"])))).forEach(
      expectBounded,
    );
  });

  test("what a tool of one's own, a layer or a tool of others says", async () => {
    const definition = (call: () => unknown) =>
      defineTool({ name: "own", description: "Own.", schema: { type: "object" }, kind: "read", call });
    const refusing: Layer = () => () => Promise.resolve({ kind: "refused", code: "protected", text: huge });
    const own = [
      await ownTool(
        definition(() => Promise.reject(new ToolsetError("forbidden", huge))),
        setting,
      ),
      await ownTool(
        definition(() => "never"),
        { ...setting, layers: [refusing] },
      ),
    ];
    const schema = z.object({});
    const foreign = guard(
      [
        tool(() => Promise.reject(new Error(huge)), { name: "throws", description: "Throws.", schema }),
        tool(() => new ToolMessage({ content: huge, status: "error", tool_call_id: "c1" }) as never, {
          name: "answers",
          description: "Answers with an error.",
          schema,
        }),
      ],
      { ...setting, describe: () => ({ kind: "read" }) },
    );
    for (const one of [...own, ...foreign]) (await texts(bound(one), {})).forEach(expectBounded);
  });
});

test("over MCP as well, and its end is kept: what to do next stands there", async () => {
  const definition = defineTool({
    name: "own",
    description: "Own.",
    schema: { type: "object" },
    kind: "read",
    call: () => Promise.reject(new ToolsetError("forbidden", `It was refused. ${huge} Next: ask somebody.`)),
  });
  const manager = new ToolManager({ source: emptySource, tools: [definition] });
  const { url } = await useHttp(createMcpHandler(manager).fetch);
  const client = await pinnedClient.connect(url);
  const { isError, content } = await client.callTool("own", {});
  expect(isError).toBe(true);
  const [{ text = "" } = {}] = content;
  expectBounded(text);
  expect(text).toMatch(
    /^It was refused\. x+\n… \(\d+ of 100036 characters are left out here\) …\nx+ Next: ask somebody\./,
  );
});
