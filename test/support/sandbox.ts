import { expect, onTestFinished } from "vitest";
import { startSandbox, type Sandbox, type SandboxOptions } from "../../src/sandbox/index.js";

/**
 * Starts a sandbox for the test that is running. After the test it is closed, and the test fails if any of
 * its requests held something that the vendors do not document, unless `allowViolations` says that this is
 * what the test is about.
 *
 * @example
 * ```ts
 * test("a page holds at most a thousand people", async () => {
 *   const sandbox = await useSandbox({ users: 2500 });
 *   // …
 * });
 * ```
 */
export async function useSandbox(
  options: SandboxOptions & { allowViolations?: boolean } = {},
): Promise<Sandbox> {
  const { allowViolations = false, ...sandboxOptions } = options;
  const sandbox = await startSandbox(sandboxOptions);
  onTestFinished(async () => {
    await sandbox.close();
    if (!allowViolations) expect(sandbox.violations, "undocumented requests").toEqual([]);
  });
  return sandbox;
}
