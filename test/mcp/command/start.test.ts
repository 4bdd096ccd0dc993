import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { version } from "../../../src/version.js";
import { startCommand } from "./command-process.js";

async function run(words: string, env: Record<string, string> = {}) {
  const command = startCommand(
    words.split(" ").filter((word) => word !== ""),
    { env },
  );
  command.child.stdin.end();
  const code = await command.ended;
  return { code, out: command.out(), err: command.err() };
}

describe("a command line that cannot be", () => {
  test.each([
    ["", "Usage: langchain-1password"],
    ["mpc", "error: unknown command 'mpc'"],
    ["mcp --sandbx", "error: unknown option '--sandbx'\n(Did you mean --sandbox?)"],
    ["mcp now", "error: too many arguments"],
    ["mcp --http 65536", "Give a port from 0 to 65535."],
    ["mcp --patience 0", "Give seconds, more than 0"],
    ["mcp --max-writes 20", 'Give a count and seconds, such as "20/3600" for 20 writes an hour.'],
    ["mcp --methods read,,write", "Give words with commas between them"],
    ["mcp --identity on", "Allowed choices are required, optional, off."],
    ["mcp --token-file tokens", "error: --token-file has no effect without --http."],
    ["mcp --http 0 --servers-file s.json", "error: --servers-file has no effect without --admin-token-file."],
    ["mcp --http 0 --admin-token-file t", "error: --admin-token-file needs --admin-port <port>"],
    [
      "mcp --http 0 --admin-token-file t --admin-port 0",
      "error: --admin-token-file needs --servers-file <path>",
    ],
    [
      "mcp --sandbox --http 0 --methods read,write --token-file t",
      "Give --self-approval to allow that, or --approval terminal.",
    ],
    ["mcp --sandbox --http 0 --host 0.0.0.0", "error: --host 0.0.0.0 can be reached from other machines"],
    [
      "mcp --http 3000 --admin-token-file t --admin-port 3000 --servers-file s",
      "error: --admin-port 3000 is the port of --http as well.",
    ],
    [
      "mcp --http 0 --host :: --token-file t --admin-token-file t --admin-port 0 --servers-file s",
      "--public-url <url>",
    ],
  ])("%j is refused with a sentence, and exit code 2", async (words, sentence) => {
    const { code, out, err } = await run(words);
    expect(err).toContain(sentence);
    expect({ code, out }).toEqual({ code: 2, out: "" });
  });

  test.each([
    ["mcp --sandbox --methods raed", 'error: --methods or --tags does not fit. The filter holds "raed"'],
    ["mcp --sandbox --protect bob", 'error: --protect is or holds "bob", which does not fit.'],
    ["mcp --sandbox --http 0 --allowed-hosts https://a", 'error: --allowed-hosts holds "https://a".'],
    ["mcp --sandbox --http 0 --allowed-hosts *.example", 'error: --allowed-hosts holds "*.example".'],
  ])("%j is refused with a sentence, and exit code 2, once tools are known", async (words, sentence) => {
    const { code, err } = await run(words);
    expect(err).toContain(sentence);
    expect(code).toBe(2);
    expect(err).not.toContain("    at ");
  });
});

describe("a start that fails", () => {
  test.each<[string, Record<string, string>, string]>([
    ["mcp", {}, "error: OP_ACCOUNT_ID is not set in the environment."],
    ["mcp", { OP_ACCOUNT_ID: "A".repeat(26), OP_CLIENT_ID: "c" }, "error: OP_CLIENT_SECRET is not set"],
    ["mcp --source truto", { TRUTO_API_KEY: "secret-key" }, "error: TRUTO_INTEGRATED_ACCOUNT_ID is not set"],
    ["mcp --sandbox --audit /no/such/folder/log", {}, 'its folder "/no/such/folder" is not there'],
    ["mcp --sandbox --audit /tmp", {}, "error: --audit /tmp is a folder. Give a file, which may be new."],
    ["mcp", { OP_ACCOUNT_ID: "${env:OP_ACCOUNT_ID}" }, "error: OP_ACCOUNT_ID is a placeholder"],
    [
      "mcp",
      { OP_ACCOUNT_ID: "short", OP_CLIENT_ID: "client", OP_CLIENT_SECRET: "secret-key" },
      "error: OP_ACCOUNT_ID",
    ],
    ["mcp --sandbox --http 0 --host no.such.example --token-file /no/such/file", {}, "(ENOENT)"],
    ["mcp --sandbox", { OP_READ_ONLY: "perhaps" }, 'error: "OP_READ_ONLY" is "perhaps". Set it to 1 or 0.'],
  ])("%j with %j says why, without a stack, and exits with 1", async (words, env, sentence) => {
    const { code, out, err } = await run(words, env);
    expect(err).toContain(sentence);
    expect(err).not.toContain("    at ");
    expect(err).not.toContain("secret-key");
    expect({ code, out }).toEqual({ code: 1, out: "" });
  });

  test("says that a port is taken", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const { code, err } = await run(`mcp --sandbox --http ${port}`);
    expect(err).toContain(
      `error: --http ${port}: cannot listen on 127.0.0.1, because something listens there already.`,
    );
    expect(code).toBe(1);
  });
});

describe("what the operator is told", () => {
  test("--help and --version are on standard output, with exit code 0", async () => {
    const help = await run("mcp --help");
    expect(help.code).toBe(0);
    for (const flag of ["--methods <words>", "--approval <way>", "OP_CLIENT_SECRET", "Exit codes:"]) {
      expect(help.out).toContain(flag);
    }
    expect(await run("--version")).toMatchObject({ code: 0, out: `${version}\n` });
  });

  test("by default: the account, reads only, and no warning", async () => {
    const { err } = await run("mcp --sandbox");
    expect(err).toContain("Account: a sandbox in this process, with 100 made-up people");
    expect(err).toContain("find_1_password_users");
    expect(err).toContain("Tools that write: none; --methods read,write adds them.");
    expect(err).not.toContain("warning:");
  });

  test("how writes are guarded, and a warning for each guard that was turned off", async () => {
    const folder = await mkdtemp(join(tmpdir(), "command-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const audit = join(folder, "audit.jsonl");
    const guarded = await run(
      `mcp --sandbox --methods read,write --protect *@board.example --max-writes 20/3600 --require-reason --audit ${audit}`,
    );
    expect(guarded.err).toContain("onepassword_users_suspend");
    for (const guard of [
      "it must name the person's email",
      "the user of the MCP client is asked",
      "it must give a reason",
      "*@board.example are left alone",
      "20 are made in 3600 s",
      `it is recorded in ${audit}`,
    ]) {
      expect(guarded.err).toContain(guard);
    }
    expect(guarded.err).not.toContain("warning:");

    const bare = await run("mcp --sandbox --methods write --identity off --approval none --no-workflows");
    expect(bare.err.split("\n").filter((line) => line.startsWith("warning:"))).toEqual([
      expect.stringContaining("--identity off"),
      expect.stringContaining("--approval none"),
    ]);
    expect(bare.err).not.toContain("offboard_1_password_user");
  });

  test("of a dry run, that nothing is changed, and the guards that a plan passes as well", async () => {
    const { err } = await run("mcp --sandbox --methods read,write --dry-run --require-reason");
    expect(err).toContain("it is only planned, and nothing is changed");
    expect(err).toContain("it must name the person's email");
    expect(err).toContain("it must give a reason");
    expect(err).not.toContain("is asked, and the client answers");
  });

  test("a real account by its id, never its secret", async () => {
    const { code, err } = await run("mcp", {
      OP_ACCOUNT_ID: "F3DQ4R3UJNFGZMOLAFKVWOYHOE",
      OP_CLIENT_ID: "client-7",
      OP_CLIENT_SECRET: "do-not-show-this",
      OP_REGION: "eu",
    });
    expect(err).toContain("Account: 1Password account F3DQ4R3UJNFGZMOLAFKVWOYHOE, region eu");
    expect(err).not.toContain("do-not-show-this");
    expect(code).toBe(0);
  });
});
