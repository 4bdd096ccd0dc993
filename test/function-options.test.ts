import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tool } from "@langchain/core/tools";
import { z } from "zod";
import {
  askByInterrupt,
  auditAccess,
  createGate,
  defineTool,
  descriptorsFromOpenApi,
  findUsers,
  guard,
  offboardUser,
  ToolManager,
  truto,
  TrutoLangchainToolManager,
  usersApi,
  withBackoff,
  type DefineToolOptions,
} from "langchain-1password";
import { bearerTokens, createMcpServer } from "langchain-1password/mcp";
import { auditFile, fileApprovalStore, fileMcpServerStore, verifyAudit } from "langchain-1password/node";
import { startSandbox } from "langchain-1password/sandbox";
import { nearestName } from "../src/nearest-name.js";
import { someCredentials } from "./support/credentials.js";
import { emptySource } from "./support/own-tools.js";
import { useSandbox } from "./support/sandbox.js";
import { useFolder } from "./node/temporary-folder.js";

const email = "l@example.com";
const someTool = tool(() => "Done.", { name: "do_it", description: "Does it.", schema: z.object({}) });
const ask = () => ({ decision: "reject" as const });
const ticket: DefineToolOptions = {
  name: "get_ticket",
  description: "Reads a ticket.",
  schema: { type: "object", properties: {} },
  kind: "read",
  call: () => 1,
};
const source = emptySource;
const make = (options: object) => new ToolManager({ source, ...options });

/** What a call of one of the exported functions throws, or rejects with. */
async function errorOf(call: () => unknown): Promise<string> {
  try {
    await call();
  } catch (error) {
    return (error as Error).message;
  }
  return "nothing was thrown";
}

describe("an unknown name is refused, and the near one is named:", () => {
  test.each<[string, () => unknown, near: string]>([
    ["ToolManager", () => make({ protects: [email] }), "protect"],
    ["ToolManager, given as undefined", () => make({ protects: undefined }), "protect"],
    ["ToolManager's backoff", () => make({ backoff: { maxWait: 1 } }), "maxWaitMs"],
    [
      "ToolManager's maxWrites",
      () => make({ maxWrites: { count: 1, windowMs: 1, windowsMs: 1 } }),
      "windowMs",
    ],
    ["ToolManager's approval", () => make({ approval: { ask, tllMs: 1 } }), "ttlMs"],
    ["getTools", () => make({}).getTools({ method: ["read"] } as never), "methods"],
    ["getDescriptors", () => make({}).getDescriptors({ tag: ["read"] } as never), "tags"],
    ["usersApi", () => usersApi({ ...someCredentials, regoin: "eu" } as never), "region"],
    ["truto", () => truto({ apiKey: "k", integratedAccountId: "a", baseURL: "x" } as never), "baseUrl"],
    ["TrutoLangchainToolManager", () => new TrutoLangchainToolManager({ apikey: "k" } as never), "apiKey"],
    ["defineTool", () => defineTool({ ...ticket, tag: [] } as never), "tags"],
    [
      "defineTool's annotations",
      () => defineTool({ ...ticket, annotations: { readOnly: true } } as never),
      "",
    ],
    ["guard", () => guard([someTool], { readonly: true } as never), "readOnly"],
    ["guard's describe", () => guard([someTool], { describe: () => ({ knd: "read" }) as never }), "kind"],
    ["withBackoff", () => withBackoff([someTool], { maxAttempt: 1 } as never), "maxAttempts"],
    [
      "descriptorsFromOpenApi",
      () => descriptorsFromOpenApi({ openapi: "3.1.0", paths: {} }, { name: 1 } as never),
      "names",
    ],
    ["createMcpServer", () => createMcpServer(make({}), { method: ["read"] } as never), "methods"],
    ["auditFile", () => auditFile("a.jsonl", { onRecords: () => undefined } as never), "onRecord"],
    ["verifyAudit", () => verifyAudit("a.jsonl", { Key: "k" } as never), "key"],
    ["startSandbox", () => startSandbox({ user: 5 } as never), "users"],
    [
      "startSandbox's rateLimit",
      () => startSandbox({ rateLimit: { limit: 1, windowMs: 1, header: "none" } } as never),
      "headers",
    ],
    ["startSandbox's users", () => startSandbox({ users: [{ emial: email }] } as never), "email"],
    ["findUsers", () => findUsers(make({}), { emial: email } as never), "email"],
    [
      "findUsers' config",
      () => findUsers(make({}), {}, { singal: new AbortController().signal } as never),
      "signal",
    ],
    ["offboardUser", () => offboardUser(make({}), { emails: email } as never), "email"],
    ["auditAccess", () => auditAccess(make({}), { email: [email] } as never), "emails"],
  ])("%s", async (_name, call, near) => {
    const message = await errorOf(call);
    if (near === "") expect(message).toMatch(/is not an option of/);
    else
      expect(message).toMatch(
        new RegExp(`(is not an option of|is not a part of).*[dD]id you mean "${near}"\\?`),
      );
  });

  test("a name that is near to none is refused without a guess", async () => {
    expect(await errorOf(() => make({ colour: "red" }))).toMatch(
      /^"colour" is not an option of ToolManager\. There are: /,
    );
  });

  test("the nearest of some names is the one that a slip was made in, however it was made", () => {
    const names = ["email", "emails", "email_domain", "name_contains", "state", "limit", "cursor"];
    const slip = fc.tuple(
      fc.constantFrom(...names),
      fc.nat(),
      fc.constantFrom("drop", "swap", "double", "case"),
    );
    fc.assert(
      fc.property(slip, ([name, position, kind]) => {
        const at = position % (name.length - 1);
        const [one = "", other = ""] = [name[at], name[at + 1]];
        const changed = {
          drop: other,
          swap: other + one,
          double: one + one + other,
          case: one.toUpperCase() + other,
        };
        const misspelt = name.slice(0, at) + changed[kind as "drop"] + name.slice(at + 2);
        fc.pre(!names.includes(misspelt));
        expect([name, `${name}s`, name.replace(/s$/, "")]).toContain(nearestName(misspelt, names));
      }),
    );
  });

  test("a long name takes no time, and shows itself only in part", async () => {
    const message = await errorOf(() => make({ ["a".repeat(1_000_000)]: 1 }));
    expect(message.length).toBeLessThan(1000);
  });
});

describe("what is no object of options is refused in words:", () => {
  test.each<[string, () => unknown]>([
    ["null for a manager's options", () => new ToolManager(null as never)],
    ["a text for a source's options", () => usersApi("key" as never)],
    ["nothing for Truto's class", () => new TrutoLangchainToolManager(undefined as never)],
    ["null for a filter", () => make({}).getTools(null as never)],
    ["a list for criteria", () => findUsers(make({}), [email] as never)],
    ["nothing for criteria", () => findUsers(make({}), undefined as never)],
    ["an email for an offboarding", () => offboardUser(make({}), email as never)],
    ["a Map of criteria", () => findUsers(make({}), new Map([["email", email]]) as never)],
    ["inherited criteria", () => findUsers(make({}), Object.create({ email }) as never)],
    ["an undefined entry of emails", () => findUsers(make({}), { emails: [undefined] } as never)],
    ["a signal that is none", () => findUsers(make({}), { email }, { signal: "stop" } as never)],
    ["a writer that is none", () => findUsers(make({}), { email }, { writer: 5 } as never)],
    ["a configurable that is none", () => findUsers(make({}), { email }, { configurable: "a" } as never)],
    ["a single token", () => bearerTokens({ name: "a", token: "b".repeat(32) } as never)],
    ["null for a config", () => findUsers(make({}), {}, null as never)],
    ["an option for createGate", () => (createGate as (options: object) => unknown)({ limit: 1 })],
    ["something else than interrupt", () => askByInterrupt(undefined as never)],
    [
      "a record of names that is a number",
      () => descriptorsFromOpenApi({ openapi: "3.1.0", paths: {} }, { kind: 5 } as never),
    ],
  ])("%s", async (_name, call) => {
    const message = await errorOf(call);
    expect(message).toContain('"code":"invalid_argument"');
    expect(message).not.toContain("cannot read a directory");
  });
});

describe("a criterion that would select everybody or nobody is refused, before anything is sent:", () => {
  test.each<[string, (manager: ToolManager) => unknown, RegExp]>([
    [
      "an email that is undefined",
      (manager) => findUsers(manager, { email: undefined } as never),
      /"email" is undefined/,
    ],
    [
      "a state that is undefined",
      (manager) => findUsers(manager, { email, state: undefined } as never),
      /"state" is undefined/,
    ],
    ["no emails", (manager) => findUsers(manager, { emails: [] }), /"emails" is a list/],
    ["an empty email", (manager) => findUsers(manager, { email: "" }), /there is no email address/],
    ["an email that is null", (manager) => findUsers(manager, { email: null } as never), /"email" is null/],
    ["a limit below 0", (manager) => findUsers(manager, { email, limit: -1 }), /"limit" is -1/],
    ["a limit as text", (manager) => findUsers(manager, { email, limit: "5" } as never), /"limit" is "5"/],
    [
      "a state in lower case",
      (manager) => findUsers(manager, { state: "active" } as never),
      /"state" is "active"/,
    ],
    [
      "a domain that no email is of",
      (manager) => findUsers(manager, { email, email_domain: "other.example" }),
      /none of the emails/,
    ],
    [
      "an offboarding by an undefined email",
      (manager) => offboardUser(manager, { id: "A".repeat(26), email: undefined } as never),
      /"email" is undefined/,
    ],
    [
      "an offboarding by an undefined id",
      (manager) => offboardUser(manager, { email, id: undefined } as never),
      /"id" is undefined/,
    ],
    ["an offboarding by a short id", (manager) => offboardUser(manager, { id: "A" }), /"id" is "A"/],
    ["an offboarding of nobody", (manager) => offboardUser(manager, {}), /Neither "email" nor "id"/],
    [
      "an undefined list",
      (manager) => auditAccess(manager, { emails: undefined } as never),
      /Neither "emails" nor "csv"/,
    ],
    [
      "an undefined state",
      (manager) => auditAccess(manager, { emails: [email], state: undefined }),
      /"state" is undefined/,
    ],
    [
      "two lists",
      (manager) => auditAccess(manager, { emails: [email], csv: email } as never),
      /Both "emails" and "csv"/,
    ],
    [
      "undefined methods",
      (manager) => manager.getTools({ methods: undefined } as never),
      /"methods" of the filter is undefined/,
    ],
    [
      "undefined tags",
      (manager) => manager.getDescriptors({ tags: undefined } as never),
      /"tags" of the filter is undefined/,
    ],
    [
      "undefined tags over MCP",
      (manager) => createMcpServer(manager, { tags: undefined }),
      /"tags" is undefined/,
    ],
  ])("%s", async (_name, call, message) => {
    const sandbox = await useSandbox({ users: [{ email }] });
    const manager = new ToolManager({ ...sandbox });
    expect(await errorOf(() => call(manager))).toMatch(message);
    expect(sandbox.requests).toEqual([]);
  });

  test("and no criteria at all counts", async () => {
    const sandbox = await useSandbox({ users: [{ email }, { email: "s@example.com", state: "SUSPENDED" }] });
    const { counts } = await findUsers(new ToolManager({ ...sandbox }), {});
    expect(counts).toEqual({ ACTIVE: 1, SUSPENDED: 1 });
  });
});

describe("a value of another kind is our error, at the start:", () => {
  const manager = () => make({});
  test.each<[string, () => unknown, RegExp]>([
    [
      "a word for a source",
      () => new ToolManager({ source: "truto" } as never),
      /"source" is "truto".*Give usersApi/,
    ],
    ["a function for a source", () => new ToolManager({ source: truto } as never), /"source" is a function/],
    [
      "an object that is no source",
      () => new ToolManager({ source: { key: "k" } } as never),
      /"source".*has no "list"/,
    ],
    [
      "a source without a key",
      () => new ToolManager({ source: { ...source, key: "" } }),
      /"source".*has no "key"/,
    ],
    [
      "a source whose readUser is no function",
      () => new ToolManager({ source: { ...source, readUser: {} } } as never),
      /"source\.readUser"/,
    ],
    ["a tool that defineTool did not make", () => make({ tools: [ticket] }), /"tools\[0\]".*defineTool/],
    [
      "a LangChain tool for one",
      () => make({ tools: [defineTool(ticket), someTool] }),
      /"tools\[1\]".*defineTool/,
    ],
    ["a copy of a tool", () => make({ tools: [{ ...defineTool(ticket) }] }), /"tools\[0\]".*defineTool/],
    ["a manager for tools", () => withBackoff(manager() as never), /"tools".*await manager\.getTools\(\)/],
    ["a promise for tools", () => withBackoff(manager().getTools() as never), /"tools" is a promise.*Await/],
    ["a single tool for tools", () => withBackoff(someTool as never), /"tools" is a single tool/],
    ["a manager for tools to guard", () => guard(manager() as never), /"tools".*await manager\.getTools\(\)/],
    ["a fetch that is none", () => usersApi({ ...someCredentials, fetch: "x" } as never), /"fetch" is "x"/],
    [
      "tags that are a word",
      () => defineTool({ ...ticket, tags: "desk" as never }),
      /"tags" of "get_ticket"/,
    ],
    ["no call", () => defineTool({ ...ticket, call: undefined as never }), /"call" of "get_ticket"/],
    ["no description", () => defineTool({ ...ticket, description: "" }), /"description" of "get_ticket"/],
    ["no schema", () => defineTool({ ...ticket, schema: undefined as never }), /"schema" of "get_ticket"/],
    ["a number for a folder", () => fileApprovalStore(5 as never), /"folder" is a number/],
    ["a file for a folder", () => fileApprovalStore(import.meta.filename), /"folder" is .*where a file is/],
    [
      "a key that is a number",
      () => auditFile("a.jsonl", { key: 5 as never }),
      /"key" is neither a text nor bytes/,
    ],
  ])("%s", async (_name, call, message) => {
    expect(await errorOf(call)).toMatch(message);
  });

  test("a folder for a file", async () => {
    const folder = await useFolder();
    expect(() => fileMcpServerStore(folder)).toThrow(/"path" is .*where a folder is/);
  });

  test("what defineTool makes is taken", async () => {
    expect((await make({ tools: [defineTool(ticket)] }).getTools()).map(({ name }) => name)).toEqual([
      "get_ticket",
    ]);
  });
});

test("an option that is given as undefined is left out", () => {
  const options = {
    backoff: undefined,
    protect: undefined,
    readOnly: undefined,
    workflows: undefined,
    tools: undefined,
  };
  expect(() => make(options)).not.toThrow();
  expect(() => usersApi({ ...someCredentials, region: undefined, fetch: undefined })).not.toThrow();
});
