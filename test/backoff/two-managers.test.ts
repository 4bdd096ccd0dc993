import { expect, test } from "vitest";
import { createGate, ToolManager, usersApi } from "langchain-1password";
import { useSandbox } from "../support/sandbox.js";

const limit = 40;
const windowMs = 1000;
/** How long after its arrival a request may be counted, on a slow machine. */
const skewMs = 50;

test.each(["draft-6", "draft-7", "draft-8"] as const)(
  "two managers that share a gate make 100 cold calls by %s without one too many in any window",
  async (headers) => {
    const sandbox = await useSandbox({ rateLimit: { limit, windowMs, headers } });
    const gate = createGate();
    const tools = await Promise.all(
      [0, 1].map(() =>
        new ToolManager({ source: usersApi({ ...sandbox }), backoff: { gate } }).getTool(
          "get_single_1_password_user_by_id",
        ),
      ),
    );
    await Promise.all(sandbox.users.slice(0, 100).map(({ id }, index) => tools[index % 2]!.invoke({ id })));
    const reads = sandbox.requests.filter(({ path }) => path.includes("/users/") && !path.endsWith("/token"));
    expect(reads.map(({ status }) => status)).toEqual(Array(100).fill(200));
    expect(fitWindows(reads.map(({ at }) => at))).toBe(true);
  },
);

/**
 * Whether the sandbox's windows can have held these arrivals without one too many: the first begins one, and so does
 * the first after each one's end.
 */
function fitWindows([first = 0, ...rest]: readonly number[]): boolean {
  const end = first + windowMs;
  const surelyIn = rest.filter((at) => at < end - skewMs).length;
  const perhapsIn = rest.filter((at) => at < end + skewMs).length;
  for (let taken = surelyIn; taken <= Math.min(perhapsIn, limit - 1); taken += 1) {
    if (taken === rest.length || fitWindows(rest.slice(taken))) return true;
  }
  return false;
}

test("after a 429 that somebody else brought about, neither manager sends before the reset", async () => {
  const sandbox = await useSandbox({ rateLimit: { limit: 5, windowMs, headers: "draft-6" } });
  const gate = createGate();
  const [first, second] = [0, 1].map(
    () => new ToolManager({ source: usersApi({ ...sandbox }), backoff: { gate } }),
  );
  const other = await new ToolManager({ source: usersApi({ ...sandbox }), backoff: false }).getTool(
    "get_single_1_password_user_by_id",
  );
  const ids = sandbox.users.map(({ id }) => id);
  await Promise.all(ids.slice(0, 5).map((id) => other.invoke({ id })));
  const tools = await Promise.all([first!, second!].map((manager) => manager.getTool(other.name)));
  await Promise.all(ids.slice(0, 8).map((id, index) => tools[index % 2]!.invoke({ id })));
  const reads = sandbox.requests.filter(({ path }) => path.includes("/users/") && !path.endsWith("/token"));
  const refused = reads.findIndex(({ status }) => status === 429);
  expect(refused).toBe(5);
  expect(reads.filter(({ status }) => status === 429)).toHaveLength(1);
  expect(reads[refused + 1]!.at - reads[0]!.at).toBeGreaterThanOrEqual(windowMs - 5);
});
