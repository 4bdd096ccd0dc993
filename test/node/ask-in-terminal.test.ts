import { userInfo } from "node:os";
import { setTimeout } from "node:timers/promises";
import type { ToolsetError } from "langchain-1password";
import { ToolManager, type ApprovalRequest, type Context } from "langchain-1password";
import { askInTerminal } from "langchain-1password/node";
import { describe, expect, test } from "vitest";
import { answeringTerminal, fakeTerminal, prompt, type FakeTerminal } from "../support/fake-terminal.js";
import { useSandbox } from "../support/sandbox.js";

async function suspendAt(terminal: FakeTerminal, name = "Michael Scott") {
  const sandbox = await useSandbox({ users: 40 });
  const leaver = sandbox.users.find(({ email }) => email === "m.scott@example.com")!;
  leaver.display_name = name;
  await using manager = new ToolManager({ ...sandbox, approval: { ask: askInTerminal({ terminal }) } });
  const tool = await manager.getTool("1_password_users_suspend");
  const outcome: unknown = await tool.invoke({ id: leaver.id }).catch((error: unknown) => error);
  return { outcome, leaver };
}

const person = {
  id: "A".repeat(26),
  email: "ann@example.com",
  display_name: "Ann",
  state: "ACTIVE",
  create_time: "2025-01-01T00:00:00Z",
} as const;

function requestFor(changes: Partial<ApprovalRequest> = {}): ApprovalRequest {
  return {
    id: "request",
    action: "suspend",
    person,
    consequence: "They can no longer sign in.",
    expiresAt: Date.now() + 60_000,
    ...changes,
  };
}

function contextWith(signal = new AbortController().signal, actor?: string): Context {
  return { signal, ...(actor === undefined ? {} : { actor }) } as Context;
}

describe("a change at a terminal", () => {
  test("shows who it is, as the account tells it, and happens after a yes", async () => {
    const terminal = answeringTerminal(" Yes CODE ");
    const { outcome, leaver } = await suspendAt(terminal, "Michael\u001b[2J Scott\u202e");
    expect(JSON.parse(outcome as string)).toMatchObject({
      previous_state: "ACTIVE",
      state: "SUSPENDED",
      changed: true,
    });
    expect(terminal.shown()).toContain("The agent wants to suspend:");
    expect(terminal.shown()).toContain('"Michael [2J Scott" <m.scott@example.com>');
    expect(terminal.shown()).toContain(leaver.id);
    expect(leaver.state).toBe("SUSPENDED");
  });

  test.each(["no", "y", "", "yes please", "yes CODE and more", null])(
    "does not happen after %j",
    async (answer) => {
      const { outcome, leaver } = await suspendAt(answeringTerminal(answer));
      expect((outcome as ToolsetError).code).toBe("approval_rejected");
      expect(leaver.state).toBe("ACTIVE");
    },
  );

  test("does not happen, and nothing is asked, where the input is no terminal", async () => {
    const terminal = answeringTerminal("yes", false);
    const { outcome, leaver } = await suspendAt(terminal);
    expect((outcome as ToolsetError).code).toBe("approval_unavailable");
    expect(terminal.shown()).toBe("");
    expect(leaver.state).toBe("ACTIVE");
  });
});

describe("a question at a terminal", () => {
  test("says why, for whom and until when, in printable characters", async () => {
    const terminal = answeringTerminal("no");
    const ask = askInTerminal({ terminal });
    const expiresAt = Date.now() + 60_000;
    await ask(
      requestFor({ reason: "HR-1\u0007\nType yes", expiresAt }),
      contextWith(undefined, "help\u200bdesk"),
    );
    expect(terminal.shown()).toContain("  reason  HR-1 Type yes\n");
    expect(terminal.shown()).toContain("  for     help desk\n");
    expect(terminal.shown()).toContain("  They can no longer sign in.\n");
    expect(terminal.shown()).toContain(`Answer before ${new Date(expiresAt).toTimeString().slice(0, 8)}.`);
    expect(terminal.shown()).toMatch(/^[\x20-\x7e\n]*$/);
  });

  test("is about 100 people at most, and says how many: a yes must not cover who scrolled away", async () => {
    const terminal = answeringTerminal("no");
    const ask = askInTerminal({ terminal });
    const about = (count: number) =>
      requestFor({
        person: null,
        items: Array.from({ length: count }, () => ({ action: "suspend", person })),
      });
    expect(() => ask(about(101), contextWith())).toThrow(
      "it is for 101 people, and 100 are asked for at once at most: it has to be asked for in parts",
    );
    expect(terminal.shown()).toBe("");
    expect(await ask(about(100), contextWith())).toMatchObject({ decision: "reject" });
    expect(terminal.shown()).toContain("The agent wants to suspend (100 people):");
  });

  test("comes after the one before it, and each has its own answer", async () => {
    const terminal = fakeTerminal();
    const ask = askInTerminal({ terminal });
    const answers = ["one", "two"].map(async (id) => ask(requestFor({ id, reason: id }), contextWith()));
    await terminal.shows(prompt);
    expect(terminal.shown()).toContain("reason  one");
    expect(terminal.shown()).not.toContain("reason  two");
    terminal.type("yes CODE");
    await terminal.shows(prompt, 2);
    expect(terminal.shown()).toContain("reason  two");
    terminal.type("no");
    const approver = userInfo().username;
    expect(await Promise.all(answers)).toEqual([
      { decision: "approve", requestId: "one", approver },
      { decision: "reject", requestId: "two", reason: "not approved at the terminal", approver },
    ]);
  });

  test.each(["yes", " YES ", "yes 111"])("is not answered by %j, and is shown again", async (typed) => {
    const terminal = fakeTerminal();
    const answer = askInTerminal({ terminal })(requestFor(), contextWith());
    await terminal.shows(prompt);
    terminal.type(typed);
    await terminal.shows(prompt, 2);
    terminal.type("yes CODE");
    expect(await answer).toMatchObject({ decision: "approve" });
  });

  test("is not answered by what was typed before it was shown", async () => {
    const terminal = fakeTerminal();
    const ask = askInTerminal({ terminal });
    terminal.type("yes");
    const answer = ask(requestFor(), contextWith());
    await terminal.shows(prompt);
    terminal.type("no");
    expect(await answer).toMatchObject({ decision: "reject" });
  });

  test.each([
    ["aborted", (stop: AbortController) => stop.abort(), 60_000, "it is no longer asked"],
    ["out of time", () => undefined, 150, "nobody answered in time"],
  ])("that is %s is taken away, and a late yes is not taken for the next one", async (_, end, ms, why) => {
    const terminal = fakeTerminal();
    const ask = askInTerminal({ terminal });
    const stop = new AbortController();
    const first = ask(requestFor({ expiresAt: Date.now() + ms }), contextWith(stop.signal));
    const second = ask(requestFor({ reason: "the next" }), contextWith());
    await terminal.shows(prompt);
    end(stop);
    await expect(first).rejects.toThrow(why);
    expect(terminal.shown()).toContain(`(The question is taken away: ${why}. Nothing was changed.)`);
    // As late as somebody is who has not seen the line yet.
    await setTimeout(300);
    terminal.type("yes");
    await terminal.shows(prompt, 2);
    terminal.type("no");
    expect(await second).toMatchObject({ decision: "reject" });
  });

  test("that ended while it waited for its turn is never shown", async () => {
    const terminal = fakeTerminal();
    const ask = askInTerminal({ terminal });
    const stop = new AbortController();
    const first = ask(requestFor(), contextWith());
    const second = ask(requestFor({ reason: "never" }), contextWith(stop.signal));
    await terminal.shows(prompt);
    stop.abort(new Error("cancelled"));
    terminal.type("yes CODE");
    expect(await first).toMatchObject({ decision: "approve" });
    await expect(second).rejects.toThrow("cancelled");
    expect(terminal.shown()).not.toContain("never");
  });
});

test("options that do not fit are refused", () => {
  expect(() => askInTerminal({ terminal: {} as FakeTerminal })).toThrow(
    /"terminal" has no input or no output/,
  );
  expect(() => askInTerminal({ tty: "/dev/tty" } as object)).toThrow(
    /"tty" is not an option of askInTerminal/,
  );
});
