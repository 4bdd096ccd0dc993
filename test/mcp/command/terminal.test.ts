import { spawnSync } from "node:child_process";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { describe, expect, onTestFinished, test, type TestContext } from "vitest";
import { leaveOut } from "../../support/left-out.js";
import { newClient, textOf } from "./clients.js";
import { startCommand } from "./command-process.js";

/** Leaves a test out where no terminal can be made. */
function needTerminals(context: TestContext): void {
  const { status } = spawnSync("script", ["--version"]);
  if (status !== 0) leaveOut(context, "there is no script(1) of util-linux, which makes terminals");
}

async function serveInTerminal(...words: string[]) {
  const command = startCommand(
    ["mcp", "--sandbox", "--http", "0", "--methods", "read,write", "--approval", "terminal", ...words],
    { terminal: true },
  );
  const [, url = ""] = await command.shows(/Listening: (http:\S+\/mcp), [^]*Callers: /);
  const client = newClient();
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  onTestFinished(() => client.close());
  const found = await client.callTool({
    name: "find_1_password_users",
    arguments: { email: "m.scott@example.com" },
  });
  const id = /[A-Z2-7]{26}/.exec(textOf(found))![0];
  const suspend = () =>
    client.callTool({
      name: "onepassword_users_suspend",
      arguments: { id, expected_email: "m.scott@example.com" },
    });
  const approve = async () => {
    const [, code = ""] = await command.shows(/Type yes (\w{3}) to go ahead, anything else to leave it: /);
    command.child.stdin.write(`yes ${code}\r`);
  };
  return { command, suspend, id, approve };
}

describe("--approval terminal", () => {
  test("asks at the terminal that the command was started in, out of the client's reach", async (context) => {
    needTerminals(context);
    const { command, suspend, id, approve } = await serveInTerminal();
    const suspended = suspend();
    await approve();
    expect(command.out()).toContain("The agent wants to suspend:");
    expect(command.out()).toContain('"Michael Scott" <m.scott@example.com>');
    expect(command.out()).toContain(id);
    expect(textOf(await suspended)).toContain('"state":"SUSPENDED"');

    const again = suspend();
    expect(textOf(await again)).toContain('"changed":false');
  });

  test("sends a call back that outlasts its patience, and the same call finds the answer", async (context) => {
    needTerminals(context);
    const { command, suspend, approve } = await serveInTerminal("--patience", "1");
    expect(textOf(await suspend())).toContain("Not done: the operator was asked to approve this");
    await approve();
    await command.shows(/leave it: [^]*yes \w{3}\s*\n/);
    expect(textOf(await suspend())).toContain('"state":"SUSPENDED"');
    expect(command.out().split("The agent wants to suspend:")).toHaveLength(2);
  });

  test("does not start without a terminal", async () => {
    // A session of its own has none.
    const command = startCommand(["mcp", "--sandbox", "--approval", "terminal"], { ownSession: true });
    expect(await command.ended).toBe(1);
    expect(command.err()).toMatch(
      /^error: --approval terminal needs a terminal, and there is none: "\/dev\/tty" cannot be opened \(\w+\)\./,
    );
  });
});
