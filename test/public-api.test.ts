import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import * as core from "langchain-1password";
import { version } from "../src/version.js";
import * as sandbox from "langchain-1password/sandbox";

// A name that is given out is kept: whoever adds one here has decided to.

describe("what is given out by", () => {
  test("langchain-1password", () => {
    expect(Object.keys(core).sort()).toEqual([
      "HttpError",
      "RateLimitError",
      "ToolManager",
      "ToolsetError",
      "ToolsetTool",
      "TrutoLangchainToolManager",
      "askByInterrupt",
      "auditAccess",
      "createGate",
      "defineTool",
      "descriptorsFromOpenApi",
      "findUsers",
      "guard",
      "isToolsetError",
      "offboardUser",
      "truto",
      "usersApi",
      "withBackoff",
    ]);
  });

  test("langchain-1password/sandbox", () => {
    expect(Object.keys(sandbox)).toEqual(["startSandbox"]);
  });
});

const source = fileURLToPath(new URL("../src", import.meta.url));

/** The classes of errors that a module of the source exports, by name. */
async function errorClassesIn(path: string): Promise<[name: string, value: unknown][]> {
  const isOne = (value: unknown) => typeof value === "function" && value.prototype instanceof Error;
  const module = (await import(/* @vite-ignore */ path)) as Record<string, unknown>;
  return Object.entries(module).filter(([, value]) => isOne(value));
}

describe("errors", () => {
  test("are all given out: a class that can be thrown can be caught by name", async () => {
    const directory = join(source, "errors");
    const files = (await readdir(directory)).filter((name) => name.endsWith(".ts"));
    const found = (await Promise.all(files.map((name) => errorClassesIn(join(directory, name))))).flat();
    const given: Record<string, unknown> = { ...core };
    expect(found.map(([name]) => name).sort()).toEqual(["HttpError", "RateLimitError", "ToolsetError"]);
    for (const [name, value] of found) expect(given[name], name).toBe(value);
  });

  test("have their classes in src/errors, but for those that never leave the library", async () => {
    const files = await readdir(source, { recursive: true });
    const elsewhere = files.filter((name) => name.endsWith(".ts") && !name.startsWith("errors"));
    const texts = await Promise.all(elsewhere.map((name) => readFile(join(source, name), "utf8")));
    const found = texts.flatMap(
      (text) => text.match(/(?<=^export class )\w+(?= extends \w*Error\b)/gm) ?? [],
    );
    expect(elsewhere.length).toBeGreaterThan(50);
    // Each carries something through layers or a library, and is taken apart on the other side.
    expect(found.sort()).toEqual([
      "InputNeeded",
      "ReturnedRefusal",
      "StartError",
      "StillAsked",
      "TakenAway",
      "UnfitAnswer",
      "UsageError",
    ]);
  });
});

test("the version that is sent in User-Agent is the package's", async () => {
  const manifest = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  expect(version).toBe(manifest.version);
});
