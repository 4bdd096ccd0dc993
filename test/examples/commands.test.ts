import { expect, test } from "vitest";
import { root, runExample } from "../support/example-process.js";

test("npm start offboards m.scott@example.com, waits for the rate limit, and shows what changed", async () => {
  const { code, out, errors } = await runExample("examples/offboard.ts");
  expect(errors).toBe("");
  expect(code).toBe(0);
  expect(out).toMatch(/waits \d\.\d s for the rate limit/);
  expect(out).toMatch(/answered 429: [1-9]/);
  expect(out.replace(/\s+/g, " ")).toContain(
    "is SUSPENDED now, as I read afterwards; before, they were ACTIVE.",
  );
  expect(out).toContain("m.scott@example.com  ACTIVE -> SUSPENDED");
  expect(out).toContain("2499 other people: unchanged");
  expect(out).toContain("offline planner: no model was called");
}, 60_000);

test("every program in examples/ is listed by npm run example", async () => {
  const { readdir, readFile } = await import("node:fs/promises");
  const files = await readdir(`${root}/examples`);
  const runner = await readFile(`${root}/examples/run.ts`, "utf8");
  const programs = files.filter((file) => file.endsWith(".ts") && !["run.ts", "offboard.ts"].includes(file));
  expect(programs.length).toBeGreaterThanOrEqual(6);
  for (const program of programs)
    expect(runner).toMatch(new RegExp(`^  "?${program.replace(".ts", "")}"?: `, "m"));
});
