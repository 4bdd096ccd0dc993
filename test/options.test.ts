import { expect, test, vi } from "vitest";
import {
  createGate,
  defineTool,
  ToolManager,
  truto,
  usersApi,
  type ToolManagerOptions,
} from "langchain-1password";
import type { SandboxOptions } from "langchain-1password/sandbox";
import { directContext } from "./support/context.js";
import { toolsetErrorOf } from "./support/errors.js";
import { useSandbox } from "./support/sandbox.js";

// One test for each option of the README's tables, named after it: what the option changes, and no more.

const getName = "get_single_1_password_user_by_id";

async function invoke(manager: ToolManager, name: string, args: Record<string, unknown>) {
  const tool = await manager.getTool(name);
  return (await tool.invoke({ type: "tool_call", id: "c1", name, args })) as {
    text: string;
    status?: string;
    artifact?: { data?: unknown; error?: { code: string } };
  };
}

const limited = (times: number): SandboxOptions => ({
  faults: [
    {
      operation: "get",
      times,
      do: { kind: "status", status: 429, headers: { "ratelimit-reset": "1", "ratelimit-remaining": "0" } },
    },
  ],
});

async function readOnce(options: ToolManagerOptions, sandboxOptions: SandboxOptions = {}) {
  const sandbox = await useSandbox(sandboxOptions);
  const manager = new ToolManager({ source: usersApi({ ...sandbox }), ...options } as ToolManagerOptions);
  const id = sandbox.users[0]!.id;
  const reading = invoke(manager, getName, { id });
  // Some tests only want the manager; for the others the rejection is still there.
  reading.catch(() => undefined);
  return { sandbox, id, manager, reading };
}

test('option "source" of ToolManager: tools come from it', async () => {
  const list = () => Promise.resolve([]);
  const manager = new ToolManager({
    source: { key: "nothing", list, call: () => Promise.reject(new Error("no")) },
  });
  expect(await manager.getTools()).toEqual([]);
});

test('option "backoff" of ToolManager: a 429 is waited out with it, and thrown without', async () => {
  const { reading } = await readOnce({ backoff: true }, limited(1));
  expect((await reading).text).toContain('"state"');
  expect((await toolsetErrorOf((await readOnce({}, limited(1))).reading)).code).toBe("rate_limited");
});

test('option "handleErrors" of ToolManager: decides which errors are answers', async () => {
  const sandbox = await useSandbox();
  const source = usersApi({ ...sandbox });
  const args = { id: "nobody" };
  expect(await invoke(new ToolManager({ source }), getName, args)).toMatchObject({ status: "error" });
  await toolsetErrorOf(invoke(new ToolManager({ source, handleErrors: "none" }), getName, args));
  const { reading } = await readOnce({ handleErrors: "all" }, limited(1));
  expect((await reading).artifact?.error?.code).toBe("rate_limited");
});

test('option "names" of ToolManager: portable names begin with a letter, and are called all the same', async () => {
  const { manager, sandbox } = await readOnce({ names: "portable" });
  const names = (await manager.getTools()).map(({ name }) => name);
  expect(names).toContain("onepassword_users_suspend");
  for (const name of names) expect(name).toMatch(/^[a-z]/);
  const person = sandbox.users.find(({ email }) => email === "m.scott@example.com")!;
  expect((await invoke(manager, "onepassword_users_suspend", { id: person.id })).text).toContain(
    '"SUSPENDED"',
  );
  expect((await invoke(manager, "onepassword_users_suspend", { id: person.email })).text).toContain(
    "Next: call find_1_password_users",
  );
});

test('option "readOnly" of ToolManager: no tool that changes anything, by option or by OP_READ_ONLY', async () => {
  const kinds = async (manager: ToolManager) =>
    new Set((await manager.getDescriptors()).map(({ kind }) => kind));
  const sandbox = await useSandbox();
  expect(await kinds(new ToolManager({ source: usersApi({ ...sandbox }), readOnly: true }))).toEqual(
    new Set(["read"]),
  );
  vi.stubEnv("OP_READ_ONLY", "1");
  const manager = new ToolManager({ source: usersApi({ ...sandbox }), readOnly: false });
  expect(await kinds(manager)).toEqual(new Set(["read"]));
  const error = await toolsetErrorOf(manager.getTools({ methods: ["write"] }));
  expect(error).toMatchObject({ code: "read_only" });
  vi.stubEnv("OP_READ_ONLY", "maybe");
  expect(() => new ToolManager({ source: usersApi({ ...sandbox }) })).toThrow(/"OP_READ_ONLY" is "maybe"/);
  vi.unstubAllEnvs();
});

test('option "artifact" of ToolManager: "none" leaves the raw answer out', async () => {
  expect((await (await readOnce({})).reading).artifact?.data).toMatchObject({ state: "ACTIVE" });
  expect((await (await readOnce({ artifact: "none" })).reading).artifact).toBeUndefined();
});

test('option "layers" of ToolManager: every call goes through them', async () => {
  const refuse = () => () =>
    Promise.resolve({ kind: "refused" as const, code: "protected" as const, text: "No." });
  const { reading, sandbox } = await readOnce({ layers: [refuse] });
  expect((await reading).text).toMatch(/^No\./);
  expect(sandbox.requests).toEqual([]);
});

test('option "tools" of ToolManager: tools of one\'s own stand beside the others', async () => {
  const ping = defineTool({
    name: "ping",
    description: "d",
    schema: { type: "object" },
    kind: "read",
    call: () => "pong",
  });
  const { manager } = await readOnce({ tools: [ping] });
  expect((await manager.getTools()).map(({ name }) => name).at(-1)).toBe("ping");
  expect((await invoke(manager, "ping", {})).text).toBe('"pong"');
});

test('option "accountId" of usersApi: stands in every path', async () => {
  const { reading, sandbox } = await readOnce({});
  await reading;
  expect(sandbox.requests.at(-1)?.path).toContain(`/accounts/${sandbox.accountId}/users/`);
});

test('option "clientId" of usersApi: another one is refused', async () => {
  const sandbox = await useSandbox();
  const reading = usersApi({ ...sandbox, clientId: "other" }).readUser(sandbox.users[0]!.id, directContext());
  expect((await toolsetErrorOf(reading)).code).toBe("unauthorized");
});

test('option "clientSecret" of usersApi: a function is asked for it when a token is needed', async () => {
  const sandbox = await useSandbox();
  const clientSecret = vi.fn(() => Promise.resolve(sandbox.clientSecret));
  const source = usersApi({ ...sandbox, clientSecret });
  expect(clientSecret).not.toHaveBeenCalled();
  await source.readUser(sandbox.users[0]!.id, directContext());
  await source.readUser(sandbox.users[1]!.id, directContext());
  expect(clientSecret).toHaveBeenCalledTimes(1);
});

test('option "region" of usersApi: decides the host', () => {
  const credentials = { accountId: "A".repeat(26), clientId: "c", clientSecret: "secret" };
  expect(usersApi(credentials).key).toMatch(/^https:\/\/api\.1password\.com /);
  expect(usersApi({ ...credentials, region: "ca" }).key).toMatch(/^https:\/\/api\.1password\.ca /);
  expect(usersApi({ ...credentials, region: "eu" }).key).toMatch(/^https:\/\/api\.1password\.eu /);
});

test('option "baseUrl" of usersApi: is where everything is sent', async () => {
  const { reading, sandbox } = await readOnce({});
  await reading;
  expect(sandbox.requests).toHaveLength(2);
});

test('option "apiVersion" of usersApi: is spoken without looking for another', async () => {
  const sandbox = await useSandbox();
  await usersApi({ ...sandbox, apiVersion: "v1beta1" }).readUser(sandbox.users[0]!.id, directContext());
  for (const { path } of sandbox.requests) expect(path).toMatch(/^\/v1beta1\//);
});

const headersOf = async (userAgent?: string) => {
  const sandbox = await useSandbox();
  const sent: (string | null)[] = [];
  const fetch = (input: Request | string | URL, init?: RequestInit) => {
    sent.push(new Headers(init?.headers).get("user-agent"));
    return globalThis.fetch(input, init);
  };
  await usersApi({ ...sandbox, fetch, userAgent }).readUser(sandbox.users[0]!.id, directContext());
  return sent;
};

test('option "userAgent" of usersApi: goes with every request', async () => {
  expect(await headersOf("acme/2.1")).toEqual(["acme/2.1", "acme/2.1"]);
  expect((await headersOf())[0]).toMatch(/^langchain-1password\/\d/);
});

test('option "fetch" of usersApi: sends every request', async () => {
  expect(await headersOf()).toHaveLength(2);
});

test('option "timeoutMs" of usersApi: ends a request that takes longer', async () => {
  const sandbox = await useSandbox({ faults: [{ operation: "get", do: { kind: "delay", ms: 3000 } }] });
  const reading = usersApi({ ...sandbox, timeoutMs: 100 }).readUser(sandbox.users[0]!.id, directContext());
  expect((await toolsetErrorOf(reading)).code).toBe("timeout");
});

test('option "onWarning" of usersApi: hears of a route that will be shut off', async () => {
  const headers = { sunset: "Fri, 01 Jan 2027 00:00:00 GMT" };
  const sandbox = await useSandbox({ faults: [{ operation: "get", do: { kind: "headers", headers } }] });
  const onWarning = vi.fn();
  await usersApi({ ...sandbox, onWarning }).readUser(sandbox.users[0]!.id, directContext());
  expect(onWarning).toHaveBeenCalledExactlyOnceWith(expect.stringContaining("01 Jan 2027"));
});

async function useTruto(
  options: Partial<Parameters<typeof truto>[0]> = {},
  sandboxOptions: SandboxOptions = {},
) {
  const sandbox = await useSandbox(sandboxOptions);
  const { baseUrl, trutoApiKey: apiKey, integratedAccountId } = sandbox;
  return {
    sandbox,
    manager: new ToolManager({ source: truto({ baseUrl, apiKey, integratedAccountId, ...options }) }),
  };
}

test('option "apiKey" of truto: a wrong one is refused, and a function is asked for it', async () => {
  const wrong = await useTruto({ apiKey: "not-the-key" });
  expect((await toolsetErrorOf(wrong.manager.getTools())).code).toBe("unauthorized");
  const apiKey = vi.fn(() => "not-the-key-either");
  await toolsetErrorOf((await useTruto({ apiKey })).manager.getTools());
  expect(apiKey).toHaveBeenCalled();
});

test('option "integratedAccountId" of truto: is whose tools are listed', async () => {
  const { manager, sandbox } = await useTruto();
  await manager.getTools();
  expect(sandbox.requests[0]?.path).toBe(`/integrated-account/${sandbox.integratedAccountId}/tools`);
});

test('option "baseUrl" of truto: is where everything is sent', () => {
  const options = { apiKey: "a-key-of-truto", integratedAccountId: "account-1" };
  expect(truto(options).key).toMatch(/^https:\/\/api\.truto\.one /);
  expect(truto({ ...options, baseUrl: "http://127.0.0.1:9" }).key).toMatch(/^http:\/\/127\.0\.0\.1:9 /);
});

test('option "fetch" of truto: sends every request', async () => {
  const fetch = vi.fn((input: Request | string | URL, init?: RequestInit) => globalThis.fetch(input, init));
  const { manager, sandbox } = await useTruto({ fetch });
  await manager.getTools();
  expect(fetch).toHaveBeenCalledTimes(sandbox.requests.length);
});

test('option "timeoutMs" of truto: ends a request that takes longer', async () => {
  const faults: SandboxOptions["faults"] = [{ operation: "tools", do: { kind: "delay", ms: 3000 } }];
  const { manager } = await useTruto({ timeoutMs: 100 }, { faults });
  expect((await toolsetErrorOf(manager.getTools())).code).toBe("timeout");
});

test('option "onWarning" of truto: hears of a tool that cannot be offered', async () => {
  const tool = {
    resource: "users",
    method: "list",
    description: "d",
    query_schema: {},
    body_schema: {},
    required: [],
  };
  const body = {
    result: [
      { ...tool, name: "bad name!" },
      { ...tool, name: "good_name" },
    ],
    next_cursor: null,
  };
  const onWarning = vi.fn();
  const { manager } = await useTruto(
    { onWarning },
    { faults: [{ operation: "tools", do: { kind: "body", body } }] },
  );
  expect((await manager.getTools({ methods: ["list"] })).map(({ name }) => name)).toContain("good_name");
  expect(onWarning).toHaveBeenCalledExactlyOnceWith(expect.stringContaining("bad name!"));
});

test('option "maxWaitMs" of backoff: a longer wait is an error at once', async () => {
  const { reading } = await readOnce({ backoff: { maxWaitMs: 500 } }, limited(1));
  expect(await toolsetErrorOf(reading)).toMatchObject({ code: "rate_limited" });
});

test('option "maxAttempts" of backoff: bounds how often one request is sent', async () => {
  const faults: SandboxOptions["faults"] = [
    { operation: "get", times: Infinity, do: { kind: "status", status: 503 } },
  ];
  const { reading, sandbox } = await readOnce({ backoff: { maxAttempts: 2 } }, { faults });
  expect((await toolsetErrorOf(reading)).code).toBe("server_error");
  expect(sandbox.requests.filter(({ status }) => status === 503)).toHaveLength(2);
});

test('option "onBackoff" of backoff: is told of every wait', async () => {
  const onBackoff = vi.fn();
  const { reading } = await readOnce({ backoff: { onBackoff } }, limited(1));
  await reading;
  expect(onBackoff).toHaveBeenCalledExactlyOnceWith({
    waitMs: expect.any(Number) as number,
    attempt: 2,
    reason: "rate_limited",
  });
});

test('option "gate" of backoff: managers that share it wait for each other', async () => {
  const gate = createGate();
  const sandbox = await useSandbox(limited(1));
  const onBackoff = vi.fn();
  const [first, second] = [0, 1].map(
    () => new ToolManager({ source: usersApi({ ...sandbox }), backoff: { gate, onBackoff } }),
  );
  await Promise.all(
    [first!, second!].map((manager, index) => invoke(manager, getName, { id: sandbox.users[index]!.id })),
  );
  const reads = sandbox.requests.filter(({ path }) => path.includes("/users/") && !path.endsWith("/token"));
  expect(reads.map(({ status }) => status)).toEqual([429, 200, 200]);
  expect(reads[1]!.at - reads[0]!.at).toBeGreaterThanOrEqual(990);
});
