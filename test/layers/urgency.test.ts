import { expect, test } from "vitest";
import { ToolManager, truto, usersApi } from "langchain-1password";
import type { Sandbox } from "langchain-1password/sandbox";
import { call, michael } from "../support/guarded.js";
import { useSandbox } from "../support/sandbox.js";

const limit = 20;
const sources = {
  "Users API": (sandbox: Sandbox) => usersApi({ ...sandbox }),
  Truto: ({ trutoApiKey, integratedAccountId, baseUrl }: Sandbox) =>
    truto({ apiKey: trutoApiKey, integratedAccountId, baseUrl }),
};

test.each(Object.entries(sources))(
  "%s: a suspension goes before 1,000 reads that wait already, and so do the reads that its guards make for it",
  async (_name, sourceOf) => {
    const sandbox = await useSandbox({ rateLimit: { limit, windowMs: 1000, headers: "draft-6" } });
    const manager = new ToolManager({
      source: sourceOf(sandbox),
      backoff: true,
      identity: "required",
      approval: { ask: () => ({ decision: "approve", approver: "pam@example.com" }) },
    });
    const get = await manager.getTool("get_single_1_password_user_by_id");
    const suspend = await manager.getTool("1_password_users_suspend");
    const { id } = sandbox.users.find(({ email }) => email === michael)!;
    const other = sandbox.users.find(({ email }) => email !== michael)!;
    const reading = new AbortController();
    const reads = Array.from({ length: 1000 }, () =>
      call("tool.invoke", get, { id: other.id }, { signal: reading.signal }),
    );
    // By then the first window is used up, and the line is closed and long.
    await Promise.all(reads.slice(0, limit));
    const before = sandbox.requests.length;
    const { report } = await call("tool.invoke", suspend, { id, expected_email: michael });
    reading.abort(new Error("seen enough"));
    await Promise.all(reads);
    expect(report).toMatchObject({ previous_state: "ACTIVE", state: "SUSPENDED", changed: true });

    const seen = sandbox.requests.slice(before).map(({ path }) => path);
    const position = seen.findIndex((path) => /[:/]suspend$/.test(path));
    const overtaking = seen.slice(0, position).filter((path) => path.endsWith(other.id));
    expect(overtaking).toEqual([]);
    // Whom it concerns was read for the identity, and afresh after the approval.
    expect(seen.slice(0, position).filter((path) => path.endsWith(id))).toHaveLength(2);
  },
);
