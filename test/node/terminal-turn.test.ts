import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { describe, expect, onTestFinished, test, type TestContext } from "vitest";
import { leaveOut } from "../support/left-out.js";
import { programFile } from "../support/programs.js";

const question = /Asked by process (\d+)\.[^]*?Code: (\w{3})[^]*?leave it: /g;

/** A terminal at which two processes ask at once. */
function twoAskers(context: TestContext) {
  if (spawnSync("script", ["--version"]).status !== 0)
    leaveOut(context, "there is no script(1) of util-linux, which makes terminals");
  const ask = `${process.execPath} ${programFile("terminal-asker")}`;
  const terminal = spawn("script", ["-qefc", `${ask} & ${ask} & wait`, "/dev/null"], { detached: true });
  let shown = "";
  terminal.stdout.on("data", (data: Buffer) => (shown += data.toString()));
  terminal.stdin.on("error", () => undefined);
  onTestFinished(async () => {
    if (terminal.exitCode !== null) return;
    terminal.kill("SIGKILL");
    await once(terminal, "close");
  });
  return {
    shown: () => shown,
    type: (line: string) => void terminal.stdin.write(`${line}\r`),
    /** The questions shown so far, once there are so many. */
    async questions(count: number) {
      for (;;) {
        const found = Array.from(shown.matchAll(question), ([, pid = "", code = ""]) => ({ pid, code }));
        if (found.length >= count) return found;
        await once(terminal.stdout, "data");
      }
    },
    async shows(text: string) {
      while (!shown.includes(text)) await once(terminal.stdout, "data");
    },
  };
}

describe("two processes at one terminal", () => {
  test("ask one after the other, and a yes is for the question whose code it has", async (context) => {
    const { questions, type, shows, shown } = twoAskers(context);
    const [first] = await questions(1);
    // Long enough for the other process to ask as well, if it would.
    await setTimeout(700);
    type("yes");
    const asked = await questions(2);
    expect(new Set(asked.map(({ pid }) => pid)).size).toBe(1);
    expect(shown()).not.toContain("ANSWER");
    type(`yes ${first!.code}`);
    await shows(`ANSWER ${first!.pid} approve`);
    const second = (await questions(3)).at(-1)!;
    expect(second.pid).not.toBe(first!.pid);
    type(`yes ${first!.code}`);
    await questions(4);
    type("no");
    await shows(`ANSWER ${second.pid} reject`);
  });

  test("do not wait for one that was killed while it asked", async (context) => {
    const { questions } = twoAskers(context);
    const [first] = await questions(1);
    process.kill(Number(first!.pid), "SIGKILL");
    expect((await questions(2)).at(-1)!.pid).not.toBe(first!.pid);
  });
});
