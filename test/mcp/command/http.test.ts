import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { describe, expect, onTestFinished, test } from "vitest";
import { readTokenFile } from "../../../src/mcp/command/token-file.js";
import { newClient, textOf } from "./clients.js";
import { startCommand, type CommandProcess } from "./command-process.js";

const token = "k".repeat(64);
const adminToken = "a".repeat(64);
const find = { name: "find_1_password_users", arguments: { email: "m.scott@example.com" } };

async function useFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "command-http-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** A file that its owner alone may read. */
async function secretFile(text: string, mode = 0o600): Promise<string> {
  const path = join(await useFolder(), "tokens");
  await writeFile(path, text, { mode: 0o600 });
  await chmod(path, mode);
  return path;
}

/** Starts the command on a free port, and says where it listens. */
async function serve(...words: string[]): Promise<CommandProcess & { url: string }> {
  const command = startCommand(["mcp", "--sandbox", "--http", "0", ...words]);
  const [, url = ""] = await command.says(/Listening: (http:\S+)\/mcp[^]*Callers: .*\n/);
  return { ...command, url };
}

async function connect(url: string, bearer?: string) {
  const headers = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` };
  const client = newClient();
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  onTestFinished(() => client.close());
  return client;
}

/** What was recorded of requests. */
function linesOf({ err }: CommandProcess): Record<string, unknown>[] {
  return err()
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe("over HTTP", () => {
  test("a client lists and calls, one line is recorded for each request, and a signal stops it", async () => {
    const command = await serve();
    const client = await connect(`${command.url}/mcp`);
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain(find.name);
    expect(textOf(await client.callTool(find))).toContain("m.scott@example.com,Michael Scott,ACTIVE");
    expect(await (await fetch(`${command.url}/healthz`)).json()).toEqual({ status: "ok" });
    await command.says(/"path":"\/healthz"/);
    expect(linesOf(command).find(({ tool }) => tool === find.name)).toMatchObject({
      method: "POST",
      path: "/mcp",
      status: 200,
      principal: "anonymous",
      rpc: "tools/call",
    });
    command.child.kill("SIGTERM");
    expect(await command.ended).toBe(0);
    expect(command.out()).toBe("");
  });

  test("a path that is nowhere is a 404, and is not recorded, for it may be a token", async () => {
    const command = await serve();
    const answer = await fetch(`${command.url}/mcp/${token}`, { method: "POST", body: "{}" });
    expect(answer.status).toBe(404);
    await command.says(/"status":404/);
    expect(command.err()).not.toContain(token);
  });

  test("with --token-file, only those with a token are served, by their name", async () => {
    const command = await serve("--token-file", await secretFile(`# who\nhelpdesk:${token}\n`));
    expect(command.err()).toContain("Callers: those with a token: helpdesk.");
    expect((await fetch(`${command.url}/mcp`, { method: "POST", body: "{}" })).status).toBe(401);
    const client = await connect(`${command.url}/mcp`, token);
    expect(textOf(await client.callTool(find))).toContain("m.scott@example.com");
    await command.says(/"principal":"helpdesk"/);
    expect(command.err()).not.toContain(token);
  });

  test("with a token file it listens on other addresses, and is known by the names it is given", async () => {
    const tokens = await secretFile(token);
    const command = await serve(
      "--host",
      "0.0.0.0",
      "--token-file",
      tokens,
      "--allowed-hosts",
      "mcp.example.com",
    );
    expect(command.err()).toContain("Host names: localhost, 127.0.0.1, [::1], mcp.example.com");
    expect(command.err()).toContain("Callers: those with a token: token-1.");
    expect(command.err()).not.toContain("warning: --host");
  });

  test("an address that this machine does not have is refused, with the option that gave it", async () => {
    const words = ["--host", "203.0.113.1", "--token-file", await secretFile(token)];
    const command = startCommand(["mcp", "--sandbox", "--http", "0", ...words]);
    expect(await command.ended).toBe(1);
    expect(command.err()).toMatch(/error: --host 203\.0\.113\.1: this machine has no such address \(\w+\)\./);
  });

  test("administered from other machines, it warns, and it is known by the name of its public URL", async () => {
    const command = await serve(
      ...["--admin-token-file", await secretFile(adminToken), "--admin-port", "0"],
      ...["--admin-host", "0.0.0.0", "--public-url", "https://tools.example.com"],
      ...["--servers-file", join(await useFolder(), "servers.json")],
    );
    expect(command.err()).toContain(
      "warning: --admin-host 0.0.0.0: the administrator's token comes in the clear. Put TLS before it.",
    );
    expect(command.err()).toContain("Host names: localhost, 127.0.0.1, [::1], tools.example.com");
  });

  test("servers are handed out by whoever has the admin token, and no token is in a log", async () => {
    const serversFile = join(await useFolder(), "servers.json");
    const command = await serve(
      ...["--admin-token-file", await secretFile(adminToken), "--admin-port", "0"],
      ...["--servers-file", serversFile],
    );
    const [, adminUrl = ""] = await command.says(/Servers to hand out: (\S+)\/mcp-servers/);
    const wish = { name: "audit", config: { methods: ["read"] }, require_api_token_auth: false };
    const handOut = (authorization: string) =>
      fetch(`${adminUrl}/mcp-servers`, {
        method: "POST",
        headers: { authorization, "content-type": "application/json" },
        body: JSON.stringify(wish),
      });
    expect((await handOut(`Bearer ${token}`)).status).toBe(401);
    const answer = await handOut(`Bearer ${adminToken}`);
    expect(answer.status).toBe(201);
    const { id, url } = (await answer.json()) as { id: string; url: string };
    expect(url.startsWith(`${command.url}/mcp/`)).toBe(true);
    const client = await connect(url);
    expect(textOf(await client.callTool(find))).toContain("m.scott@example.com");
    await command.says(new RegExp(`"server":"${id}"`));
    const secret = url.slice(url.lastIndexOf("/") + 1);
    expect(command.err()).not.toContain(secret);
    expect(command.err()).not.toContain(adminToken);
    expect(await readFile(serversFile, "utf8")).not.toContain(secret);
    expect((await stat(serversFile)).mode & 0o077).toBe(0);
  });
});

describe("a token file", () => {
  test.each<[string, string, number, string]>([
    [
      "that others may read",
      token,
      0o640,
      "(mode 640), and whoever reads it can use the account. Run: chmod 600 ",
    ],
    ["with a short token", `${token}\nhelpdesk:${"k".repeat(31)}`, 0o600, "Line 2 of the --token-file"],
  ])("%s is refused, with exit code 1 and without showing a token", async (_, text, mode, sentence) => {
    const path = await secretFile(text, mode);
    const command = startCommand(["mcp", "--sandbox", "--http", "0", "--token-file", path]);
    expect(await command.ended).toBe(1);
    expect(command.err()).toContain(sentence);
    expect(command.err()).not.toContain("kkkk");
    expect(command.err()).not.toContain("    at ");
  });

  test.each<[string, string, number, string]>([
    ["that others may write", token, 0o602, "(mode 602)"],
    ["that the group may run", token, 0o610, "(mode 610)"],
    ["with a token that no header carries", "ü".repeat(40), 0o600, "characters that no bearer token has"],
    ["with a name that is none", `help desk:${token}`, 0o600, "begins with a name that is none"],
    ["with one token twice", `a:${token}\nb:${token}`, 0o600, "holds the same token twice"],
    ["with one name twice", `a:${token}\na:${adminToken}`, 0o600, "holds the same name twice"],
    ["that is empty", "\n# nobody\n", 0o600, "holds no token. Make one: (umask 077; openssl rand -hex 32 >"],
  ])("%s is refused", async (_, text, mode, sentence) => {
    const error: unknown = await readTokenFile("--token-file", await secretFile(text, mode)).catch(
      (thrown: unknown) => thrown,
    );
    expect((error as Error).message).toContain(sentence);
    expect((error as Error).message).not.toContain("kkkk");
  });

  test("that is not there is refused", async () => {
    await expect(readTokenFile("--token-file", "/no/such/file")).rejects.toThrow(
      'The --token-file "/no/such/file" cannot be read (ENOENT).',
    );
  });

  test("of the administrator holds one token", async () => {
    const path = await secretFile(`${token}\n${adminToken}`);
    const words = ["--admin-token-file", path, "--admin-port", "0", "--servers-file", "servers.json"];
    const command = startCommand(["mcp", "--sandbox", "--http", "0", ...words]);
    expect(await command.ended).toBe(1);
    expect(command.err()).toContain("holds 2 tokens, and there is one administrator. Keep one.");
  });

  test.each([
    ["has a name", `helpdesk:${adminToken}`, token, "holds a name before its token"],
    ["is a caller's as well", token, token, "hold the same token"],
  ])("of the administrator is refused where it %s", async (_what, admin, caller, sentence) => {
    const [adminPath, callerPath] = [await secretFile(admin), await secretFile(caller)];
    const files = ["--admin-token-file", adminPath, "--token-file", callerPath];
    const words = [...files, "--admin-port", "0", "--servers-file", join(await useFolder(), "servers.json")];
    const command = startCommand(["mcp", "--sandbox", "--http", "0", ...words]);
    expect(await command.ended).toBe(1);
    expect(command.err()).toContain(sentence);
  });

  test.each([
    ["is no store", (folder: string) => join(folder, "tokens")],
    ["is a folder", (folder: string) => folder],
    ["is in a folder that is not there", (folder: string) => join(folder, "no", "servers.json")],
  ])("of servers that %s is refused at the start", async (_what, pathIn) => {
    const path = await secretFile(adminToken);
    const servers = pathIn(dirname(path));
    const words = ["--admin-token-file", path, "--admin-port", "0", "--servers-file", servers];
    const command = startCommand(["mcp", "--sandbox", "--http", "0", ...words]);
    expect(await command.ended).toBe(1);
    expect(command.err()).toContain(`error: --servers-file ${servers} cannot be used.`);
  });

  test("that lists nobody by whom other machines could reach it is warned of", async () => {
    const path = await secretFile(token);
    const command = startCommand([
      "mcp",
      "--sandbox",
      "--http",
      "0",
      "--host",
      "0.0.0.0",
      "--token-file",
      path,
    ]);
    await command.says(/warning: --host 0\.0\.0\.0 can be reached .* Give --allowed-hosts/);
  });
});
