/**
 * What the installed package does: whoever loads it, by `import` or by `require`, passes it in.
 */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * The main job.
 *
 * @param {typeof import("langchain-1password")} toolset
 * @param {typeof import("langchain-1password/sandbox")} sandboxes
 * @returns {Promise<unknown>} an error that the library has thrown on the way
 */
export async function offboard({ ToolManager, ToolsetError, isToolsetError, usersApi }, { startSandbox }) {
  const sandbox = await startSandbox({ users: 40, seed: 7 });
  const manager = new ToolManager({ source: usersApi({ ...sandbox }) });
  try {
    const [find, get, suspend] = await Promise.all(
      ["find_1_password_users", "get_single_1_password_user_by_id", "1_password_users_suspend"].map((name) =>
        manager.getTool(name),
      ),
    );
    assert(find && get && suspend);

    const leaver = sandbox.users.find(({ email }) => email === "m.scott@example.com");
    assert(leaver);
    assert.equal(leaver.state, "ACTIVE");
    assert.match(String(await find.invoke({ email: leaver.email })), new RegExp(leaver.id));
    assert.match(String(await suspend.invoke({ id: leaver.id })), /SUSPENDED/);
    assert.match(String(await get.invoke({ id: leaver.id })), /SUSPENDED/);
    assert.equal(sandbox.users.find(({ id }) => id === leaver.id)?.state, "SUSPENDED");

    /** @type {unknown} */
    let thrown;
    await get.invoke({ id: "A".repeat(26) }).catch((/** @type {unknown} */ error) => (thrown = error));
    assert(thrown instanceof ToolsetError);
    assert(isToolsetError(thrown));
    assert.equal(thrown.code, "not_found");
    assert.deepEqual(sandbox.violations, []);
    return thrown;
  } finally {
    await manager.close();
    await sandbox.close();
  }
}

/**
 * A log that is written and verified, an approval that is used once.
 *
 * @param {typeof import("langchain-1password")} toolset
 * @param {typeof import("langchain-1password/node")} files
 */
export async function keepFiles({ isToolsetError }, { auditFile, fileApprovalStore, verifyAudit }) {
  const folder = await mkdtemp(join(tmpdir(), "keep-files-"));
  try {
    const path = join(folder, "audit.jsonl");
    const record = /** @type {import("langchain-1password/node").AuditRecord} */ ({
      time: Date.now(),
      status: "Unknown",
    });
    const audit = auditFile(path, { key: "0123456789abcdef0123456789abcdef" });
    await Promise.all([audit.write(record), audit.write(record)]);
    await audit.close();
    const { ok, records } = await verifyAudit(path, { key: "0123456789abcdef0123456789abcdef" });
    assert.deepEqual({ ok, records }, { ok: true, records: 2 });
    await assert.rejects(async () => auditFile(folder).write(record), isToolsetError);

    const store = fileApprovalStore(join(folder, "approvals"));
    assert.equal(await store.consume("nonce", Date.now() + 1000), true);
    assert.equal(await store.consume("nonce", Date.now() + 1000), false);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * The same tools for an MCP client, without one.
 *
 * @param {typeof import("langchain-1password")} toolset
 * @param {typeof import("langchain-1password/sandbox")} sandboxes
 * @param {typeof import("langchain-1password/mcp")} mcp
 */
export async function serveMcp(
  { ToolManager, ToolsetError, usersApi },
  { startSandbox },
  { createMcpHandler },
) {
  const sandbox = await startSandbox({ users: 40, seed: 7 });
  const manager = new ToolManager({ source: usersApi({ ...sandbox }) });
  const handler = createMcpHandler(manager);
  try {
    const answer = await handler.fetch(
      new Request("http://127.0.0.1/mcp", {
        method: "POST",
        headers: {
          host: "127.0.0.1",
          "content-type": "application/json",
          accept: "application/json, text/event-stream",
        },
        body: JSON.stringify({
          jsonrpc: "2.0",
          id: 1,
          method: "initialize",
          params: {
            protocolVersion: "2025-11-25",
            capabilities: {},
            clientInfo: { name: "check", version: "1" },
          },
        }),
      }),
    );
    assert.equal(answer.status, 200);
    assert.match(await answer.text(), /"name":"onepassword"/);
    // One copy of each class: what one entry throws is known to the other.
    assert.throws(() => createMcpHandler(manager, { patienceMs: 0 }), ToolsetError);
  } finally {
    await handler.close();
    await manager.close();
    await sandbox.close();
  }
}
