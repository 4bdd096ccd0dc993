import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { fileApprovalStore } from "langchain-1password/node";
import { useChildren } from "./children.js";
import { toolsetErrorOf } from "./errors.js";
import { useFolder } from "./temporary-folder.js";

afterEach(() => {
  vi.useRealTimers();
});

const inAnHour = () => Date.now() + 3_600_000;
const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

/** The path of a folder that is not there yet. */
async function useStorePath(): Promise<string> {
  return join(await useFolder(), "approvals");
}

describe("an approval", () => {
  test("is taken once, also by another store of the same folder and after its end", async () => {
    const folder = await useStorePath();
    expect(await fileApprovalStore(folder).consume("a-Z_0", inAnHour())).toBe(true);
    expect(await fileApprovalStore(folder).consume("a-Z_0", inAnHour())).toBe(false);
    expect(await fileApprovalStore(folder).consume("a-Z_0", 0)).toBe(false);
    expect(await fileApprovalStore(folder).consume("b", inAnHour())).toBe(true);
  });

  test("is taken once by 64 at the same time", async () => {
    const store = fileApprovalStore(await useStorePath());
    const results = await Promise.all(
      Array.from({ length: 64 }, async () => store.consume("nonce", inAnHour())),
    );
    expect(results.filter(Boolean)).toHaveLength(1);
  });

  test("is taken once by four processes at the same time", async () => {
    const [folder, startChild] = [await useStorePath(), await useChildren()];
    const nonces = Array.from({ length: 32 }, (_, n) => `nonce-${n}`);
    const children = Array.from({ length: 4 }, () => startChild(folder, "consume", ...nonces));
    await Promise.all(children.map((child) => child.tells()));
    for (const child of children) child.start();
    await Promise.all(children.map(({ ended }) => ended));
    const taken = children.map(({ told }) => told[1] as boolean[]);
    for (const n of nonces.keys()) expect([n, taken.filter((each) => each[n]).length]).toEqual([n, 1]);
  });

  test.each(["", "../escape", "a/b", "a\\b", ".", "a.b", "a b", "a\n", "a\0", "ä", "x".repeat(129)])(
    "named %j is refused, and no file is made",
    async (nonce) => {
      const folder = await useStorePath();
      const error = await toolsetErrorOf(
        Promise.resolve(fileApprovalStore(folder).consume(nonce, inAnHour())),
      );
      expect(error.code).toBe("invalid_argument");
      expect(error.text).toBe(
        'A nonce is 1 to 128 letters, digits, "-" and "_", and this one is not. Nothing was approved.',
      );
      await expect(readdir(folder)).rejects.toThrow("ENOENT");
    },
  );

  test("of any name stays within the folder", async () => {
    const parent = await useFolder();
    const store = fileApprovalStore(join(parent, "approvals"));
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary" }), async (nonce) => {
        await Promise.resolve(store.consume(nonce, inAnHour())).catch(() => false);
        expect((await readdir(parent)).filter((name) => name !== "approvals")).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  test.each([NaN, Infinity])(
    "that ends at %s is refused: its file would stay for ever",
    async (expiresAt) => {
      const store = fileApprovalStore(await useStorePath());
      const error = await toolsetErrorOf(store.consume("nonce", expiresAt));
      expect(error.code).toBe("invalid_argument");
      expect(error.text).toContain(`this one at ${expiresAt}`);
    },
  );
});

describe("files of approvals", () => {
  const useTime = () => vi.useFakeTimers({ toFake: ["Date"] });
  const minute = 60_000;

  test("have mode 0600, in a folder with mode 0700", async () => {
    const folder = await useStorePath();
    await fileApprovalStore(folder).consume("nonce", inAnHour());
    expect(await modeOf(folder)).toBe(0o700);
    expect(await modeOf(join(folder, "nonce"))).toBe(0o600);
  });

  test("are removed once the approvals have ended, and never before", async () => {
    useTime();
    const folder = await useStorePath();
    const store = fileApprovalStore(folder);
    await store.consume("short", Date.now() + 5 * minute);
    await store.consume("long", Date.now() + 7 * minute);
    vi.advanceTimersByTime(5 * minute);
    expect(await store.consume("short", Date.now())).toBe(false);
    vi.advanceTimersByTime(minute + 1);
    await store.consume("other", Date.now() + 60 * minute);
    expect((await readdir(folder)).sort()).toEqual(["long", "other"]);
    expect(await store.consume("long", Date.now())).toBe(false);
  });

  test("are removed by a process that takes only one approval as well", async () => {
    useTime();
    const folder = await useStorePath();
    await fileApprovalStore(folder).consume("first", Date.now());
    vi.advanceTimersByTime(2 * minute);
    await fileApprovalStore(folder).consume("second", inAnHour());
    expect(await readdir(folder)).toEqual(["second"]);
  });

  test("are removed some at a time, and in the end all, however many have not ended", async () => {
    useTime();
    const folder = await useStorePath();
    await mkdir(folder, { mode: 0o700 });
    const write = (name: string, expiresAt: number) =>
      writeFile(join(folder, name), `${JSON.stringify({ expiresAt })}\n`);
    await Promise.all(Array.from({ length: 260 }, (_, n) => write(`lasting-${n}`, inAnHour())));
    await Promise.all(Array.from({ length: 300 }, (_, n) => write(`ended-${n}`, 0)));
    const store = fileApprovalStore(folder);
    const left: number[] = [];
    for (let n = 0; n < 4; n += 1) {
      await store.consume(`new-${n}`, inAnHour());
      left.push((await readdir(folder)).filter((name) => name.startsWith("ended")).length);
      vi.advanceTimersByTime(minute);
    }
    expect(left[0]).toBeGreaterThanOrEqual(300 - 256);
    expect(left.at(-1)).toBe(0);
    expect((await readdir(folder)).filter((name) => name.startsWith("lasting"))).toHaveLength(260);
  });

  test.each([
    ["empty, as when a process was killed", ""],
    ["half written", '{"expiresAt":17'],
    ["of somebody else", "1234\n"],
  ])("stay when they are %s", async (_what, text) => {
    useTime();
    const folder = await useStorePath();
    const store = fileApprovalStore(folder);
    await store.consume("first", inAnHour());
    await writeFile(join(folder, "nonce"), text);
    vi.advanceTimersByTime(10 * minute);
    expect(await store.consume("second", inAnHour())).toBe(true);
    expect(await readFile(join(folder, "nonce"), "utf8")).toBe(text);
    expect(await store.consume("nonce", inAnHour())).toBe(false);
  });
});

describe("a text", () => {
  const useTime = () => vi.useFakeTimers({ toFake: ["Date"] });

  test("is recalled by every store of the folder until it ends, and may be put in the place of another", async () => {
    useTime();
    const folder = await useStorePath();
    const [one, other] = [fileApprovalStore(folder), fileApprovalStore(folder)];
    expect(await one.recall("key")).toBeUndefined();
    await one.remember("key", "first", Date.now() + 60_000);
    await other.remember("key", "second\n}", Date.now() + 120_000);
    expect(await one.recall("key")).toBe("second\n}");
    vi.advanceTimersByTime(120_000);
    expect(await one.recall("key")).toBeUndefined();
    expect(await other.consume("key", inAnHour())).toBe(true);
  });

  test("of any kind comes back as it was", async () => {
    const store = fileApprovalStore(await useStorePath());
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary" }), async (text) => {
        await store.remember("key", text, inAnHour());
        expect(await store.recall("key")).toBe(text);
      }),
      { numRuns: 20 },
    );
  });

  test("that is no text of a store is an error, and so is a folder that is gone", async () => {
    const folder = await useStorePath();
    const store = fileApprovalStore(folder);
    await store.remember("key", "text", inAnHour());
    await writeFile(join(folder, "key.text"), "{");
    expect((await toolsetErrorOf(store.recall("key"))).code).toBe("approval_unavailable");
    await rm(folder, { recursive: true });
    expect((await toolsetErrorOf(store.recall("key"))).code).toBe("approval_unavailable");
  });

  test.each(["", "../key", "a.b", "x".repeat(129)])("is not kept under %j", async (key) => {
    const store = fileApprovalStore(await useStorePath());
    expect((await toolsetErrorOf(store.remember(key, "text", inAnHour()))).code).toBe("invalid_argument");
    expect((await toolsetErrorOf(store.recall(key))).code).toBe("invalid_argument");
  });

  test("that is kept longer is not lost while two processes remove what has ended", async () => {
    useTime();
    const folder = await useStorePath();
    const [one, other] = [fileApprovalStore(folder), fileApprovalStore(folder)];
    // Not for an hour in all: the files' own times are those of the real clock.
    for (let round = 0; round < 8; round += 1) {
      await one.remember("key", "old", Date.now() + 1000);
      vi.advanceTimersByTime(130_000);
      await Promise.all([
        one.consume(`one-${round}`, Date.now()),
        other.consume(`other-${round}`, Date.now()),
        one.remember("key", "new", Date.now() + 100_000),
      ]);
      expect(await other.recall("key")).toBe("new");
      vi.advanceTimersByTime(200_000);
    }
    expect((await readdir(folder)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });
});

test("a store that is used at any pace holds little more than what has not ended", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  for (const paceMs of [61_000, 1000]) {
    const folder = await useStorePath();
    const store = fileApprovalStore(folder);
    for (let count = 0; count < 400; count += 1) {
      vi.advanceTimersByTime(paceMs);
      await store.consume(`${count}`, Date.now() + 1000);
    }
    // What has not ended, what ended within a minute of grace, and what a listing has not come to yet.
    const recent = (61_000 + 2 * 60_000) / paceMs + 10;
    expect((await readdir(folder)).length).toBeLessThan(recent);
  }
}, 30_000);

describe("the folder", () => {
  test("is used as it is when nobody else may write to it", async () => {
    const folder = await useStorePath();
    await mkdir(folder, { mode: 0o755 });
    expect(await fileApprovalStore(folder).consume("nonce", inAnHour())).toBe(true);
    expect(await modeOf(folder)).toBe(0o755);
  });

  test("is refused when others may write to it, until they may not", async () => {
    const folder = await useStorePath();
    await mkdir(folder);
    await chmod(folder, 0o770);
    const store = fileApprovalStore(folder);
    const error = await toolsetErrorOf(store.consume("nonce", inAnHour()));
    expect(error.code).toBe("approval_unavailable");
    expect(error.text).toBe(
      `Others may write to "${folder}", and make used approvals usable again. Take that right away: chmod 700.`,
    );
    await chmod(folder, 0o700);
    expect(await store.consume("nonce", inAnHour())).toBe(true);
  });

  test("is not made again when somebody removes it: what was used is not known then", async () => {
    const folder = await useStorePath();
    const store = fileApprovalStore(folder);
    await store.consume("nonce", inAnHour());
    await rm(folder, { recursive: true });
    const error = await toolsetErrorOf(store.consume("nonce", inAnHour()));
    expect(error).toMatchObject({ code: "approval_unavailable", cause: { code: "ENOENT" } });
  });

  test("is named when it cannot be made", async () => {
    const folder = join(await useStorePath(), "approvals");
    const store = fileApprovalStore(folder);
    const error = await toolsetErrorOf(store.consume("nonce", inAnHour()));
    expect(error.code).toBe("approval_unavailable");
    expect(error.text).toBe(
      `Used approvals cannot be kept in "${folder}" (ENOENT). Create "${join(folder, "..")}", and let nobody remove what is in it.`,
    );
  });

  test("must be given", async () => {
    expect((await toolsetErrorOf(() => fileApprovalStore(""))).text).toBe(
      '"folder" is missing. Give the path of the folder.',
    );
  });
});
