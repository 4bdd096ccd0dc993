import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** No key and no account of the machine may change what an example does. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^OP_|^OFFBOARDING_|_API_KEY$|^APPROVAL_KEY$|^NODE_OPTIONS$|^VITEST/.test(name),
  ),
);

/** Runs what a script of package.json runs, less npm's own start. */
function run(
  script: string,
  ...args: string[]
): Promise<{ code: number | null; out: string; errors: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--import", "tsx", script, ...args], {
      cwd: root,
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [out, errors] = ["", ""];
    child.stdout.on("data", (data: Buffer) => (out += data.toString()));
    child.stderr.on("data", (data: Buffer) => (errors += data.toString()));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, out, errors }));
  });
}

describe.concurrent("examples by their documented commands", { timeout: 60_000 }, () => {
  test("npm start offboards m.scott@example.com, waits for the rate limit, and shows what changed", async ({
    expect,
  }) => {
    const { code, out, errors } = await run("examples/offboard.ts");
    expect(errors).toBe("");
    expect(code).toBe(0);
    expect(out).toMatch(/waits \d\.\d s for the rate limit/);
    expect(out).toMatch(/answered 429: [1-9]/);
    expect(out.replace(/\s+/g, " ")).toContain(
      "is SUSPENDED now, as I read afterwards; before, they were ACTIVE.",
    );
    expect(out).toContain("m.scott@example.com  ACTIVE -> SUSPENDED");
    expect(out).toContain("2499 other people: unchanged");
    expect(out).toContain("offline planner: no model was called");
  });

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
    const { code, out, errors } = await run("examples/run.ts", name);
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
      run("examples/run.ts"),
      run("examples/run.ts", "nope"),
      run("examples/run.ts", "constructor"),
    ]);
    for (const name of [...Object.keys(shown), "truto-sample"]) {
      expect(listed.out).toMatch(new RegExp(`^  ${name} +\\S`, "m"));
    }
    expect(listed.code).toBe(0);
    expect(unknown).toMatchObject({ code: 1, out: listed.out, errors: 'There is no example "nope".\n' });
    expect(inherited.code).toBe(1);
  });
});

test("every program in examples/ is listed by npm run example", async () => {
  const { readdir, readFile } = await import("node:fs/promises");
  const files = await readdir(`${root}/examples`);
  const runner = await readFile(`${root}/examples/run.ts`, "utf8");
  const programs = files.filter((file) => file.endsWith(".ts") && !["run.ts", "offboard.ts"].includes(file));
  expect(programs.length).toBeGreaterThanOrEqual(6);
  for (const program of programs)
    expect(runner).toMatch(new RegExp(`^  "?${program.replace(".ts", "")}"?: `, "m"));
});
