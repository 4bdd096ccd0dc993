import { appendFile, open, readFile, truncate, writeFile, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test, vi } from "vitest";
import { auditFile, fileApprovalStore, verifyAudit } from "langchain-1password/node";
import { toolsetErrorOf } from "./errors.js";
import { recordOf } from "./records.js";
import { useFolder } from "./temporary-folder.js";

// What happens between two calls of the system: nothing else can be made to happen just there.

async function usePath(): Promise<string> {
  return join(await useFolder(), "audit.jsonl");
}

/** Does something before each call of a method of open files, the calls being counted from 1. */
async function before(
  method: "write" | "datasync" | "sync" | "stat",
  happen: (call: number, handle: FileHandle) => Promise<unknown> | undefined,
): Promise<void> {
  const handle = await open(import.meta.filename, "r");
  const prototype = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  const original = prototype[method] as (...args: unknown[]) => Promise<never>;
  let calls = 0;
  const spy = vi.spyOn(prototype, method).mockImplementation(async function (
    this: FileHandle,
    ...args: unknown[]
  ) {
    calls += 1;
    await happen(calls, this);
    return original.apply(this, args);
  });
  onTestFinished(() => spy.mockRestore());
}

/** Appends to a file before a call, the first where nothing else is said. */
const append =
  (path: string, text: string, turns: readonly number[] = [1]) =>
  (call: number) =>
    turns.includes(call) ? appendFile(path, text) : undefined;

const piece = '{"class_uid":3001,"half';

test("a record that comes onto the line of one who was killed is refused, and the next tells of that line", async () => {
  const path = await usePath();
  await using audit = auditFile(path);
  await audit.write(recordOf());
  await before("write", append(path, piece));
  const error = await toolsetErrorOf(audit.write(recordOf()));
  expect(error).toMatchObject({ code: "audit_unavailable", retryable: true });
  expect(error.text).toBe(
    `A record for the audit log "${path}" came onto a line that another process had left half written. Write it again.`,
  );
  await audit.write(recordOf());
  await audit.write(recordOf());
  const glued = (await readFile(path, "utf8")).split("\n")[1]!;
  expect(glued.startsWith(`${piece}{"class_uid"`)).toBe(true);
  expect(await verifyAudit(path)).toMatchObject({
    ok: true,
    records: 3,
    torn: [{ line: 2, bytes: glued.length }],
  });
});

test("however much of a line was left, it breaks nothing, whatever comes onto it or behind it", async () => {
  const path = await usePath();
  const lines = [];
  for (let n = 0; n < 2; n += 1) {
    const elsewhere = await usePath();
    await using audit = auditFile(elsewhere);
    await audit.write(recordOf());
    lines.push(await readFile(elsewhere, "utf8"));
  }
  const [left, late] = lines as [string, string];
  const length = fc.integer({ min: 1, max: left.length - 1 });
  const ends = [1, 2, 3, 4].flatMap((n) => [n, left.length - n]);
  await fc.assert(
    fc.asyncProperty(length, fc.boolean(), async (bytes, isOnIt) => {
      await writeFile(path, left.slice(0, bytes) + (isOnIt ? late : ""));
      expect(await verifyAudit(path)).toMatchObject({ ok: true });
      const audit = auditFile(path);
      await audit.write(recordOf());
      await audit.close();
      expect(await verifyAudit(path)).toMatchObject({ ok: true });
    }),
    {
      numRuns: 30,
      examples: ends.flatMap((n) => [[n, true] as [number, boolean], [n, false] as [number, boolean]]),
    },
  );
});

test("two records that come onto such a line one after another are told of both", async () => {
  const path = await usePath();
  await using audit = auditFile(path);
  await before("write", append(path, piece, [1, 2]));
  for (let n = 0; n < 2; n += 1) await toolsetErrorOf(audit.write(recordOf()));
  await audit.write(recordOf());
  expect(await verifyAudit(path)).toMatchObject({ ok: true, records: 1, torn: [{ line: 1 }, { line: 2 }] });
});

test.each([
  ["the rest of what it took for half written", " and more"],
  ["what another was to tell of it", '\n{"class_uid"'],
  ["what several others were to tell of it", '\n{"class_uid"\n{"class_uid":3001'],
])("a record that begins a line of its own stands, although %s came before it", async (_what, stray) => {
  const path = await usePath();
  await writeFile(path, piece);
  const audit = auditFile(path);
  await before("write", append(path, stray));
  await audit.write(recordOf());
  const lines = `${piece}${stray}`.split("\n");
  const torn = lines.map((line, index) => ({ line: index + 1, bytes: line.length }));
  expect(await verifyAudit(path)).toMatchObject({ ok: true, records: 1, torn });
  await audit.write(recordOf());
  await audit.close();
  expect(await verifyAudit(path)).toMatchObject({ ok: true, records: 2, torn });
});

test.each([
  ["and others tell of the line before", true],
  ["and nobody tells of the line before", false],
])(
  "a record that came onto what was to tell of a half written line breaks nothing, %s",
  async (_what, isTold) => {
    const [path, elsewhere] = [await usePath(), await usePath()];
    // Its writer had looked at the file when it was empty.
    const late = auditFile(elsewhere);
    await late.write(recordOf());
    await late.close();
    const text = `${piece}\n{"class_uid"${await readFile(elsewhere, "utf8")}`;
    await writeFile(path, isTold ? piece : text);
    await using audit = auditFile(path);
    await before("write", append(path, text.slice(piece.length), isTold ? [1] : []));
    await audit.write(recordOf());
    await audit.write(recordOf());
    expect(await verifyAudit(path)).toMatchObject({ ok: true, records: 2, torn: [{ line: 1 }, { line: 2 }] });
  },
);

test("a line that was taken for half written, and was written to its end after all, is a record", async () => {
  const path = await usePath();
  const other = auditFile(path);
  await other.write(recordOf());
  await other.write(recordOf());
  await other.close();
  const whole = await readFile(path, "utf8");
  const half = whole.slice(0, -500);
  await truncate(path, half.length);
  await using audit = auditFile(path);
  await before("write", append(path, whole.slice(half.length)));
  await audit.write(recordOf());
  await audit.write(recordOf());
  expect((await readFile(path, "utf8")).startsWith(`${whole}\n{`)).toBe(true);
  expect(await verifyAudit(path)).toMatchObject({ ok: true, records: 4, torn: [] });
});

test("a line that another process is just writing is waited for", async () => {
  const path = await usePath();
  await using audit = auditFile(path);
  await audit.write(recordOf());
  {
    await using other = auditFile(path);
    await other.write(recordOf());
  }
  const whole = await readFile(path, "utf8");
  await truncate(path, whole.length - 100);
  await before("stat", append(path, whole.slice(-100), [2]));
  await audit.write(recordOf());
  expect((await readFile(path, "utf8")).slice(whole.length)).toMatch(/^\{(?!.*"torn")/);
  expect(await verifyAudit(path)).toMatchObject({ ok: true, records: 3, torn: [] });
});

test("records count as written once they are synced, all that came together by one sync", async () => {
  const path = await usePath();
  await using audit = auditFile(path);
  let written = 0;
  const synced: string[] = [];
  await before("sync", async () => synced.push("the folder"));
  await before("datasync", async () => synced.push(`the file, ${written} written`));
  await Promise.all(Array.from({ length: 20 }, () => audit.write(recordOf()).then(() => (written += 1))));
  expect(synced).toEqual(["the folder", "the file, 0 written"]);
  expect((await verifyAudit(path)).records).toBe(20);
});

test("an approval is taken once its file and its name are synced", async () => {
  const folder = await useFolder();
  const synced: string[] = [];
  await before("sync", async (_, handle) => synced.push((await handle.stat()).isFile() ? "file" : "folder"));
  await fileApprovalStore(folder).consume("nonce", Date.now() + 1000);
  expect(synced).toEqual(["file", "folder"]);
});

test("a line that somebody else wrote first makes no difference", async () => {
  const path = await usePath();
  await using audit = auditFile(path);
  await using other = auditFile(path);
  await other.write(recordOf());
  await before("write", (call) => (call === 1 ? other.write(recordOf()) : undefined));
  await audit.write(recordOf());
  expect(await verifyAudit(path)).toMatchObject({ ok: true, records: 3, torn: [] });
});

test.each(["write", "datasync"] as const)(
  "a failing %s refuses what it was for, and the next record begins another chain",
  async (method) => {
    const path = await usePath();
    await using audit = auditFile(path);
    await audit.write(recordOf());
    await before(method, (call, handle) => (call === 1 ? handle.close() : undefined));
    const [first, second] = await Promise.allSettled([audit.write(recordOf()), audit.write(recordOf())]);
    expect(first).toMatchObject({
      status: "rejected",
      reason: { code: "audit_unavailable", retryable: true, cause: { code: "EBADF" } },
    });
    // Both had been written when the sync failed.
    expect(second.status).toBe(method === "write" ? "fulfilled" : "rejected");
    await audit.write(recordOf());
    expect(await verifyAudit(path)).toMatchObject({ ok: true, torn: [] });
    const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
    expect(new Set(lines.map((line) => /"writer":"([\w-]+)"/.exec(line)![1])).size).toBe(2);
  },
);
