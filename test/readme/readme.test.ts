import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { writeSnippets } from "./snippets.js";
import { closeWorld, sandbox } from "./world.js";

const folder = fileURLToPath(new URL("./snippets-run", import.meta.url));
const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");

describe("every snippet of the README runs", () => {
  const snippets = writeSnippets(folder);
  const printed = vi.fn<(...values: unknown[]) => void>();

  beforeAll(() => {
    vi.spyOn(console, "log").mockImplementation(printed);
    vi.spyOn(console, "error").mockImplementation(printed);
    // Only the name service is played: requests to the vendors' hosts arrive at the sandbox as they are.
    const send = globalThis.fetch;
    vi.stubGlobal("fetch", (input: Request | string | URL, init?: RequestInit) => {
      const url = new URL(input instanceof Request ? input.url : input);
      const isVendor = /(^|\.)(1password\.(com|eu|ca)|truto\.one)$/.test(url.hostname);
      if (!isVendor) return send(input, init);
      const here = `${sandbox.baseUrl}${url.pathname}${url.search}`;
      return send(input instanceof Request ? new Request(here, input) : here, init);
    });
  });

  afterAll(async () => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
    await closeWorld();
  });

  test("there are some", () => expect(snippets.length).toBeGreaterThan(10));

  test.each(snippets)("line $line", async ({ file }) => {
    await import(/* @vite-ignore */ file);
  });

  test("the one that catches a 429 prints what it says", () => {
    expect(printed).toHaveBeenCalledWith("Limited; again in 7000 ms (7)");
  });
});

test("every option in the README's tables has a test named after it", () => {
  const options = [...readme.matchAll(/^\| option of (.*?) *\|.*\n.*\n((?:\|.*\n)+)/gm)].flatMap(
    ([, owner, rows]) =>
      [...(rows ?? "").matchAll(/^\| `(\w+)` *\|/gm)].map(
        ([, option]) => `option "${option}" of ${owner?.replaceAll("`", "")}`,
      ),
  );
  expect(options.length).toBeGreaterThan(25);
  const tests = readdirSync(new URL("..", import.meta.url), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => readFileSync(new URL(`../${name}`, import.meta.url), "utf8"))
    .join("\n");
  expect(
    options.filter((option) => !tests.includes(`test('${option}`) && !tests.includes(`test(\`${option}`)),
  ).toEqual([]);
});
