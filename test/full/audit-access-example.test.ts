import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, test } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** No key and no account of the machine may change what the example does. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^OP_|^NODE_OPTIONS$|^VITEST/.test(name)),
);

/** Makes a pipe pass for a terminal, before the example looks at it. */
const asTerminal = ["--import", "data:text/javascript,process.stdout.isTTY=true;process.stdout.columns=80"];

/** Runs the example by its documented command, less npm's own start. */
function run(options: readonly string[] = []): Promise<{ code: number | null; out: string; errors: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      ["--import", "tsx", ...options, "examples/run.ts", "audit-access"],
      { cwd: root, env: environment, stdio: ["ignore", "pipe", "pipe"] },
    );
    let [out, errors] = ["", ""];
    child.stdout.on("data", (data: Buffer) => (out += data.toString()));
    child.stderr.on("data", (data: Buffer) => (errors += data.toString()));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, out, errors }));
  });
}

const result = [
  "54 lines: 20 were as expected, 33 had drifted, 30 were changed.",
  "  line 52: m.scott@example.com, refused (protected)",
  "  line 53: nobody@example.com, not_in_account",
].join("\n");

describe.concurrent("npm run example -- audit-access", { timeout: 60_000 }, () => {
  test("on a terminal shows every page, wait and write on one line, which is gone in the end", async ({
    expect,
  }) => {
    const { code, out, errors } = await run(asTerminal);
    expect({ code, errors }).toEqual({ code: 0, errors: "" });
    const live = out.split("\r").slice(1);
    expect(live.slice(0, -1).every((line) => !line.includes("\n"))).toBe(true);
    for (const part of [
      "1000 people read, 0 changed",
      "2500 people read, 0 changed",
      "people read, 1 changed",
      "people read, 30 changed",
    ]) {
      expect(
        live.some((line) => line.includes(part)),
        part,
      ).toBe(true);
    }
    expect(live.some((line) => /waits \d+\.\d s \(/.test(line))).toBe(true);
    expect(live.at(-1)).toContain("2500 people read, ");
    expect(out).toContain(result);
  });

  test("without a terminal prints a few plain lines", async ({ expect }) => {
    const { code, out, errors } = await run();
    expect({ code, errors }).toEqual({ code: 0, errors: "" });
    expect(out.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
    expect(out.split("\n").length).toBeLessThan(20);
    expect(out).toContain("2500 people read, 20 changed\n");
    expect(out).toContain(result);
  });
});
