import { askInTerminal } from "langchain-1password/node";
import { afterEach, expect, test, vi } from "vitest";
import { offboard } from "../../examples/offboard.js";
import { openRealAccount } from "../../examples/support/account.js";
import { OfflineModel } from "../../examples/support/offline-model.js";
import { answeringTerminal } from "../support/fake-terminal.js";
import { useSandbox } from "../support/sandbox.js";

afterEach(() => void vi.unstubAllEnvs());

test.each([
  ["yes", "m.scott@example.com  SUSPENDED now"],
  ["no", "m.scott@example.com  ACTIVE now"],
])("with a real account's credentials, the typed answer %j decides", async (answer, changed) => {
  const sandbox = await useSandbox({ users: 40 });
  const leaver = sandbox.users.find(({ email }) => email === "m.scott@example.com")!;
  vi.stubEnv("OP_ACCOUNT_ID", sandbox.accountId);
  vi.stubEnv("OP_CLIENT_ID", sandbox.clientId);
  vi.stubEnv("OP_CLIENT_SECRET", sandbox.clientSecret);
  const account = openRealAccount({
    baseUrl: sandbox.baseUrl,
    ask: askInTerminal({ terminal: answeringTerminal(answer === "yes" ? "yes CODE" : answer) }),
  });
  const lines: string[] = [];
  const chosen = { model: new OfflineModel({}), name: "", names: "truto" } as const;
  const { isSuspended } = await offboard({
    leaver: leaver.email,
    account,
    chosen,
    print: (line) => lines.push(line),
  });
  await account.close();
  expect(isSuspended).toBe(answer === "yes");
  expect(lines.join("\n")).toContain(changed);
  expect(lines.join("\n")).toContain(`requests: ${sandbox.requests.length - 1}, answered 429: 0`);
});
