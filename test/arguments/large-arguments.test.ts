import { tool } from "@langchain/core/tools";
import { describe, expect, test } from "vitest";
import { defineTool } from "langchain-1password";
import { findUsersDescriptor } from "../../src/workflows/find-users-descriptor.js";
import { ownTool } from "../support/own-tools.js";

const mega = 1_000_000;
const times = 7;

const schema = {
  ...findUsersDescriptor.inputSchema,
  properties: {
    ...findUsersDescriptor.inputSchema.properties,
    id: { type: "string", pattern: "^[A-Z0-9]{26}$" },
    ids: { type: "array", items: { type: "string", pattern: "^[A-Z0-9]{26}$" } },
  },
};

/** The least that a call takes of several, in milliseconds: what else the machine does is left out. */
async function leastOf(run: () => Promise<unknown>): Promise<number> {
  let least = Infinity;
  for (let time = 0; time < times; time += 1) {
    const start = performance.now();
    await run().catch(() => undefined);
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

/** Objects of that many names, and lists of that many texts, cost LangChain itself more than their size says. */
const growthOf: Readonly<Record<string, number>> = { "many arguments": 60, "a list of many emails": 60 };

describe("an argument of 1 MB costs about what LangChain's own tool takes for it:", () => {
  test.each<[string, (length: number) => Record<string, unknown>]>([
    ["an id of letters", (length) => ({ id: "a".repeat(length) })],
    ["an id of @", (length) => ({ id: "@".repeat(length) })],
    ["an id of blanks", (length) => ({ id: " ".repeat(length) })],
    ["an id of slashes", (length) => ({ id: "/".repeat(length) })],
    ["an id that is a.a.a", (length) => ({ id: "a@a.".repeat(length / 4) })],
    ["an email", (length) => ({ email: "a".repeat(length) })],
    ["a name of accents", (length) => ({ name_contains: "\u0301".repeat(length) })],
    ["a number as text", (length) => ({ limit: "5".repeat(length) })],
    ["a list of one email", (length) => ({ emails: ["a@".repeat(length / 2)] })],
    ["a list of one id", (length) => ({ ids: ["a".repeat(length)] })],
    [
      "a list of many emails",
      (length) => ({ emails: Array.from({ length: length / 20 }, () => "somebody@example.com") }),
    ],
    ["a text that begins lists", (length) => ({ ids: "[".repeat(length) })],
    ["the name of an argument", (length) => ({ ["x".repeat(length)]: 1 })],
    [
      "many arguments",
      (length) => Object.fromEntries(Array.from({ length: length / 20 }, (_, index) => [`x${index}`, 1])),
    ],
    [
      "a list of many objects",
      (length) => ({ email: Array.from({ length: length / 10 }, () => ({ a: "b" })) }),
    ],
  ])("%s", async (name, argsOf) => {
    const definition = { name: "find_them", description: "Finds them.", schema };
    const ours = await ownTool(defineTool({ ...definition, kind: "read", call: () => "Found." }));
    const theirs = tool(() => "Found.", definition as never);
    const large = argsOf(mega);
    // Compiled before it is measured.
    for (let time = 0; time < 20; time += 1)
      await leastOf(() => ours.invoke({ id: "x".repeat(time) } as never));
    const cost = { ours: 0, theirs: 0 };
    for (let round = 0; round < 2; round += 1) {
      cost.theirs = await leastOf(() => theirs.invoke(large));
      cost.ours = await leastOf(() => ours.invoke(large as never));
    }
    const small = await leastOf(() => ours.invoke(argsOf(mega / 10) as never));
    // Below some milliseconds there is only noise.
    expect(cost.ours, JSON.stringify(cost)).toBeLessThan(5 * Math.max(cost.theirs, 5));
    expect(cost.ours / Math.max(small, 2), JSON.stringify({ ...cost, small })).toBeLessThan(
      growthOf[name] ?? 15,
    );
  });

  test("and what is said of it is short", async () => {
    const definition = { name: "find_them", description: "Finds them.", kind: "read" as const, schema };
    const ours = await ownTool(defineTool({ ...definition, call: () => "Found." }));
    for (const args of [
      { id: "a".repeat(mega) },
      { emails: ["a@".repeat(mega)] },
      { ["x".repeat(mega)]: "y".repeat(mega) },
      Object.fromEntries(Array.from({ length: mega / 20 }, (_, index) => [`x${index}`, 1])),
    ]) {
      const error = (await ours.invoke(args as never).catch((thrown: unknown) => thrown)) as Error;
      expect(error.message).toContain('"code":"invalid_argument"');
      expect(error.message.length).toBeLessThan(5000);
    }
  });
});
