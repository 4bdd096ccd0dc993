import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { transports, useMcpAccount } from "../support/mcp-account.js";
import type { ServerPlace } from "../support/mcp.js";

const execute = promisify(execFile);
const cli = fileURLToPath(
  new URL("../../node_modules/@modelcontextprotocol/inspector-cli/build/cli.js", import.meta.url),
);

/** What the inspector prints of a method. */
async function inspect(place: ServerPlace, method: string, ...more: string[]): Promise<unknown> {
  const target = typeof place === "string" ? [place] : [place.command, ...(place.args ?? [])];
  const { stdout } = await execute(process.execPath, [cli, "--cli", ...target, "--method", method, ...more], {
    env: { PATH: process.env.PATH },
  });
  return JSON.parse(stdout);
}

describe.each(transports)("the MCP inspector over %s", (transport) => {
  test("lists the tools", async () => {
    const { place } = await useMcpAccount(transport);
    const { tools } = (await inspect(place, "tools/list")) as { tools: { name: string; title: string }[] };
    expect(tools.map(({ name }) => name).sort()).toEqual([
      "find_1_password_users",
      "get_single_1_password_user_by_id",
      "list_all_1_password_users",
      "onepassword_users_reactivate",
      "onepassword_users_suspend",
    ]);
    for (const { name, title } of tools) expect(title, name).toMatch(/1Password/);
  });

  test("finds somebody", async () => {
    const { place, scott, seen } = await useMcpAccount(transport);
    const call = ["--tool-name", "find_1_password_users", "--tool-arg", `email=${scott.email}`];
    const { content, structuredContent } = (await inspect(place, "tools/call", ...call)) as {
      content: { text: string }[];
      structuredContent: unknown;
    };
    expect(content[0]!.text).toContain(scott.id);
    expect(structuredContent).toMatchObject({ people: [{ id: scott.id, state: "ACTIVE" }] });
    expect(seen()).toEqual({ state: "ACTIVE", writes: 0 });
  });

  test("cannot be asked for approval, so that a write is refused", async () => {
    const { place, args, seen } = await useMcpAccount(transport);
    const call = ["--tool-name", "onepassword_users_suspend", "--tool-arg", `id=${args.id}`];
    const answer = await inspect(place, "tools/call", ...call, `expected_email=${args.expected_email}`);
    expect(answer).toMatchObject({ isError: true });
    expect(JSON.stringify(answer)).toMatch(/cannot show a question .* --approval terminal/);
    expect(seen()).toEqual({ state: "ACTIVE", writes: 0 });
  });

  test("lists the prompts", async () => {
    const { place } = await useMcpAccount(transport);
    expect(await inspect(place, "prompts/list")).toMatchObject({
      prompts: [{ name: "offboard_user" }, { name: "audit_access" }],
    });
  });

  test("reads the state of the rate limit, which asks nothing of the account", async () => {
    const { place, sandbox } = await useMcpAccount(transport);
    const { contents } = (await inspect(place, "resources/read", "--uri", "onepassword://rate-limit")) as {
      contents: unknown[];
    };
    expect(contents).toEqual([
      { uri: "onepassword://rate-limit", mimeType: "application/json", text: "null" },
    ]);
    expect(sandbox.requests).toEqual([]);
  });
});
