import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { writeSnippets } from "../readme/snippets.js";

test("every snippet of the README compiles under strict", { timeout: 120_000 }, () => {
  const folder = (name: string) => fileURLToPath(new URL(`../readme/${name}`, import.meta.url));
  expect(writeSnippets(folder("snippets-compiled")).length).toBeGreaterThan(10);
  const compiler = fileURLToPath(import.meta.resolve("typescript/bin/tsc"));
  expect(
    execFileSync(process.execPath, [compiler, "-p", folder("tsconfig.json")], { encoding: "utf8" }),
  ).toBe("");
});
