import { PassThrough } from "node:stream";
import { ToolManager, ToolsetError } from "langchain-1password";
import { startSandbox, type Sandbox } from "langchain-1password/sandbox";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { offboard } from "../../examples/offboard.js";
import { openRealAccount } from "../../examples/support/account.js";
import { askAt } from "../../examples/support/ask-in-terminal.js";
import { OfflineModel } from "../../examples/support/offline-model.js";

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox({ users: 40 });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await sandbox.close();
});

const leaver = () => sandbox.users.find(({ email }) => email === "m.scott@example.com")!;

/** A terminal at which somebody answers the first question; `null` ends the input instead. */
function terminal(answer: string | null, isTTY = true) {
  const input = Object.assign(new PassThrough(), { isTTY });
  const output = new PassThrough();
  let shown = "";
  output.on("data", (data: Buffer) => {
    shown += data.toString();
    if (!shown.endsWith("leave it: ")) return;
    if (answer === null) input.end();
    else input.write(`${answer}\n`);
  });
  return { input, output, shown: () => shown };
}

async function suspend(asked: ReturnType<typeof terminal>): Promise<unknown> {
  await using manager = new ToolManager({ ...sandbox, approval: { ask: askAt(asked) } });
  const tool = await manager.getTool("1_password_users_suspend");
  return await tool.invoke({ id: leaver().id }).catch((error: unknown) => error);
}

describe("a change at a terminal", () => {
  test("shows who it is, as the account tells it, and happens after a yes", async () => {
    leaver().display_name = "Michael\u001b[2J Scott\u202e";
    const asked = terminal(" Yes ");
    expect(JSON.parse((await suspend(asked)) as string)).toMatchObject({
      previous_state: "ACTIVE",
      state: "SUSPENDED",
      changed: true,
    });
    expect(asked.shown()).toContain("The agent wants to suspend:");
    expect(asked.shown()).toContain("Michael [2J Scott <m.scott@example.com>");
    expect(asked.shown()).toContain(leaver().id);
    expect(leaver().state).toBe("SUSPENDED");
  });

  test.each(["no", "y", "", "yes please", null])("does not happen after %j", async (answer) => {
    const error = await suspend(terminal(answer));
    expect(error).toBeInstanceOf(ToolsetError);
    expect((error as ToolsetError).code).toBe("approval_rejected");
    expect(leaver().state).toBe("ACTIVE");
  });

  test("does not happen, and nothing is asked, where the input is no terminal", async () => {
    const asked = terminal("yes", false);
    expect(((await suspend(asked)) as ToolsetError).code).toBe("approval_unavailable");
    expect(asked.shown()).toBe("");
    expect(leaver().state).toBe("ACTIVE");
  });

  test("a look is not asked about", async () => {
    await using manager = new ToolManager({ ...sandbox, approval: { ask: askAt(terminal(null, false)) } });
    const tool = await manager.getTool("get_single_1_password_user_by_id");
    expect(await tool.invoke({ id: leaver().id })).toContain("m.scott@example.com");
  });
});

test.each([
  ["yes", "m.scott@example.com  SUSPENDED now"],
  ["no", "m.scott@example.com  ACTIVE now"],
])("with a real account's credentials, the typed answer %j decides", async (answer, changed) => {
  vi.stubEnv("OP_ACCOUNT_ID", sandbox.accountId);
  vi.stubEnv("OP_CLIENT_ID", sandbox.clientId);
  vi.stubEnv("OP_CLIENT_SECRET", sandbox.clientSecret);
  const account = openRealAccount({ baseUrl: sandbox.baseUrl, ask: askAt(terminal(answer)) });
  const lines: string[] = [];
  const chosen = { model: new OfflineModel({}), name: "", names: "truto" } as const;
  const { isSuspended } = await offboard({
    leaver: leaver().email,
    account,
    chosen,
    print: (line) => lines.push(line),
  });
  await account.close();
  expect(isSuspended).toBe(answer === "yes");
  expect(lines.join("\n")).toContain(changed);
  expect(lines.join("\n")).toContain(`requests: ${sandbox.requests.length - 1}, answered 429: 0`);
  expect(sandbox.violations).toEqual([]);
});
