import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { fileMcpServerStore } from "langchain-1password/node";
import { toolsetErrorOf } from "./errors.js";
import { serverRecord } from "./file-mcp-server-records.js";
import { useFolder } from "./temporary-folder.js";

/** The path of a file that is not there yet. */
async function useStorePath(): Promise<string> {
  return join(await useFolder(), "servers.json");
}

const idsIn = async (path: string) => (await fileMcpServerStore(path).list()).map(({ id }) => id);

describe("a server", () => {
  test("is found by its id and by its hash, also by another store of the same file, until it is deleted", async () => {
    const path = await useStorePath();
    const [one, other] = [fileMcpServerStore(path), fileMcpServerStore(path)];
    const record = serverRecord("a", { config: { methods: ["list"], tags: ["directory"] } });
    expect([await one.list(), await one.get("a"), await other.getByTokenHash(record.token_hash)]).toEqual([
      [],
      undefined,
      undefined,
    ]);
    await one.create(record);
    await one.create(serverRecord("b"));
    expect(await other.get("a")).toEqual(record);
    expect(await other.getByTokenHash(record.token_hash)).toEqual(record);
    expect(await other.delete("a")).toBe(true);
    expect(await one.delete("a")).toBe(false);
    expect(await one.get("a")).toBeUndefined();
    expect(await one.getByTokenHash(record.token_hash)).toBeUndefined();
    expect((await one.list()).map(({ id }) => id)).toEqual(["b"]);
  });

  test("of any name is read back as it was written", async () => {
    const path = await useStorePath();
    const words = fc.array(fc.string({ minLength: 1 }), { minLength: 1 });
    let n = 0;
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1, unit: "binary" }), words, async (name, tags) => {
        n += 1;
        const record = serverRecord(`${n}`, { name, config: { tags } });
        await fileMcpServerStore(path).create(record);
        expect(await fileMcpServerStore(path).get(`${n}`)).toEqual(record);
      }),
      { numRuns: 20 },
    );
  });

  test("with the id of another is refused, and the other stays", async () => {
    const store = fileMcpServerStore(await useStorePath());
    await store.create(serverRecord("a"));
    const error = await toolsetErrorOf(store.create(serverRecord("a", { name: "Another" })));
    expect(error.text).toBe('There is a server "a" already. Give another id.');
    expect(await store.list()).toEqual([serverRecord("a")]);
  });

  test("made at the same time as others is not lost: 32 of one process", async () => {
    const path = await useStorePath();
    const stores = [fileMcpServerStore(path), fileMcpServerStore(path)];
    const ids = Array.from({ length: 32 }, (_, n) => `${n}`);
    await Promise.all(ids.map(async (id, n) => stores[n % 2]!.create(serverRecord(id))));
    expect((await idsIn(path)).sort()).toEqual(ids.sort());
  });

  test("made at the same time as others is not lost: three processes that create and delete", async () => {
    const [path, start] = [await useStorePath(), await useProcesses()];
    const children = ["a", "b", "c"].map((prefix) => start(path, "create and delete", prefix));
    await Promise.all(children.map(({ stdout }) => once(stdout, "data")));
    for (const { stdin } of children) stdin.write("\n");
    expect(await Promise.all(children.map(({ ended }) => ended))).toEqual([0, 0, 0]);
    const kept = ["a", "b", "c"].flatMap((prefix) =>
      Array.from({ length: 10 }, (_, n) => `${prefix}-kept-${n}`),
    );
    expect((await idsIn(path)).sort()).toEqual(kept.sort());
    expect(await readdir(join(path, ".."))).toEqual(["servers.json"]);
  });
});

describe("a process that is killed between writing and renaming", () => {
  test("leaves the servers as they were, and what it left is taken away after ten seconds", async () => {
    const [path, start] = [await useStorePath(), await useProcesses()];
    await fileMcpServerStore(path).create(serverRecord("a"));
    expect(await start(path, "be killed before the rename", "x").ended).toBe("SIGKILL");
    expect(await idsIn(path)).toEqual(["a"]);
    const left = JSON.parse(await readFile(`${path}.lock`, "utf8")) as { servers: { id: string }[] };
    expect(left.servers.map(({ id }) => id)).toEqual(["a", "x-killed"]);
    const elevenSecondsAgo = new Date(Date.now() - 11_000);
    await utimes(`${path}.lock`, elevenSecondsAgo, elevenSecondsAgo);
    await fileMcpServerStore(path).create(serverRecord("b"));
    expect(await idsIn(path)).toEqual(["a", "b"]);
    expect(await readdir(join(path, ".."))).toEqual(["servers.json"]);
  });

  test("holds up no reader, and no writer for long: one of many takes its place", async () => {
    const path = await useStorePath();
    await writeFile(`${path}.lock`, "half");
    await utimes(`${path}.lock`, 0, 0);
    const ids = Array.from({ length: 8 }, (_, n) => `${n}`);
    await Promise.all(ids.map(async (id) => fileMcpServerStore(path).create(serverRecord(id))));
    expect((await idsIn(path)).sort()).toEqual(ids);
  });
});

test("a process that sleeps for so long that another takes its place begins anew when it wakes", async () => {
  const [path, start] = [await useStorePath(), await useProcesses()];
  const child = start(path, "sleep before the rename", "x");
  await once(child.stdout, "data");
  await utimes(`${path}.lock`, 0, 0);
  await fileMcpServerStore(path).create(serverRecord("a"));
  child.stdin.write("\n");
  expect(await child.ended).toBe(0);
  expect(await idsIn(path)).toEqual(["a", "x-slow"]);
  expect(await readdir(join(path, ".."))).toEqual(["servers.json"]);
});

describe("the file", () => {
  test("has mode 0600 and holds hashes", async () => {
    const path = await useStorePath();
    const store = fileMcpServerStore(path);
    await store.create(serverRecord("a"));
    await store.create(serverRecord("b"));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(path, "utf8"))).toEqual({
      format: "langchain-1password/mcp-servers",
      version: 1,
      servers: [serverRecord("a"), serverRecord("b")],
    });
  });

  test("that somebody removes has no servers any more, for stores that are open as well", async () => {
    const path = await useStorePath();
    const store = fileMcpServerStore(path);
    await store.create(serverRecord("a"));
    expect(await store.list()).toHaveLength(1);
    await rm(path);
    expect(await store.list()).toEqual([]);
  });

  const whole = JSON.stringify({
    format: "langchain-1password/mcp-servers",
    version: 1,
    servers: [serverRecord("a")],
  });

  test.each([
    ["empty", ""],
    ["cut off", whole.slice(0, -20)],
    ["of somebody else", '{"mcpServers":{}}'],
    ["a list", "[]"],
    ["null", "null"],
    ["of a later version", whole.replace('"version":1', '"version":2')],
    ["without a list", '{"format":"langchain-1password/mcp-servers","version":1}'],
    ["with an end that cannot be read", whole.replace('"expires_at":null', '"expires_at":"soon"')],
    ["with an end left out", whole.replace('"expires_at":null,', "")],
    ["with a config of another shape", whole.replace('["read"]', '"read"')],
    ["with a hash of another length", whole.replace(/"token_hash":"./, '"token_hash":"')],
    [
      "with a number for a yes",
      whole.replace('"require_api_token_auth":false', '"require_api_token_auth":0'),
    ],
  ])("is refused when it is %s, and never written over", async (_what, text) => {
    const path = await useStorePath();
    await writeFile(path, text, { mode: 0o600 });
    const store = fileMcpServerStore(path);
    const attempts = [
      () => store.list(),
      () => store.get("a"),
      () => store.create(serverRecord("b")),
      () => store.delete("a"),
    ];
    for (const attempt of attempts) {
      const error = await toolsetErrorOf(attempt);
      expect(error.code).toBe("invalid_argument");
      expect(error.text).toBe(
        `"${path}" is not a file of handed-out MCP servers, or was changed by hand. Give the path of one, or of none ` +
          `that is there; to begin anew, move this one away, which ends all of its servers.`,
      );
    }
    expect(await readFile(path, "utf8")).toBe(text);
    expect(await readdir(join(path, ".."))).toEqual(["servers.json"]);
  });

  test.skipIf(process.platform === "win32")(
    "is refused when others may write to it, until they may not",
    async () => {
      const path = await useStorePath();
      const store = fileMcpServerStore(path);
      await store.create(serverRecord("a"));
      await chmod(path, 0o660);
      const error = await toolsetErrorOf(store.list());
      expect(error.code).toBe("invalid_argument");
      expect(error.text).toBe(
        `Others may write to "${path}", and hand out servers by it. Take that right away: chmod 600.`,
      );
      await chmod(path, 0o600);
      expect(await store.list()).toHaveLength(1);
    },
  );

  test("is named when its folder is missing", async () => {
    const path = join(await useFolder(), "missing", "servers.json");
    const store = fileMcpServerStore(path);
    expect(await store.list()).toEqual([]);
    const error = await toolsetErrorOf(store.create(serverRecord("a")));
    expect(error).toMatchObject({ code: "server_error", cause: { code: "ENOENT" } });
    expect(error.text).toBe(
      `The file of handed-out MCP servers, "${path}", cannot be used (ENOENT). Create "${join(path, "..")}".`,
    );
  });

  test("must be given", async () => {
    expect((await toolsetErrorOf(() => fileMcpServerStore(""))).text).toBe(
      '"path" is missing. Give the path of the file.',
    );
  });
});

/** Bundles file-mcp-server-process.ts once, and starts it as often as is wanted. */
async function useProcesses() {
  const program = join(await useFolder(), "process.mjs");
  await build({
    entryPoints: [fileURLToPath(new URL("file-mcp-server-process.ts", import.meta.url))],
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    outfile: program,
  });
  return (path: string, task: string, prefix: string) => startProcess([program, path, task, prefix]);
}

function startProcess(args: string[]) {
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  // One that was killed reads nothing any more.
  child.stdin.on("error", () => undefined);
  const ended = once(child, "close").then(([code, signal]) => (code ?? signal) as number | string | null);
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return { stdin: child.stdin, stdout: child.stdout, ended };
}
