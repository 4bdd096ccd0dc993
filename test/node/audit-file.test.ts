import { createHash, createHmac } from "node:crypto";
import { appendFile, chmod, mkdir, readFile, rm, stat, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, test, vi } from "vitest";
import { auditFile, verifyAudit, type AuditLine, type AuditRecord } from "langchain-1password/node";
import { LeakSearch } from "../support/leak-search.js";
import { toolsetErrorOf } from "./errors.js";
import { recordOf } from "./records.js";
import { useFolder } from "./temporary-folder.js";

const key = "k7Pq-2mZx9.Rt4vW8yB1nC6dF3gH5jL0";

async function usePath(): Promise<string> {
  return join(await useFolder(), "audit.jsonl");
}

async function linesOf(path: string): Promise<AuditLine[]> {
  const text = await readFile(path, "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as AuditLine);
}

const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

describe("a log", () => {
  test("is one line of JSON for each record, with its place in a chain behind it", async () => {
    const path = await usePath();
    await using audit = auditFile(path);
    const records = [recordOf(), recordOf({ reason: "line\nbreak \u2028 \ud800" }), recordOf()];
    for (const record of records) await audit.write(record);
    const [text, lines] = [await readFile(path, "utf8"), await linesOf(path)];
    expect(lines.map(({ chain: _, ...record }) => record)).toEqual(records);
    const [first, second, third] = lines.map(({ chain }) => chain);
    const ends = [...text.matchAll(/\n/g)].map(({ index }) => Buffer.byteLength(text.slice(0, index + 1)));
    const common = { writer: first!.writer, alg: "sha256" };
    expect(first).toEqual({ ...common, seq: 0, at: 0, prev: "0".repeat(64), hash: first!.hash });
    expect(second).toEqual({ ...common, seq: 1, at: ends[0], prev: first!.hash, hash: second!.hash });
    expect(third).toEqual({ ...common, seq: 2, at: ends[1], prev: second!.hash, hash: third!.hash });
    expect([ends[2], text.split("\n")]).toEqual([
      Buffer.byteLength(text),
      [...lines.map((line) => JSON.stringify(line)), ""],
    ]);
  });

  test.each([
    ["a hash", undefined],
    ["an HMAC where there is a key", key],
  ])("can be verified by anybody: %s over the line without its hash", async (_what, sealedWith) => {
    const path = await usePath();
    await using audit = auditFile(path, { key: sealedWith });
    await audit.write(recordOf({ reason: "Zoë 💥" }));
    const line = (await readFile(path, "utf8")).trimEnd();
    const { chain } = JSON.parse(line) as AuditLine;
    const hash = sealedWith === undefined ? createHash("sha256") : createHmac("sha256", sealedWith);
    expect(hash.update(line.replace(`,"hash":"${chain.hash}"`, "")).digest("hex")).toBe(chain.hash);
  });

  test("keeps the order in which records came, however many came at once", async () => {
    const path = await usePath();
    await using audit = auditFile(path);
    const records = Array.from({ length: 200 }, () => recordOf());
    await Promise.all(records.map((record) => audit.write(record)));
    expect((await linesOf(path)).map(({ metadata }) => metadata.uid)).toEqual(
      records.map(({ metadata }) => metadata.uid),
    );
    expect(await verifyAudit(path)).toMatchObject({ ok: true, records: 200 });
  });

  test("holds a record as it was when it was given", async () => {
    const path = await usePath();
    await using audit = auditFile(path);
    const record = recordOf({ reason: "before" });
    const written = audit.write(record);
    Object.assign(record.unmapped, { reason: "after" });
    await written;
    expect((await linesOf(path))[0]!.unmapped.reason).toBe("before");
  });

  test("takes a record that was read from another log into its own chain", async () => {
    const path = await usePath();
    await using audit = auditFile(path, { key });
    await audit.write(recordOf());
    await audit.write((await linesOf(path))[0]!);
    expect(await verifyAudit(path, { key })).toMatchObject({ ok: true, records: 2 });
  });

  test("has a chain for each that opened it, one after another or at once", async () => {
    const path = await usePath();
    for (let n = 0; n < 2; n += 1) {
      await using audit = auditFile(path);
      await audit.write(recordOf());
    }
    await using one = auditFile(path);
    await using other = auditFile(path);
    await Promise.all(Array.from({ length: 40 }, (_, n) => (n % 2 ? one : other).write(recordOf())));
    const writers = new Set((await linesOf(path)).map(({ chain }) => chain.writer));
    expect(writers.size).toBe(4);
    expect(await verifyAudit(path)).toMatchObject({ ok: true, records: 42 });
  });

  test("takes no record after it was closed, and has all that came before", async () => {
    const path = await usePath();
    const { write, close } = auditFile(path);
    const written = Array.from({ length: 5 }, () => write(recordOf()));
    await Promise.all([close(), close()]);
    await Promise.all(written);
    expect(await verifyAudit(path)).toMatchObject({ ok: true, records: 5 });
    const error = await toolsetErrorOf(write(recordOf()));
    expect(error).toMatchObject({ code: "audit_unavailable", retryable: false });
    expect(error.text).toBe(
      `The audit log "${path}" is closed. Close it after everything that writes to it.`,
    );
  });

  test("can be closed before anything was written, and leaves no file then", async () => {
    const path = await usePath();
    await auditFile(path).close();
    await expect(stat(path)).rejects.toThrow("ENOENT");
  });
});

describe("the file", () => {
  test("has mode 0600", async () => {
    const path = await usePath();
    await using audit = auditFile(path);
    await audit.write(recordOf());
    expect(await modeOf(path)).toBe(0o600);
  });

  test("is taken away from others who had rights to it", async () => {
    const path = await usePath();
    await writeFile(path, "", { mode: 0o644 });
    await chmod(path, 0o666);
    await using audit = auditFile(path);
    await audit.write(recordOf());
    expect(await modeOf(path)).toBe(0o600);
  });

  test("may be given by a relative path, which means the same after a change of folder", async () => {
    const [folder, elsewhere] = [await useFolder(), await useFolder()];
    const cwd = vi.spyOn(process, "cwd").mockReturnValue(folder);
    await using audit = auditFile("audit.jsonl");
    cwd.mockReturnValue(elsewhere);
    await audit.write(recordOf());
    cwd.mockRestore();
    expect(await verifyAudit(join(folder, "audit.jsonl"))).toMatchObject({ ok: true, records: 1 });
  });

  test.each<[what: string, make: (path: string) => Promise<unknown>]>([
    ["another text", (path) => writeFile(path, "root:x:0:0\n", { mode: 0o644 })],
    ["a line without an end", (path) => writeFile(path, "{".repeat(3 * 2 ** 20), { mode: 0o600 })],
    ["a device", (path) => symlink("/dev/null", path)],
  ])("is refused and left alone when it is no audit log, but %s", async (_what, make) => {
    const path = await usePath();
    await make(path);
    const [text, mode] = [await readFile(path, "utf8"), await modeOf(path)];
    await using audit = auditFile(path);
    const error = await toolsetErrorOf(audit.write(recordOf()));
    expect(error).toMatchObject({ code: "audit_unavailable", retryable: false });
    expect(error.text).toBe(
      `"${path}" is no audit log. Give another path, or move away what is there; nothing was written to it.`,
    );
    expect([await readFile(path, "utf8"), await modeOf(path)]).toEqual([text, mode]);
  });
});

describe("what goes wrong", () => {
  test("a folder that is missing is named, and the next record finds it once it is there", async () => {
    const path = await usePath();
    const folder = join(path, "..", "missing");
    await using audit = auditFile(join(folder, "audit.jsonl"));
    const error = await toolsetErrorOf(audit.write(recordOf()));
    expect(error).toMatchObject({ code: "audit_unavailable", retryable: false, cause: { code: "ENOENT" } });
    expect(error.text).toBe(
      `The audit log "${join(folder, "audit.jsonl")}" cannot be opened: there is no folder "${folder}". ` +
        "Create it for the user that this process runs as.",
    );
    await mkdir(folder);
    await audit.write(recordOf());
    expect(await verifyAudit(join(folder, "audit.jsonl"))).toMatchObject({ ok: true, records: 1 });
  });

  test("a path that is a folder is said to be one", async () => {
    const folder = await useFolder();
    await using audit = auditFile(folder);
    const error = await toolsetErrorOf(audit.write(recordOf()));
    expect(error).toMatchObject({ code: "audit_unavailable", retryable: false });
    expect(error.text).toBe(
      `The audit log "${folder}" cannot be opened: it is a folder. Give the path of a file in it.`,
    );
  });

  test("every one of the records that came at once is refused", async () => {
    const folder = await useFolder();
    await using audit = auditFile(folder);
    const settled = await Promise.allSettled(Array.from({ length: 9 }, () => audit.write(recordOf())));
    expect(settled.map(({ status }) => status)).toEqual(Array(9).fill("rejected"));
  });

  test("a record that is no JSON, empty or too long is refused, and those around it are written", async () => {
    const path = await usePath();
    await using audit = auditFile(path);
    const cyclic: Record<string, unknown> = {};
    cyclic.self = cyclic;
    const settled = await Promise.allSettled([
      audit.write(recordOf()),
      audit.write(cyclic as unknown as AuditRecord),
      audit.write({} as AuditRecord),
      audit.write(recordOf({ reason: "x".repeat(2 ** 20) })),
      audit.write(recordOf()),
    ]);
    const messages = settled.map((one) => (one.status === "rejected" ? String(one.reason) : one.status));
    expect(messages).toEqual([
      "fulfilled",
      expect.stringContaining("cannot be written as JSON"),
      expect.stringContaining("is empty"),
      expect.stringContaining("and a line may have 1048576. Shorten its texts."),
      "fulfilled",
    ]);
    expect(await verifyAudit(path)).toMatchObject({ ok: true, records: 2, torn: [] });
  });

  test("a record whose file was deleted is refused, and the next one begins a new file", async () => {
    const path = await usePath();
    await using audit = auditFile(path);
    await audit.write(recordOf());
    await rm(path);
    const error = await toolsetErrorOf(audit.write(recordOf()));
    expect(error).toMatchObject({ code: "audit_unavailable", retryable: true });
    expect(error.text).toMatch(/is no longer in the audit log .* It was deleted\./);
    await audit.write(recordOf());
    expect(await verifyAudit(path)).toMatchObject({ ok: true, records: 1 });
  });

  test("a log that somebody cut is not written to, and found broken once another record is written", async () => {
    const path = await usePath();
    await using audit = auditFile(path);
    for (let n = 0; n < 3; n += 1) await audit.write(recordOf());
    const text = await readFile(path, "utf8");
    await truncate(path, text.indexOf("\n") + 1);
    expect((await toolsetErrorOf(audit.write(recordOf()))).text).toMatch(/was cut off or overwritten/);
    await audit.write(recordOf());
    expect(await verifyAudit(path)).toMatchObject({ ok: false, records: 1, brokenAt: { line: 2 } });
  });

  test.each([
    ["path", () => auditFile(""), '"path" is missing. Give the path of the file.'],
    ["key", () => auditFile("a", { key: "" }), /^"key" is empty\. Give 32 random bytes/],
    ["key", () => auditFile("a", { key: "x" }), /^"key" is too short to be safe\. Give 32 random bytes/],
    ["key", () => auditFile("a", { key: new Uint8Array(15) }), /^"key" is too short to be safe\./],
    ["key", () => auditFile("a", { key: 7 as unknown as string }), /^"key" is neither a text nor bytes/],
    ["onRecord", () => auditFile("a", { onRecord: "x" as unknown as () => void }), /^"onRecord" is a string/],
    [
      "Key",
      () => auditFile("a", { Key: "x" } as object),
      '"Key" is not an option of auditFile. Did you mean "key"? There are: key, onRecord, onWarning.',
    ],
  ])("%s is checked at once", async (_option, make, text) => {
    const error = await toolsetErrorOf(make);
    expect(error.code).toBe("invalid_argument");
    if (typeof text === "string") expect(error.text).toBe(text);
    else expect(error.text).toMatch(text);
  });
});

describe("a line that was left half written", () => {
  const piece = '{"class_uid":3001,"half';

  test("stays as it is, and the first record of whoever opens the file tells of it", async () => {
    const path = await usePath();
    await auditFile(path).close();
    {
      await using audit = auditFile(path);
      await audit.write(recordOf());
    }
    const { size } = await stat(path);
    await appendFile(path, piece);
    expect(await verifyAudit(path)).toMatchObject({ ok: true, records: 1, torn: [{ line: 2, bytes: 23 }] });
    await using audit = auditFile(path);
    await Promise.all([audit.write(recordOf()), audit.write(recordOf())]);
    const lines = (await readFile(path, "utf8")).split("\n");
    expect(lines[1]).toBe(piece);
    const sha256 = createHash("sha256").update(piece).digest("hex");
    expect((JSON.parse(lines[2]!) as AuditLine).chain).toMatchObject({
      seq: 0,
      torn: [{ at: size, bytes: piece.length, sha256 }],
    });
    expect((JSON.parse(lines[3]!) as AuditLine).chain).not.toHaveProperty("torn");
    expect(await verifyAudit(path)).toMatchObject({
      ok: true,
      records: 3,
      torn: [{ line: 2, bytes: piece.length }],
    });
  });

  test("by another process is told of by one that has the file open", async () => {
    const path = await usePath();
    await using audit = auditFile(path, { key });
    await audit.write(recordOf());
    await appendFile(path, piece);
    await audit.write(recordOf());
    expect(await verifyAudit(path, { key })).toMatchObject({ ok: true, records: 2, torn: [{ line: 2 }] });
  });

  test("and found by two at once is told of by both", async () => {
    const path = await usePath();
    await writeFile(path, piece);
    await using one = auditFile(path);
    await using other = auditFile(path);
    await Promise.all([one.write(recordOf()), other.write(recordOf())]);
    await Promise.all([one.write(recordOf()), other.write(recordOf())]);
    expect(await verifyAudit(path)).toMatchObject({ ok: true, records: 4, torn: [{ line: 1 }] });
  });

  test("may be a long one", async () => {
    const path = await usePath();
    await writeFile(path, `{${" ".repeat(500_000)}`);
    await using audit = auditFile(path);
    await audit.write(recordOf());
    expect(await verifyAudit(path)).toMatchObject({
      ok: true,
      records: 1,
      torn: [{ line: 1, bytes: 500_001 }],
    });
  });
});

describe("onRecord", () => {
  test("is told of each record as it stands in the file, in order", async () => {
    const path = await usePath();
    const told: AuditLine[] = [];
    await using audit = auditFile(path, { onRecord: (line) => void told.push(line) });
    await Promise.all(Array.from({ length: 20 }, () => audit.write(recordOf())));
    expect(told).toEqual(await linesOf(path));
  });

  test("is not told of a record that is not durable", async () => {
    const onRecord = vi.fn();
    await using audit = auditFile(await useFolder(), { onRecord });
    await toolsetErrorOf(audit.write(recordOf()));
    expect(onRecord).not.toHaveBeenCalled();
  });

  test.each([
    ["throws", () => expect.unreachable(key)],
    ["rejects", async () => expect.unreachable(key)],
  ])("that %s costs no record: a warning names it, and not what was said", async (_how, onRecord) => {
    const path = await usePath();
    const warn = vi.spyOn(console, "warn").mockReturnValue(undefined);
    const audit = auditFile(path, { onRecord });
    await audit.write(recordOf());
    await audit.write(recordOf());
    await audit.close();
    const warnings = warn.mock.calls.map(([text]) => String(text));
    warn.mockRestore();
    expect(await verifyAudit(path)).toMatchObject({ ok: true, records: 2 });
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toMatch(/^"onRecord" failed \(.*\) for record 0 of writer .* was not handed on\./);
    expect(new LeakSearch([{ name: "what was thrown", value: key }]).in(warnings)).toEqual([]);
  });

  test("is not waited for by a write, and is by closing", async () => {
    const path = await usePath();
    let handOn = (): void => undefined;
    const handedOn = new Promise<void>((resolve) => (handOn = resolve));
    const audit = auditFile(path, { onRecord: () => handedOn });
    await audit.write(recordOf());
    let isClosed = false;
    const closing = audit.close().then(() => (isClosed = true));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(isClosed).toBe(false);
    handOn();
    await closing;
  });
});

test("a key shows nowhere: not in the log, in what is inspected, nor in errors", async () => {
  const path = await usePath();
  const search = new LeakSearch([{ name: "key", value: key }]);
  const audit = auditFile(path, { key: Buffer.from(key) });
  await audit.write(recordOf());
  await rm(path);
  const error = await toolsetErrorOf(audit.write(recordOf()));
  await audit.write(recordOf());
  const wrong = await verifyAudit(path, { key: `${key}!` });
  expect(wrong.ok).toBe(false);
  expect(search.in([audit, error, wrong, inspect(audit), await readFile(path, "utf8")])).toEqual([]);
  await audit.close();
});
