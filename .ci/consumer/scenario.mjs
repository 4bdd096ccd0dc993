/**
 * The main job, done with the installed package: whoever loads it, by `import` or by `require`, passes it in.
 */
import assert from "node:assert/strict";

/**
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
