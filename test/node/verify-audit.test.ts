import { createHash } from "node:crypto";
import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  auditFile,
  verifyAudit,
  type AuditLine,
  type AuditRecord,
  type AuditVerification,
} from "langchain-1password/node";
import { toolsetErrorOf } from "./errors.js";
import { outcomeOf, recordOf } from "./records.js";
import { useFolder } from "./temporary-folder.js";

const someKey = "k7Pq-2mZx9.Rt4vW8yB1nC6dF3gH5jL0";

async function usePath(): Promise<string> {
  return join(await useFolder(), "audit.jsonl");
}

/**
 * The lines, with their newlines, of a log that three writers wrote in turn: a b a b, then a line that one who was
 * killed left half written, then c a c c.
 */
async function useLines(key: string | undefined): Promise<string[]> {
  const path = await usePath();
  const [a, b, c] = [auditFile(path, { key }), auditFile(path, { key }), auditFile(path, { key })];
  for (const writer of [a, b, a, b]) await writer.write(recordOf({ reason: "INC-1 Zoë 💥" }));
  await appendFile(path, '{"class_uid":3001,"class_na');
  for (const writer of [c, a, c, c]) await writer.write(recordOf());
  for (const writer of [a, b, c]) await writer.close();
  return (await readFile(path, "utf8")).split(/(?<=\n)/);
}

/** What a log with these bytes turns out to be. */
async function verified(
  path: string,
  bytes: Buffer | readonly string[],
  key?: string,
): Promise<AuditVerification> {
  await writeFile(path, Buffer.isBuffer(bytes) ? bytes : bytes.join(""));
  return verifyAudit(path, { key });
}

const seals: [name: string, key: string | undefined][] = [
  ["an unkeyed log", undefined],
  ["a keyed log", someKey],
];

describe.each(seals)("in %s", (_which, key) => {
  test("any byte that was changed is found, wherever it is", async () => {
    const [path, lines] = [await usePath(), await useLines(key)];
    const bytes = Buffer.from(lines.join(""));
    const anyChange = fc.record({ at: fc.nat(bytes.length - 1), by: fc.integer({ min: 1, max: 255 }) });
    const newlines = [...bytes.entries()].filter(([, byte]) => byte === 10).map(([at]) => ({ at, by: 1 }));
    await fc.assert(
      fc.asyncProperty(anyChange, async ({ at, by }) => {
        const changed = Buffer.from(bytes);
        changed[at]! ^= by;
        const changedLine = bytes.subarray(0, at).toString("latin1").split("\n").length;
        // Line 5 is accepted only because line 6 tells of it, and is no record.
        const line = changedLine === 6 ? 5 : changedLine;
        const { ok, records, brokenAt } = await verified(path, changed, key);
        expect({ ok, records, line: brokenAt?.line }).toEqual({
          ok: false,
          records: line - (line > 5 ? 2 : 1),
          line,
        });
      }),
      { numRuns: 80, examples: newlines.map((change) => [change]) },
    );
  });

  test("any line that was taken out is found, but for the last, which nothing comes after", async () => {
    const [path, lines] = [await usePath(), await useLines(key)];
    const without = (index: number) => lines.filter((_, each) => each !== index);
    for (const index of lines.keys()) {
      const { ok } = await verified(path, without(index), key);
      expect([index, ok]).toEqual([index, index === lines.length - 1]);
    }
  });

  test("lines that were taken out together are found, a whole chain too, but for those at the end", async () => {
    const [path, lines] = [await usePath(), await useLines(key)];
    const anyLines = fc.subarray([...lines.keys()], { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(anyLines, async (gone) => {
        const left = lines.filter((_, index) => !gone.includes(index));
        // The half written line has lost who tells of it.
        const isCutEnd = gone[0] === left.length && left.length !== 5;
        expect((await verified(path, left, key)).ok).toBe(isCutEnd);
      }),
      { numRuns: 30 },
    );
  });

  test("any two lines that were exchanged are found", async () => {
    const [path, lines] = [await usePath(), await useLines(key)];
    for (const one of lines.keys()) {
      for (let other = one + 1; other < lines.length; other += 1) {
        const exchanged = lines.with(one, lines[other]!).with(other, lines[one]!);
        const { ok, brokenAt } = await verified(path, exchanged, key);
        expect([one, other, ok, brokenAt!.line <= other + 1]).toEqual([one, other, false, true]);
      }
    }
  });

  test("any line that was repeated is found, wherever it was put", async () => {
    const [path, lines] = [await usePath(), await useLines(key)];
    for (const line of lines.keys()) {
      for (let to = 0; to <= lines.length; to += 1) {
        const repeated = lines.toSpliced(to, 0, lines[line]!);
        expect([line, to, (await verified(path, repeated, key)).ok]).toEqual([line, to, false]);
      }
    }
  });

  test.each([
    ["an empty line", "\n"],
    ["two empty lines", "\n\n"],
    ["something else", '{"class_uid":3001}\n'],
    ["a record without a chain", `${JSON.stringify(recordOf())}\n`],
  ])("%s that was put in is found, wherever it is", async (_what, line) => {
    const [path, lines] = [await usePath(), await useLines(key)];
    for (let to = 0; to <= lines.length; to += 1) {
      const { ok, brokenAt } = await verified(path, lines.toSpliced(to, 0, line), key);
      // What is put in beside the half written line may be taken for another, until its writer goes on in line 8.
      const until = to === 4 || to === 5 ? 10 : to + 2;
      expect(ok).toBe(false);
      expect(brokenAt!.line).toBeGreaterThanOrEqual(to);
      expect(brokenAt!.line).toBeLessThanOrEqual(until);
    }
  });

  test("something that was put in before a record on its line is found, but for the last", async () => {
    const [path, lines] = [await usePath(), await useLines(key)];
    for (const [index, line] of lines.entries()) {
      const { ok, records } = await verified(path, lines.with(index, `{"class${line}`), key);
      const isLast = index === lines.length - 1;
      // That one might have come onto the line of somebody who was killed.
      expect([index, ok]).toEqual([index, isLast]);
      if (isLast) expect(records).toBe(7);
    }
    const last = lines.at(-1)!;
    // A whole record is nothing that somebody left, and after one that was refused another chain begins.
    expect((await verified(path, lines.with(-1, lines[0]!.trimEnd() + last), key)).ok).toBe(false);
    expect((await verified(path, [...lines.with(-1, `{"class${last}`), last], key)).ok).toBe(false);
  });

  test("a chain that was put in from another log is found, unless nothing comes after", async () => {
    const [path, lines, others] = [await usePath(), await useLines(key), await useLines(key)];
    const chain = others.slice(0, 1);
    for (const to of [1, 2, 3, 5, 6]) {
      expect([to, (await verified(path, lines.toSpliced(to, 0, ...chain), key)).ok]).toEqual([to, false]);
    }
    expect((await verified(path, [...lines, ...chain], key)).ok).toBe(true);
  });
});

/** An unkeyed line that somebody changed and sealed again. */
function forged(line: string, change: (line: AuditLine) => object): string {
  const { chain, ...record } = change(JSON.parse(line) as AuditLine) as AuditLine;
  const { hash: _, ...place } = chain;
  const open = JSON.stringify({ ...record, chain: place });
  const hash = createHash("sha256").update(open).digest("hex");
  return `${open.slice(0, -2)},"hash":"${hash}"}}\n`;
}

describe("the reason says", () => {
  const aChange: [what: string, change: (lines: string[]) => string[], line: number, reason: RegExp][] = [
    [
      "that a record was changed",
      (lines) => lines.with(2, lines[2]!.replace("INC-1", "INC-2")),
      3,
      /^Its hash does not fit: it was changed\.$/,
    ],
    [
      "that a line is no record",
      (lines) => lines.with(2, lines[2]!.slice(1)),
      3,
      /^It is no whole record, and no later record says that it was found half written: it was changed or put in\.$/,
    ],
    [
      "which record of a chain is missing",
      (lines) => lines.toSpliced(7, 1),
      8,
      /^It is record 2 of writer [\w-]+, and record 1 was to come: that one was taken out or moved\.$/,
    ],
    [
      "that something is missing of which nobody knows any more",
      (lines) => lines.slice(1),
      1,
      /^It was written behind byte \d+ and stands at byte 0: something before it was taken out\.$/,
    ],
    [
      "that a record is there twice",
      (lines) => lines.toSpliced(1, 0, lines[0]!),
      2,
      /^It is record 0 of writer [\w-]+, which was there already: it was repeated or moved\.$/,
    ],
    [
      "that the record before was exchanged",
      (lines) =>
        lines.with(
          2,
          forged(lines[2]!, (line) => ({ ...line, time: line.time + 1 })),
        ),
      7,
      /^It is record 2 of writer [\w-]+, and does not follow the one before: that one was exchanged\.$/,
    ],
    [
      "that a record of another chain was put in",
      (lines) =>
        lines.toSpliced(
          7,
          0,
          forged(lines[0]!, (line) => ({ ...line, chain: { ...line.chain, writer: "x" } })),
        ),
      10,
      /^It was written behind byte \d+, within the record before it: something was put in before that one\.$/,
    ],
    [
      "that what a record found half written is not there",
      (lines) => {
        const missing = { at: 0, bytes: 9, sha256: "0".repeat(64) };
        const torn = ({ chain }: AuditLine) => [...chain.torn!, missing];
        return lines.with(
          5,
          forged(lines[5]!, (line) => ({ ...line, chain: { ...line.chain, torn: torn(line) } })),
        );
      },
      6,
      /^It found 9 bytes half written at byte 0, and they are not there: they were changed or taken out\.$/,
    ],
    [
      "that an empty line was put in",
      (lines) => lines.toSpliced(2, 0, "\n"),
      3,
      /^It is empty: it was put in\.$/,
    ],
    [
      "that a record goes on behind its end",
      (lines) => lines.with(8, lines[8]!.replace("\n", "x")),
      9,
      /^It has no newline, and is not half written: it was changed\.$/,
    ],
    [
      "that a line is too long",
      (lines) => lines.with(4, "x".repeat(2 ** 22)),
      5,
      /^It is longer than any record\.$/,
    ],
  ];

  test.each(aChange)("%s", async (_what, change, line, reason) => {
    const result = await verified(await usePath(), change(await useLines(undefined)));
    expect(result).toMatchObject({
      ok: false,
      brokenAt: { line, reason: expect.stringMatching(reason) as string },
    });
  });

  test.each([
    ["a key is missing", someKey, undefined, /^It is sealed with a key\. Give that "key" to verify it\.$/],
    [
      "a key is another",
      someKey,
      `${someKey}!`,
      /^Its hash does not fit: it was changed, or sealed with another key\.$/,
    ],
    [
      "there is no key",
      undefined,
      someKey,
      /^It is not sealed with a key, and one was given\. Leave "key" out if/,
    ],
  ])("that %s", async (_what, written, read, reason) => {
    const result = await verified(await usePath(), await useLines(written), read);
    expect(result).toMatchObject({ ok: false, records: 0 });
    expect(result.brokenAt).toMatchObject({ line: 1, reason: expect.stringMatching(reason) as string });
  });
});

describe("a log", () => {
  test("that nothing was written to verifies", async () => {
    expect(await verified(await usePath(), [])).toEqual({
      ok: true,
      records: 0,
      danglingIntents: [],
      torn: [],
    });
  });

  test("verifies with its key as text or as bytes", async () => {
    const lines = await useLines(someKey);
    const path = await usePath();
    await writeFile(path, lines.join(""));
    expect(await verifyAudit(path, { key: Buffer.from(someKey) })).toMatchObject({ ok: true, records: 8 });
  });

  test("that is cut anywhere verifies up to there: nothing that is left knows of more", async () => {
    const [path, lines] = [await usePath(), await useLines(someKey)];
    const [bytes, halfWritten] = [Buffer.from(lines.join("")), Buffer.from(lines.slice(0, 5).join(""))];
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length), async (length) => {
        const left = bytes.subarray(0, length);
        // Somebody who is killed leaves more than a newline behind.
        fc.pre(!left.equals(halfWritten));
        const whole = left
          .toString()
          .split("\n")
          .filter((line) => lines.includes(`${line}\n`) && line.endsWith("}"));
        expect(await verified(path, left, someKey)).toMatchObject({ ok: true, records: whole.length });
      }),
      { numRuns: 30 },
    );
  });

  test("that is longer than what is read at once verifies, and a change in it is found", async () => {
    const path = await usePath();
    const audit = auditFile(path);
    const reason = "x".repeat(10_000);
    await Promise.all(Array.from({ length: 400 }, () => audit.write(recordOf({ reason }))));
    await audit.close();
    expect(await verifyAudit(path)).toMatchObject({ ok: true, records: 400 });
    const lines = (await readFile(path, "utf8")).split(/(?<=\n)/);
    const changed = await verified(path, lines.with(299, lines[299]!.replace("xx", "xy")));
    expect(changed).toMatchObject({ ok: false, records: 299, brokenAt: { line: 300 } });
  });

  test("tells of intents without an outcome, whoever wrote the outcome", async () => {
    const path = await usePath();
    const intents = [recordOf(), recordOf(), recordOf()];
    await using one = auditFile(path);
    await using other = auditFile(path);
    for (const intent of intents) await one.write(intent);
    await other.write(outcomeOf(intents[1]!));
    await one.write(recordOf({ phase: "decision" }));
    const told = ({ metadata, time, user, unmapped }: AuditRecord) => ({
      uid: metadata.uid,
      call: unmapped.call,
      operation: "suspend",
      userId: user!.uid,
      time,
    });
    const { ok, danglingIntents } = await verifyAudit(path);
    expect({ ok, danglingIntents }).toEqual({
      ok: true,
      danglingIntents: [told(intents[0]!), told(intents[2]!)],
    });
  });

  test("that two were killed over one after another verifies, before somebody writes to it again and after", async () => {
    const path = await usePath();
    const lines = (await useLines(undefined)).slice(0, 4);
    const torn = [
      { line: 5, bytes: 12 },
      { line: 6, bytes: 13 },
    ];
    expect(await verified(path, [...lines, '{"class_uid"\n{"class_uid":'])).toMatchObject({
      ok: true,
      records: 4,
      torn,
    });
    await using audit = auditFile(path);
    await audit.write(recordOf());
    expect(await verifyAudit(path)).toMatchObject({ ok: true, records: 5, torn });
  });

  test("whose last whole line was changed is broken, also when it ends with one that is half written and goes on", async () => {
    const [path, lines] = [await usePath(), (await useLines(undefined)).slice(0, 4)];
    const last = Buffer.from(lines[3]!);
    // The newline apart: changed, it makes one line of two.
    const anyChange = fc.record({ at: fc.nat(last.length - 2), by: fc.integer({ min: 1, max: 255 }) });
    const behindHash = Array.from({ length: 20 }, (_, n) => ({ at: last.length - 2 - n, by: 1 }));
    const beforeHash = Array.from({ length: 10 }, (_, n) => ({ at: last.length - 68 - n, by: 1 }));
    const intoNewline = [2, 5, 40].map((n) => ({ at: last.length - n, by: last.at(-n)! ^ 10 }));
    await fc.assert(
      fc.asyncProperty(anyChange, async ({ at, by }) => {
        const changed = Buffer.from(last);
        changed[at]! ^= by;
        const bytes = [Buffer.from(lines.slice(0, 3).join("")), changed, Buffer.from('{"class')];
        const broken = { ok: false, records: 3, brokenAt: { line: 4 } };
        expect(await verified(path, Buffer.concat(bytes))).toMatchObject(broken);
        await using audit = auditFile(path);
        await audit.write(recordOf());
        expect(await verifyAudit(path)).toMatchObject(broken);
      }),
      { numRuns: 45, examples: [...behindHash, ...beforeHash, ...intoNewline].map((change) => [change]) },
    );
  });

  test("that cannot be read is no verdict, but an error", async () => {
    const path = await usePath();
    const error = await toolsetErrorOf(verifyAudit(path));
    expect(error).toMatchObject({ code: "audit_unavailable", retryable: false });
    expect(error.text).toBe(
      `The audit log "${path}" cannot be read (ENOENT). Check the path, and that this process may read it.`,
    );
    expect((await toolsetErrorOf(verifyAudit(join(path, "..")))).text).toContain("(EISDIR)");
    expect((await toolsetErrorOf(verifyAudit(path, { keys: "x" } as object))).code).toBe("invalid_argument");
  });
});
