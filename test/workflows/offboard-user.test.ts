import { getEncoding } from "js-tiktoken";
import { describe, expect, test, vi } from "vitest";
import {
  offboardUser,
  RateLimitError,
  ToolManager,
  usersApi,
  type AuditRecord,
  type ManagerOptions,
  type OffboardUserReport,
} from "langchain-1password";
import type { SandboxOptions, SandboxUserInput } from "langchain-1password/sandbox";
import { toolsetErrorOf } from "../support/errors.js";
import { useSandbox } from "../support/sandbox.js";
import { sourceNames, useAccount, type SourceName } from "./use-account.js";

const people: SandboxUserInput[] = [
  { email: "leaver@example.com", id: "L".repeat(26), display_name: "Lea Ver" },
  { email: "gone@example.com", state: "SUSPENDED" },
  { email: "Both@example.com", id: "A".repeat(26), display_name: "Both, the first" },
  { email: "both@example.com", id: "B".repeat(26), display_name: "Both, the second" },
  { email: "boss@example.com", role: "owner" },
];
const email = "leaver@example.com";
const id = "L".repeat(26);

async function anOffboarding(source: SourceName, options: ManagerOptions = {}, sandbox: SandboxOptions = {}) {
  const account = await useAccount(source, { users: people, ...sandbox }, options);
  const offboard = async (args: object, config?: object) => {
    const answer = await account.call("offboard", args, config);
    return { ...answer, report: answer.code === undefined ? reportIn(answer.text) : undefined };
  };
  return { ...account, offboard };
}

function reportIn(text: string): OffboardUserReport | undefined {
  return text.startsWith("{") ? (JSON.parse(text) as OffboardUserReport) : undefined;
}

describe.each(sourceNames)("through %s", (source) => {
  const offboarded = {
    id,
    email,
    previous_state: "ACTIVE",
    state: "SUSPENDED",
    changed: true,
    verified: true,
  };
  test.each([
    ["an email", { email: " Leaver@Example.com " }],
    ["an id", { id }],
    ["both", { email, id }],
  ])("%s is enough: they are suspended, read again, and what is left to do is named", async (_what, args) => {
    const { offboard, person, writes } = await anOffboarding(source);
    const { report } = await offboard(args);
    // Nobody looked before, where nothing but an id says who is meant.
    const unread = "email" in args ? {} : { previous_state: "unknown", changed: null };
    expect(report).toEqual({ ...offboarded, ...unread, next_steps: report!.next_steps });
    for (const word of ["devices", "directory sync", "secrets", "auto-delete"]) {
      expect(report!.next_steps.filter((step) => step.includes(word))).toHaveLength(1);
    }
    expect(person(email).state).toBe("SUSPENDED");
    expect(writes()).toHaveLength(1);
  });

  test("run again, it says that nothing was left to do, and sends nothing", async () => {
    const { offboard, writes } = await anOffboarding(source);
    await offboard({ email });
    const { report } = await offboard({ email });
    expect(report).toMatchObject({
      previous_state: "SUSPENDED",
      state: "SUSPENDED",
      changed: false,
      verified: true,
      note: "already suspended, nothing changed",
    });
    expect(writes()).toHaveLength(1);
  });

  const refused: [what: string, args: object, code: string, words: RegExp][] = [
    [
      "an email that nobody has",
      { email: "nobody@example.com" },
      "not_found",
      /Nobody in this account has the email <nobody@example\.com>: all 5 people were looked at.*Next: call find_1_password_users/s,
    ],
    [
      "an email that two people have",
      { email: "both@example.com" },
      "identity_mismatch",
      /2 people have the email.*id A{26} \("Both, the first" <Both@example\.com>\); id B{26} \("Both, the second".*Next: ask which/s,
    ],
    [
      "an id of somebody else",
      { email, id: "B".repeat(26) },
      "identity_mismatch",
      /The id "B{26}" is that of somebody else, not of <leaver@.*Next: call find_1_password_users with \{"email":"leaver@/s,
    ],
    ["an id that nobody has", { id: "Z".repeat(26) }, "not_found", /No person with the id "Z{26}"/],
    ["an email where the id belongs", { id: email }, "invalid_argument", /"id" is "leaver@example\.com"/],
    ["nobody", {}, "invalid_argument", /Neither "email" nor "id" was given\. Nothing was sent/],
    ["a blank email", { email: "   " }, "invalid_argument", /Neither "email" nor "id" was given/],
    ["a name", { email: "Lea Ver" }, "invalid_argument", /"Lea Ver" is not one email address/],
    [
      "a name beside an id",
      { id, email: "Lea Ver" },
      "invalid_argument",
      /"Lea Ver" is not one email address/,
    ],
  ];
  test.each(refused)("%s is refused, and nobody is changed", async (_what, args, code, words) => {
    const { offboard, sandbox, writes } = await anOffboarding(source);
    const answer = await offboard(args);
    expect(answer.code).toBe(code);
    expect(answer.text).toMatch(words);
    expect(sandbox.users.filter(({ state }) => state === "SUSPENDED")).toHaveLength(1);
    expect(writes().filter(({ status }) => status === 200)).toEqual([]);
  });

  test("of two people with one email, the one whose id is given as well is offboarded", async () => {
    const { offboard, sandbox } = await anOffboarding(source);
    const { report } = await offboard({ email: "both@example.com", id: "B".repeat(26) });
    expect(report).toMatchObject({ id: "B".repeat(26), verified: true });
    expect(sandbox.users.find(({ id: other }) => other === "A".repeat(26))!.state).toBe("ACTIVE");
  });

  test("an email is somebody's own only when everybody was looked at", async () => {
    const crowd = Array.from({ length: 1500 }, (_, index) => ({ email: `person.${index}@example.com` }));
    const users = [{ email }, ...crowd, { email: "LEAVER@example.com" }];
    const { offboard, writes } = await anOffboarding(source, {}, { users });
    expect((await offboard({ email })).code).toBe("identity_mismatch");
    expect(writes()).toEqual([]);
  });

  const guarded: [what: string, options: ManagerOptions, code: string, words: RegExp][] = [
    ["who is protected", { protect: ["*@example.com"] }, "protected", /is protected/],
    [
      "whom an approver rejects",
      { approval: { ask: () => ({ decision: "reject", reason: "on leave" }) } },
      "approval_rejected",
      /said no\. They said: "on leave"/,
    ],
    ["past the budget", { maxWrites: { count: 0, windowMs: 1000 } }, "budget_exhausted", /0 of 0 writes/],
    [
      "whose record cannot be written",
      { handleErrors: "all", audit: { write: () => Promise.reject(new Error("disk full")) } },
      "audit_unavailable",
      /its audit record could not be written/,
    ],
  ];
  test.each(guarded)("somebody %s is not touched", async (_what, options, code, words) => {
    const { offboard, writes } = await anOffboarding(source, options);
    const answer = await offboard({ email });
    expect(answer.code).toBe(code);
    expect(answer.text).toMatch(words);
    expect(writes()).toEqual([]);
  });

  test("the last owner stays, and the answer says why", async () => {
    const { offboard, person } = await anOffboarding(source);
    const answer = await offboard({ email: "boss@example.com" });
    expect(answer.code).toBe("forbidden");
    expect(answer.text).toMatch(source === "the Users API" ? /last remaining owner/ : /refused/);
    expect(person("boss@example.com").state).toBe("ACTIVE");
  });

  test("a dry run says what it would do, and what would stop it", async () => {
    const ask = vi.fn();
    const { offboard, writes } = await anOffboarding(source, { dryRun: true, approval: { ask } });
    const { text } = await offboard({ email });
    expect(text).toMatch(
      /^Dry run: nothing was sent.*It would suspend id [A-Z0-9]{26} \("Lea Ver" .*A person would have been asked/,
    );
    const guardedRun = await anOffboarding(source, { dryRun: true, protect: [email] });
    expect((await guardedRun.offboard({ email })).text).toMatch(/It would have been stopped by protected/);
    expect([...writes(), ...guardedRun.writes()]).toEqual([]);
    expect(ask).not.toHaveBeenCalled();
  });

  test("where writes need an approval, an actor and a reason, all three are in the record", async () => {
    const records: AuditRecord[] = [];
    const ask = vi.fn(() => ({ decision: "approve" as const, approver: "it@example.com" }));
    const { offboard } = await anOffboarding(source, {
      requireReason: true,
      approval: { ask },
      audit: { write: (record) => void records.push(record) },
    });
    const config = { configurable: { thread_id: "t1", actor: "hr@example.com" } };
    expect((await offboard({ email }, config)).code).toBe("invalid_argument");
    await offboard({ email, reason: "HR-1234" }, config);
    expect(ask).toHaveBeenCalledOnce();
    expect(records.map(({ unmapped }) => unmapped.phase)).toEqual(["intent", "outcome"]);
    for (const { unmapped, actor } of records) {
      expect(unmapped).toMatchObject({
        reason: "HR-1234",
        thread: "t1",
        approval: { approver: "it@example.com" },
      });
      expect(actor?.user.name).toBe("hr@example.com");
    }
  });

  test.each([
    ["before it is applied", { kind: "close", when: "before" }],
    ["after it is applied", { kind: "close", when: "after" }],
    ["half way", { kind: "half" }],
  ] as const)("an answer that is lost %s is found out, and the report is true", async (_when, fault) => {
    const { offboard, person, sandbox } = await anOffboarding(source);
    sandbox.setFaults([{ operation: "suspend", do: fault }]);
    const { report } = await offboard({ email });
    expect(report).toMatchObject(offboarded);
    expect(person(email).state).toBe("SUSPENDED");
  });

  test("whoever cannot be read afterwards is not said to be verified", async () => {
    const { offboard, sandbox } = await anOffboarding(source);
    sandbox.setFaults([{ operation: "get", after: 1, times: Infinity, do: { kind: "status", status: 500 } }]);
    const { report } = await offboard({ email });
    expect(report).toMatchObject({
      state: "SUSPENDED",
      verified: false,
      note: "the person could not be read afterwards",
    });
  });

  test("whoever is made active at once by another system is said to be so", async () => {
    const account = await anOffboarding(source, {
      layers: [
        (next) => async (request) => {
          const result = await next(request);
          account.person(email).state = "ACTIVE";
          return result;
        },
      ],
    });
    const { report } = await account.offboard({ email });
    expect(report).toMatchObject({
      state: "ACTIVE",
      verified: false,
      note: "read afterwards, they are ACTIVE",
    });
  });

  test("it takes at most half of the steps and tokens of find, get, suspend and get", async () => {
    const tokens = getEncoding("o200k_base");
    const { call, sandbox } = await useAccount(source, { users: 100 });
    const person = sandbox.users.find((user) => user.email === "m.scott@example.com")!;
    const costOf = async (steps: readonly (readonly [method: string, args: object])[]) => {
      let cost = 0;
      for (const [method, args] of steps) {
        const { text } = await call(method, args);
        cost += tokens.encode(JSON.stringify({ method, args })).length + tokens.encode(text).length;
      }
      return cost;
    };
    const args = { id: person.id };
    const single = await costOf([
      ["find", { email: person.email }],
      ["get", args],
      ["suspend", { ...args, expected_email: person.email }],
      ["get", args],
    ]);
    person.state = "ACTIVE";
    const whole = await costOf([["offboard", { email: person.email }]]);
    expect(person.state).toBe("SUSPENDED");
    expect(whole / single).toBeLessThanOrEqual(0.5);
  });
});

describe("without a model", () => {
  test("the report is typed", async () => {
    const { manager } = await anOffboarding("the Users API");
    const report = await offboardUser(manager, { email, reason: "HR-1" });
    expect(report).toMatchObject({ id, previous_state: "ACTIVE", state: "SUSPENDED", verified: true });
  });

  test("a refusal and a plan are errors", async () => {
    const guardedRun = await anOffboarding("the Users API", { protect: [id] });
    expect((await toolsetErrorOf(offboardUser(guardedRun.manager, { email }))).code).toBe("protected");
    const dry = await anOffboarding("the Users API", { dryRun: true });
    const plan = await toolsetErrorOf(offboardUser(dry.manager, { email }));
    expect(plan.code).toBe("read_only");
    expect(plan.text).toContain("It would suspend");
    const readOnly = await anOffboarding("the Users API", { readOnly: true });
    expect((await toolsetErrorOf(offboardUser(readOnly.manager, { email }))).code).toBe("read_only");
  });

  test("an abort is thrown as it is, and the next run finishes", async () => {
    const { manager, person, writes } = await anOffboarding("the Users API");
    const abort = new AbortController();
    const reason = new Error("the host gave up");
    const run = offboardUser(
      manager,
      { email },
      { signal: abort.signal, writer: (event) => event.type === "write" && abort.abort(reason) },
    );
    await expect(run).rejects.toBe(reason);
    const report = await offboardUser(manager, { email });
    expect(report).toMatchObject({ verified: true, changed: false });
    expect(person(email).state).toBe("SUSPENDED");
    expect(writes()).toHaveLength(1);
  });
});

test("the tool is there with workflows, and only where something may be written", async () => {
  const { managerWith } = await anOffboarding("the Users API");
  const has = async (options: ManagerOptions, methods?: string[]) => {
    const tools = await managerWith(options).getTools(methods === undefined ? {} : { methods });
    return tools.some(({ name }) => name === "offboard_1_password_user");
  };
  expect(await has({})).toBe(true);
  expect(await has({}, ["write"])).toBe(true);
  expect(await has({}, ["offboard"])).toBe(true);
  expect(await has({}, ["read"])).toBe(false);
  expect(await has({ readOnly: true })).toBe(false);
  expect(await has({ workflows: false })).toBe(false);
});

test("nobody is offboarded where the directory was not read to its end in time: somebody else may have the email", async () => {
  const sandbox = await useSandbox({ users: 1500 });
  const source = usersApi({ ...sandbox });
  const manager = new ToolManager({
    workflows: true,
    source: {
      ...source,
      async *readUsers(query, context) {
        for await (const page of source.readUsers(query, context)) {
          yield page;
          throw new RateLimitError("Not sent.", { headers: {}, retryAfterMs: 1000, unsent: true });
        }
      },
    },
  });
  const [first] = sandbox.users;
  const offboard = await manager.getTool("offboard_1_password_user");
  const late = offboard.invoke({ email: first!.email }, { metadata: { timeoutMs: 60_000 } });
  await expect(late).rejects.toMatchObject({ code: "rate_limited" });
  expect(first!.state).toBe("ACTIVE");
});
