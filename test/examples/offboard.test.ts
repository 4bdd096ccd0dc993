import { afterEach, describe, expect, test, vi } from "vitest";
import type { SandboxUser } from "langchain-1password/sandbox";
import { main, offboard } from "../../examples/offboard.js";
import { openSandbox, type SandboxAccount } from "../../examples/support/account.js";
import { OfflineModel, offlineNotice } from "../../examples/support/offline-model.js";

const open: SandboxAccount[] = [];
afterEach(async () => {
  for (const account of open.splice(0)) await account.close();
});

async function openAccount(options: Parameters<typeof openSandbox>[0]): Promise<SandboxAccount> {
  const account = await openSandbox(options, { names: "truto" });
  open.push(account);
  return account;
}

/** Offboards, and tells what was printed and whose state is another than before, by the account itself. */
async function run(account: SandboxAccount, leaver: string) {
  const { users } = account.sandbox;
  const before = new Map(users.map(({ id, state }) => [id, state]));
  const lines: string[] = [];
  const chosen = { model: new OfflineModel({}), name: offlineNotice, names: "truto" } as const;
  const outcome = await offboard({ leaver, account, chosen, print: (line) => lines.push(line) });
  return {
    outcome,
    printed: lines.join("\n"),
    changed: users
      .filter(({ id, state }) => before.get(id) !== state)
      .map(({ email, state }) => `${email} ${state}`),
  };
}

/** The people whom a seed's leaver is taken from, and what is to become of one. */
const leavers = {
  "an ordinary member": {
    pick: (users) => users.find(({ role, state }) => role === "member" && state === "ACTIVE"),
    says: /is SUSPENDED now, as I read afterwards/,
  },
  "one of two owners": {
    pick: (users) => users.find(({ role }) => role === "owner"),
    says: /is SUSPENDED now/,
  },
  "the last owner": {
    pick: (users) => {
      const [last, ...others] = users.filter(({ role }) => role === "owner");
      for (const owner of others) owner.state = "SUSPENDED";
      return last;
    },
    stays: true,
    says: /last remaining owner/,
  },
  "an externally managed administrator": {
    pick: (users) => users.find(({ role }) => role === "externally_managed_admin"),
    stays: true,
    says: /externally managed administrator/,
  },
  "somebody suspended already": {
    pick: (users) => users.find(({ state }) => state === "SUSPENDED"),
    stays: true,
    says: /SUSPENDED already: nothing was left to do/,
  },
  "somebody who shares an address but for a number": {
    pick: (users) =>
      users.find(
        ({ email, role }) =>
          role === "member" &&
          users.some((each) => each.email === email.replace("@", "2@") && each.state === "ACTIVE"),
      ),
    says: /is SUSPENDED now|SUSPENDED already/,
  },
  "somebody whose name needs quotes": {
    pick: (users) => users.find(({ display_name: name }) => name.includes('"')),
    says: /is SUSPENDED now/,
  },
} satisfies Record<
  string,
  { pick: (users: readonly SandboxUser[]) => SandboxUser | undefined; stays?: boolean; says: RegExp }
>;

const cases = Array.from({ length: 20 }, (_, index) => {
  const kinds = Object.keys(leavers) as (keyof typeof leavers)[];
  return { seed: index + 1, kind: kinds[index % kinds.length]! };
});

describe("an agent is told that somebody has left", () => {
  test.for(cases)("seed $seed: $kind", async ({ seed, kind }) => {
    const account = await openAccount({ users: 300, seed });
    const leaver = leavers[kind].pick(account.sandbox.users);
    expect(leaver).toBeDefined();
    const { email, state } = leaver!;
    const stays = "stays" in leavers[kind] || state === "SUSPENDED";

    const { outcome, printed, changed } = await run(account, email);

    expect(changed).toEqual(stays ? [] : [`${email} SUSPENDED`]);
    expect(outcome.isSuspended).toBe(leaver!.state === "SUSPENDED");
    expect(printed).toMatch(leavers[kind].says);
    expect(printed).toContain("offline planner: no model was called");
    expect(account.sandbox.violations).toEqual([]);
  });

  test("nobody is changed for an address that nobody has", async () => {
    const account = await openAccount({ users: 300, seed: 21 });
    const { outcome, printed, changed } = await run(account, "m.scot@example.com");
    expect(changed).toEqual([]);
    expect(outcome).toEqual({ isSuspended: false, people: [] });
    expect(printed).toContain('Nobody with the email "m.scot@example.com": all 300 people were looked at.');
    expect(printed).toContain("300 people: unchanged");
  });

  test("two people with one address are asked about, and neither is changed", async () => {
    const account = await openAccount({
      users: [{ email: "A.B@example.com" }, { email: "a.b@example.com" }],
    });
    const { printed, changed } = await run(account, "a.b@example.com");
    expect(changed).toEqual([]);
    expect(printed.replace(/\s+/g, " ")).toMatch(
      /2 people have the email a\.b@example\.com \(.*\)\. Which one is meant\?/,
    );
  });

  test("each step, what came back and what changed in the account are printed in this order", async () => {
    const account = await openAccount({ users: 300, seed: 3 });
    const { printed } = await run(account, "m.scott@example.com");
    const { id } = account.sandbox.users.find(({ email }) => email === "m.scott@example.com")!;
    const inOrder = [
      '1  find_1_password_users {"email":"m.scott@example.com"}',
      "1 person found.",
      `2  get_single_1_password_user_by_id {"id":"${id}"}`,
      "state ACTIVE",
      `3  1_password_users_suspend {"id":"${id}","expected_email":"m.scott@example.com"}`,
      "state SUSPENDED",
      `4  get_single_1_password_user_by_id {"id":"${id}"}`,
      "The agent's last words",
      "What changed, read back from the account",
      "m.scott@example.com  ACTIVE -> SUSPENDED",
      "299 other people: unchanged",
      "answered 429: 0",
    ];
    let position = -1;
    for (const part of inOrder) {
      const found = printed.indexOf(part, position + 1);
      expect(found, `"${part}" after the part before it`).toBeGreaterThan(position);
      position = found;
    }
  });

  test("somebody else who was changed meanwhile is told of", async () => {
    const account = await openAccount({ users: 300, seed: 4 });
    const bystander = account.sandbox.users.find(({ email }) => email === "michael.scott@example.com")!;
    bystander.state = "SUSPENDED";
    const { printed } = await run(account, "m.scott@example.com");
    expect(printed).toContain("michael.scott@example.com  ACTIVE -> SUSPENDED");
    expect(printed).toContain("298 other people: unchanged");
  });

  test("the outcome is judged by the account, not by what the model says", async () => {
    const account = await openAccount({ users: 10, seed: 4 });
    const lines: string[] = [];
    const { isSuspended } = await offboard({
      leaver: "m.scott@example.com",
      account: { ...account, readBack: () => Promise.resolve([]) },
      chosen: { model: new OfflineModel({}), name: "", names: "truto" },
      print: (line) => lines.push(line),
    });
    expect(lines.join("\n")).toContain("is SUSPENDED now");
    expect(isSuspended).toBe(false);
  });
});

describe("npm start", () => {
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    process.exitCode = undefined;
  });

  test.each([
    [["--seed", "x"], {}, `"--seed" is "x", which is no whole number.`],
    [["--seed="], {}, `"--seed" is "", which is no whole number.`],
    [["--leaver", "bob"], {}, `"--leaver" is "bob", which is not one whole email address.`],
    [["--leaver", "a@b.c d@e.f"], {}, `"--leaver" is "a@b.c d@e.f", which is not one whole email address.`],
    [["--sed", "1"], {}, "Unknown option '--sed'."],
    [["--seed", "1"], { OP_CLIENT_ID: "x" }, `"--seed" makes a sandbox, and OP_CLIENT_ID is set`],
    [[], { OP_CLIENT_ID: "x" }, "OP_CLIENT_ID is set, so this is a real account: say who has left."],
    [["--leaver", "a@b.c"], { OP_CLIENT_ID: "x", OP_ACCOUNT_ID: "" }, `"OP_ACCOUNT_ID" is blank.`],
  ])("%j is refused in one line that says why", async (argv, environment, why) => {
    for (const [name, value] of Object.entries({ OP_CLIENT_ID: "", ...environment })) vi.stubEnv(name, value);
    const errors: string[] = [];
    vi.spyOn(console, "error").mockImplementation((line: string) => errors.push(line));
    const log = vi.spyOn(console, "log");
    await main(argv);
    expect(errors).toHaveLength(1);
    expect(errors[0]!.trim()).toContain(`npm start failed: ${why}`);
    expect(errors[0]!.trim()).not.toContain("\n");
    expect(process.exitCode).toBe(1);
    expect(log).not.toHaveBeenCalled();
  });

  test("fails, in one line, where nobody is suspended in the end", async () => {
    vi.stubEnv("OP_CLIENT_ID", "");
    for (const key of ["OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GOOGLE_API_KEY"]) vi.stubEnv(key, "");
    const [lines, errors]: [string[], string[]] = [[], []];
    vi.spyOn(console, "log").mockImplementation((line: string) => lines.push(line));
    vi.spyOn(console, "error").mockImplementation((line: string) => errors.push(line));
    await main(["--seed", "5", "--leaver", "nobody@example.com"]);
    expect(lines.join("\n")).toContain("all 2500 people were looked at.");
    expect(errors.map((line) => line.trim())).toEqual([
      "npm start failed: nobody@example.com was not suspended: the agent's last words say why",
    ]);
    expect(process.exitCode).toBe(1);
  });
});
