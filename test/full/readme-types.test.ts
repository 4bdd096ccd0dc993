import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { writeSnippets } from "../readme/snippets.js";

const inReadme = (name: string) => fileURLToPath(new URL(`../readme/${name}`, import.meta.url));
const usesMiddleware = (code: string) => code.includes("humanInTheLoopMiddleware");

test(
  "every snippet of the README compiles under strict and exactOptionalPropertyTypes",
  { timeout: 120_000 },
  () => {
    const snippets = writeSnippets(inReadme("snippets-compiled"), (code) => !usesMiddleware(code));
    expect(snippets.length).toBeGreaterThan(10);
    expect(compiled("tsconfig.json")).toMatchObject({ status: 0, stdout: "" });
  },
);

test(
  "those with LangChain's humanInTheLoopMiddleware, which has no place for the latter, compile under strict",
  { timeout: 120_000 },
  () => {
    expect(writeSnippets(inReadme("snippets-middleware"), usesMiddleware)).not.toEqual([]);
    expect(compiled("tsconfig.middleware.json")).toMatchObject({ status: 0, stdout: "" });
  },
);

function compiled(project: string) {
  const compiler = fileURLToPath(import.meta.resolve("typescript/bin/tsc"));
  return spawnSync(process.execPath, [compiler, "-p", inReadme(project)], { encoding: "utf8" });
}
