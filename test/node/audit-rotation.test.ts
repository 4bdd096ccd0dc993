import { copyFile, readFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as fc from "fast-check";
import { auditFile, verifyAudit, type AuditLine } from "langchain-1password/node";
import { describe, expect, test } from "vitest";
import { toolsetErrorOf } from "./errors.js";
import { outcomeOf, recordOf } from "./records.js";
import { useFolder } from "./temporary-folder.js";

const key = "k".repeat(32);

const usePath = async () => join(await useFolder(), "audit.jsonl");

async function linesOf(path: string): Promise<AuditLine[]> {
  const text = await readFile(path, "utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as AuditLine);
}

/** A log of two records in each of three files, the oldest first. */
async function rotatedTwice() {
  const path = await usePath();
  const files = [`${path}.2`, `${path}.1`, path];
  await using audit = auditFile(path, { key });
  for (const to of files) {
    await audit.write(recordOf());
    await audit.write(recordOf());
    if (to !== path) await rename(path, to);
  }
  const verified = (paths: readonly string[] = files) => verifyAudit(paths, { key });
  return { path, files, verified };
}

describe("a log that was renamed under its writer", () => {
  test.each([
    ["and another was made in its place", (path: string) => writeFile(path, "", { mode: 0o640 })],
    ["and nothing was put in its place", () => Promise.resolve()],
    ["and compressed at once", (path: string) => rm(`${path}.1`)],
  ])("%s is seen by the next record, which names the last one", async (how, put) => {
    const path = await usePath();
    await using audit = auditFile(path, { key });
    await audit.write(recordOf());
    await audit.write(recordOf());
    const old = await linesOf(path);
    await rename(path, `${path}.1`);
    await copyFile(`${path}.1`, `${path}.copy`);
    if (how.includes("compressed")) await writeFile(path, "");
    await put(path);
    await audit.write(recordOf());
    await audit.write(recordOf());
    const [first, second] = await linesOf(path);
    const { writer, seq, hash } = old[1]!.chain;
    expect(first!.chain).toMatchObject({ seq: 0, follows: { writer, seq, hash } });
    expect(second!.chain).not.toHaveProperty("follows");
    expect(first!.chain.writer).not.toBe(writer);
    expect(await verifyAudit([`${path}.copy`, path], { key })).toEqual({
      ok: true,
      records: 4,
      danglingIntents: expect.any(Array) as unknown[],
      torn: [],
    });
    expect(await verifyAudit(path, { key })).toMatchObject({
      ok: true,
      records: 2,
      continues: [{ writer, seq, hash }],
    });
  });

  test("has lost no record, however many were written at once by however many writers", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.integer({ min: 0, max: 1 }), fc.constant("rotate" as const)), { maxLength: 12 }),
        fc.boolean(),
        async (steps, atOnce) => {
          const path = await usePath();
          const writers = [auditFile(path), auditFile(path)];
          const files: string[] = [];
          const writing: Promise<void>[] = [];
          let written = 0;
          for (const step of steps) {
            if (step === "rotate") {
              if (!atOnce) await Promise.all(writing);
              const to = `${path}.${files.length}`;
              const isThere = await rename(path, to).then(
                () => true,
                () => false,
              );
              if (isThere) files.push(to);
            } else {
              writing.push(writers[step]!.write(recordOf()));
              written += 1;
              if (!atOnce) await writing.at(-1);
            }
          }
          await Promise.all(writing);
          for (const writer of writers) await writer.close();
          const isThere = await readFile(path).then(
            () => true,
            () => false,
          );
          if (isThere) files.push(path);
          if (files.length === 0) return;
          const { ok, records, brokenAt, continues } = await verifyAudit(files);
          expect({ ok, records, brokenAt, continues }).toEqual({ ok: true, records: written });
        },
      ),
      { numRuns: 40 },
    );
  });

  test("is verified over its files: an intent in one, its outcome in the next", async () => {
    const path = await usePath();
    await using audit = auditFile(path);
    const intent = recordOf();
    await audit.write(intent);
    await rename(path, `${path}.1`);
    await audit.write(outcomeOf(intent));
    expect((await verifyAudit([`${path}.1`])).danglingIntents).toHaveLength(1);
    expect((await verifyAudit([`${path}.1`, path])).danglingIntents).toEqual([]);
  });
});

describe("of the files of a log", () => {
  test("all are accepted in their order, and the later ones by what they go on from", async () => {
    const { files, verified } = await rotatedTwice();
    expect(await verified()).toMatchObject({ ok: true, records: 6 });
    expect(await verified()).not.toHaveProperty("continues");
    expect(await verified(files.slice(1))).toMatchObject({ ok: true, records: 4, continues: [{ seq: 1 }] });
  });

  test.each<[string, (files: readonly string[]) => readonly string[], number, RegExp]>([
    ["a missing one", ([a, , c]) => [a!, c!], 1, /which is in no file before: one was left out/],
    ["another order", ([a, b, c]) => [a!, c!, b!], 1, /in no file before/],
    ["one given twice", ([a, b]) => [a!, b!, b!], 2, /was there already/],
  ])("%s is found", async (_what, chosen, broken, reason) => {
    const { files, verified } = await rotatedTwice();
    const given = chosen(files);
    expect(await verified(given)).toMatchObject({
      ok: false,
      brokenAt: { file: given[broken], line: 1, reason: expect.stringMatching(reason) as string },
    });
  });

  test("one whose end was cut off is found", async () => {
    const { files, verified } = await rotatedTwice();
    const text = await readFile(files[0]!, "utf8");
    await writeFile(files[0]!, text.slice(0, text.indexOf("\n") + 1));
    expect(await verified()).toMatchObject({ ok: false, records: 1, brokenAt: { file: files[1], line: 1 } });
    expect((await verified()).brokenAt?.reason).toMatch(
      /record 0 is the last one before: the end was cut off/,
    );
  });

  test("a record that was moved into the next one is found", async () => {
    const { files, verified } = await rotatedTwice();
    const [first, last] = (await readFile(files[0]!, "utf8")).split("\n");
    const next = await readFile(files[1]!, "utf8");
    await writeFile(files[0]!, `${first}\n`);
    for (const moved of [`${last}\n${next}`, `${next}${last}\n`]) {
      await writeFile(files[1]!, moved);
      expect(await verified()).toMatchObject({ ok: false, brokenAt: { file: files[1] } });
    }
  });

  test("an empty list is refused", async () => {
    expect((await toolsetErrorOf(verifyAudit([]))).text).toMatch(/^"path" is an empty list/);
  });
});

describe("a log that was emptied in place", () => {
  test.each([0, 1])("after a copy is not written to, with %i other records in it since", async (others) => {
    const path = await usePath();
    await using audit = auditFile(path, { key });
    await audit.write(recordOf());
    await copyFile(path, `${path}.1`);
    await truncate(path, 0);
    await using other = auditFile(path, { key });
    for (let n = 0; n < others; n += 1) await other.write(recordOf());
    const error = await toolsetErrorOf(audit.write(recordOf()));
    expect(error).toMatchObject({ code: "audit_unavailable", retryable: true });
    expect(error.text).toMatch(
      /was cut off or overwritten while it was open.*never by emptying it \("copytruncate"\)/,
    );
    expect(await linesOf(path)).toHaveLength(others);
    await audit.write(recordOf());
    expect((await linesOf(path)).at(-1)!.chain).toMatchObject({ seq: 0, follows: { seq: 0 } });
    expect(await verifyAudit([`${path}.1`, path], { key })).toMatchObject({ ok: true, records: 2 + others });
  });

  test("after a copy that came too early is found by what is missing", async () => {
    const path = await usePath();
    await using audit = auditFile(path, { key });
    await audit.write(recordOf());
    await copyFile(path, `${path}.1`);
    await audit.write(recordOf());
    await truncate(path, 0);
    await toolsetErrorOf(audit.write(recordOf()));
    await audit.write(recordOf());
    expect(await verifyAudit([`${path}.1`, path], { key })).toMatchObject({
      ok: false,
      brokenAt: { file: path, line: 1 },
    });
  });
});

test("a record that could not be handed on is told to onWarning, and is in the log once", async () => {
  const path = await usePath();
  const warnings: string[] = [];
  let handedOn = 0;
  const audit = auditFile(path, {
    onRecord: () => {
      handedOn += 1;
      throw new Error("the collector's password is hunter2");
    },
    onWarning: (message) => {
      warnings.push(message);
      throw new Error("nobody listens");
    },
  });
  await audit.write(recordOf());
  await audit.write(recordOf());
  await audit.close();
  expect(handedOn).toBe(2);
  expect(warnings).toHaveLength(2);
  expect(warnings[0]).toMatch(/^"onRecord" failed \(Error\) for record 0 of writer .* was not handed on\./);
  expect(warnings.join()).not.toContain("hunter2");
  expect(await verifyAudit(path)).toMatchObject({ ok: true, records: 2 });
});
