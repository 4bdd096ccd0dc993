import { appendFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { auditFile, verifyAudit, type AuditRecord } from "langchain-1password/node";
import { recordOf } from "./records.js";
import { useFolder } from "./temporary-folder.js";

/** Any records, their texts being anybody's. */
const anyRecord: fc.Arbitrary<AuditRecord> = fc
  .record({
    phase: fc.constantFrom("intent", "outcome", "decision"),
    reason: fc.string({ unit: "binary", maxLength: 80 }),
    thread: fc.string({ unit: "grapheme", maxLength: 20 }),
  })
  .map((facts) => recordOf(facts));

/** What happens to a log that three writers share. */
type Step =
  | { readonly do: "write"; readonly writer: number; readonly records: readonly AuditRecord[] }
  | { readonly do: "reopen"; readonly writer: number }
  | { readonly do: "tear"; readonly piece: string };

const writer = fc.nat(2);
const records = fc.array(anyRecord, { minLength: 1, maxLength: 3 });
const piece = fc.string({ unit: "grapheme" }).map((text) => JSON.stringify({ text }).slice(0, -1));
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("write"), writer, records }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("reopen"), writer }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("tear"), piece }) },
);

/** Does it all to a new file; how many records and torn lines it must have then. */
async function play(path: string, steps: readonly Step[], key: string | undefined) {
  const open = () => auditFile(path, { key });
  const writers = [open(), open(), open()];
  let writing: Promise<void>[] = [];
  const written = { records: 0, torn: 0 };
  let isTorn = false;
  await writeFile(path, "");
  for (const step of steps) {
    switch (step.do) {
      case "write":
        writing.push(...step.records.map((record) => writers[step.writer]!.write(record)));
        written.records += step.records.length;
        isTorn = false;
        break;
      case "reopen":
        await writers[step.writer]!.close();
        writers[step.writer] = open();
        break;
      case "tear":
        await Promise.all(writing);
        writing = [];
        await appendFile(path, step.piece);
        // Two pieces on end are one line.
        if (!isTorn) written.torn += 1;
        isTorn = true;
    }
  }
  await Promise.all([...writing, ...writers.map((each) => each.close())]);
  return written;
}

test.each([
  ["without a key", undefined],
  ["with a key", "k7Pq-2mZx9.Rt4vW8yB1nC6dF3gH5jL0"],
])("a log %s verifies, whoever writes to it, is killed or comes back", async (_which, key) => {
  const folder = await useFolder();
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const path = join(folder, `${(runs += 1)}.jsonl`);
      const { records, torn } = await play(path, steps, key);
      const result = await verifyAudit(path, { key });
      expect({ ...result, torn: result.torn.length }).toMatchObject({ ok: true, records, torn });
    }),
    { numRuns: 40 },
  );
});
