import { describe, test } from "vitest";
import { runExample } from "../support/example-process.js";

describe.concurrent("examples by their documented commands", { timeout: 60_000 }, () => {
  const shown: Record<string, string[]> = {
    "create-agent": ["is SUSPENDED now", "In the account itself, m.scott@example.com is SUSPENDED."],
    "state-graph": [
      "In the account itself they are SUSPENDED.",
      "It is Michael Scott <m.scott@example.com>, SUSPENDED. I reactivate them.",
      "In the account itself they are ACTIVE.",
    ],
    "bind-tools": ["1_password_users_suspend {", '"state":"SUSPENDED"', "is SUSPENDED now"],
    backoff: [
      "15 reads at once",
      "a read waits",
      "all 15 people are read",
      "0 of them were refused with 429",
    ],
    "mcp-server": [
      "onepassword_users_suspend",
      "server: 200 tools/call find_1_password_users",
      "The client's user is asked:\n  An assistant wants to suspend:",
      "In the account itself they are SUSPENDED.",
    ],
    approval: [
      "The answer: reject",
      "it.lead@example.com said no",
      "In the account itself they are ACTIVE.",
      "The answer: approve",
      "In the account itself they are SUSPENDED.",
    ],
    "approval-middleware": [
      '("Michael Scott" <m.scott@example.com>), ACTIVE',
      "The answer: approve",
      "In the account itself they are SUSPENDED.",
    ],
    "approval-terminal": [
      "there is no terminal to type a yes at",
      "Nothing was changed",
      "In the account itself they are ACTIVE.",
    ],
    guards: [
      "identity_mismatch",
      "is protected",
      '"changed":true',
      "already suspended, nothing changed",
      "budget_exhausted",
      "6 records, the chain holds",
    ],
    "read-only": [
      "Tools: list_all_1_password_users, get_single_1_password_user_by_id, find_1_password_users\n",
      "250 people in this account",
      "no tool that I have can suspend anybody",
      "read_only",
    ],
    "offboarding-graph": [
      "Threads are kept in SQLite.",
      "suspend Michael Scott",
      "(read again: SUSPENDED)",
      "has looked again: reactivated",
      "Remove them from the directory first",
    ],
    "vercel-ai-sdk": [
      "paused    before 1_password_users_suspend",
      "they are ACTIVE",
      "approved  1 call",
      "called    1_password_users_suspend",
      "In the account itself they are SUSPENDED.",
    ],
  };

  test.for(Object.entries(shown))("npm run example -- %s", async ([name, parts], { expect }) => {
    const { code, out, errors } = await runExample("examples/run.ts", name);
    expect(errors).toBe("");
    expect(code).toBe(0);
    let position = 0;
    for (const part of parts) {
      const found = out.indexOf(part, position);
      expect(found, `"${part}" after the part before it`).not.toBe(-1);
      position = found;
    }
  });

  test("npm run example lists every example, and fails for a name that none has", async ({ expect }) => {
    const [listed, unknown, inherited] = await Promise.all([
      runExample("examples/run.ts"),
      runExample("examples/run.ts", "nope"),
      runExample("examples/run.ts", "constructor"),
    ]);
    for (const name of [...Object.keys(shown), "truto-sample"]) {
      expect(listed.out).toMatch(new RegExp(`^  ${name} +\\S`, "m"));
    }
    expect(listed.code).toBe(0);
    expect(unknown).toMatchObject({ code: 1, out: listed.out, errors: 'There is no example "nope".\n' });
    expect(inherited.code).toBe(1);
  });
});
