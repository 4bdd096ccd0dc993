import type { ToolMessage } from "@langchain/core/messages";
import { describe, expect, test } from "vitest";
import { ToolManager } from "langchain-1password";
import { useSandbox } from "../support/sandbox.js";
import { sourceNames, sources, type SourceName } from "../workflows/use-account.js";

const name = "list_all_1_password_users";

async function pageOf(source: SourceName, args: object, methods = ["read"], pages = 1) {
  const sandbox = await useSandbox({ users: 30 });
  const tools = await new ToolManager({ source: sources[source](sandbox) }).getTools({ methods });
  const list = tools.find((tool) => tool.name === name)!;
  let cursor = {};
  for (let page = 1; ; page += 1) {
    const call = { type: "tool_call" as const, id: `c${page}`, name, args: { ...args, ...cursor } };
    const { text } = (await list.invoke(call)) as ToolMessage;
    const last = text.split("\n").at(-1) ?? "";
    if (page === pages) return last;
    const [, argument = "", value = ""] = /with (\w+) exactly "(.+)", all/.exec(last) ?? [];
    cursor = { [argument]: value };
  }
}

describe.each(sourceNames)("a page of a list from %s", (source) => {
  const size = source === "Truto" ? "limit" : "max_page_size";

  test("that is not the last says that it proves nothing, and which tool does", async () => {
    expect(await pageOf(source, { [size]: 10 })).toMatch(
      /^10 people\. More follow: call again with \w+ exactly ".+", all else the same\. This page proves no absence and no number\. To look for somebody, or to count with limit 0, call find_1_password_users\.$/,
    );
  });

  test("names no tool that the model does not have", async () => {
    const text = await pageOf(source, { [size]: 10 }, ["list"]);
    expect(text).toMatch(/This page proves no absence and no number\. Only all pages together do\.$/);
  });

  test("that is the last of several says that it proves nothing alone", async () => {
    expect(await pageOf(source, { [size]: 20 }, ["read"], 2)).toBe(
      "10 people. This is the last page. Without those before it, it proves no absence and no number.",
    );
  });

  test("that is the last says so, and no more", async () => {
    expect(await pageOf(source, { [size]: 1000 })).toBe("30 people. This is the last page.");
  });
});
