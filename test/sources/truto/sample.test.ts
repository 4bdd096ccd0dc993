import { expect, test, vi } from "vitest";
import { main } from "../../../examples/truto-sample.js";

test("the published sample hears of the rate limit, waits it out and suspends the right person", async () => {
  const lines: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
  try {
    await main();
  } finally {
    log.mockRestore();
  }
  expect(lines[0]).toBe(
    "Tools: list_all_1_password_users, get_single_1_password_user_by_id, 1_password_users_suspend, " +
      "1_password_users_reactivate",
  );
  expect(lines[1]).toMatch(/^Attempt 1: rate limited, again in \d+ ms$/);
  expect(lines.at(-2)).toMatch(/^Attempt \d: .*m\.scott@example\.com> is SUSPENDED/);
  expect(lines.at(-1)).toBe("In the account itself, m.scott@example.com is SUSPENDED.");
});
