import { inspect } from "node:util";
import { expect, test } from "vitest";
import { ToolManager, usersApi } from "langchain-1password";
import { auditFile } from "langchain-1password/node";
import { toolsetErrorOf } from "../support/errors.js";
import { useSandbox } from "../support/sandbox.js";

test("a log that cannot be opened stops the write; the model reads no path of this machine, its operator does", async () => {
  const sandbox = await useSandbox();
  const path = "/nowhere at all/logs/audit.jsonl";
  const manager = new ToolManager({ source: usersApi({ ...sandbox }), audit: auditFile(path) });
  const suspend = await manager.getTool("1_password_users_suspend");
  const [person] = sandbox.users;
  const error = await toolsetErrorOf(suspend.invoke({ id: person!.id }));
  expect(error.code).toBe("audit_unavailable");
  expect(error.message).toMatch(/its audit record could not be written\. Nothing was changed\./);
  expect(error.message).not.toMatch(/nowhere|logs/);
  expect(inspect(error.cause)).toContain(path);
  expect(sandbox.requests.filter(({ path: sent }) => sent.includes("suspend"))).toEqual([]);
});
