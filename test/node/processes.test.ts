import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import { auditFile, verifyAudit } from "langchain-1password/node";
import { useChildren } from "./children.js";
import { recordOf } from "./records.js";
import { useFolder } from "./temporary-folder.js";

test("eight processes write to one log at once", async () => {
  const [path, startChild] = [join(await useFolder(), "audit.jsonl"), await useChildren()];
  const children = Array.from({ length: 8 }, () => startChild(path, "write many"));
  await Promise.all(children.map((child) => child.tells()));
  for (const child of children) child.start();
  expect(await Promise.all(children.map(({ ended }) => ended))).toEqual(Array(8).fill(0));
  expect(await verifyAudit(path)).toMatchObject({ ok: true, records: 400, torn: [] });
});

test.each([
  ["at any time", ["write until killed"], 4, 0],
  ["in the middle of a record", ["be killed half way", "0.3"], 5, 5],
])(
  "what was recorded is in the log when processes are killed %s, and the log goes on",
  async (_when, task, rounds, torn) => {
    const [path, startChild] = [join(await useFolder(), "audit.jsonl"), await useChildren()];
    const recorded: unknown[] = [];
    for (let n = 0; n < rounds; n += 1) {
      const children = [startChild(path, ...task), startChild(path, ...task)];
      await Promise.all(children.map((child) => child.tells()));
      if (task.length === 1) {
        await wait(Math.random() * 10);
        for (const child of children) child.kill();
      }
      expect(await Promise.all(children.map(({ ended }) => ended))).toEqual(["SIGKILL", "SIGKILL"]);
      recorded.push(...children.flatMap(({ told }) => told));
      expect(await verifyAudit(path)).toMatchObject({ ok: true });
    }
    const result = await verifyAudit(path);
    const uids = new Set<unknown>(result.danglingIntents.map(({ uid }) => uid));
    expect({ ok: result.ok, lost: recorded.filter((uid) => !uids.has(uid)) }).toEqual({ ok: true, lost: [] });
    expect(recorded.length).toBeGreaterThanOrEqual(2 * rounds);
    expect(result.torn.length).toBeGreaterThanOrEqual(torn);
  },
);

test("a disk that has no more room refuses records, and the log goes on when there is room again", async () => {
  const [path, startChild] = [join(await useFolder(), "audit.jsonl"), await useChildren(9)];
  const child = startChild(path, "write until refused");
  expect(await child.ended).toBe(0);
  const written = child.told.filter((what) => what === "written").length;
  const text = (code: string) =>
    `A record could not be written to the audit log "${path}" (${code}). There is no room for it: make some, then try again.`;
  // The first was written in part, the second not at all.
  expect(child.told.slice(written)).toEqual([
    { code: "audit_unavailable", text: text("ENOSPC"), cause: "ENOSPC" },
    { code: "audit_unavailable", text: text("EFBIG"), cause: "EFBIG" },
  ]);
  const line = written + 1;
  const bytes = (await readFile(path, "utf8")).split("\n")[written]!.length;
  const torn = [{ line, bytes }];
  expect(await verifyAudit(path)).toMatchObject({ ok: true, records: written, torn });
  await using audit = auditFile(path);
  await audit.write(recordOf());
  expect(await verifyAudit(path)).toMatchObject({ ok: true, records: written + 1, torn });
});
