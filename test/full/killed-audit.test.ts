import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, test } from "vitest";
import { verifyAudit, type AuditLine } from "langchain-1password/node";
import { startSandbox } from "../../src/sandbox/index.js";
import { killPoints, type KillPoint } from "../durable/kill-points.js";

const people = 200;
const script = fileURLToPath(new URL("../durable/killed-audit.ts", import.meta.url));
const tsx = ["--import", "tsx"];

/** Runs the audit in a process of its own; `afterMs` kills it from outside, whatever it does then. */
function audit(
  order: object,
  afterMs?: number,
): Promise<{ signal: string | null; out: string; errors: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...tsx, script, JSON.stringify(order)], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [out, errors] = ["", ""];
    child.stdout.on("data", (data: Buffer) => (out += data.toString()));
    child.stderr.on("data", (data: Buffer) => (errors += data.toString()));
    const timer = afterMs === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), afterMs);
    child.once("error", reject);
    child.once("close", (_code, signal) => {
      clearTimeout(timer);
      resolve({ signal, out, errors });
    });
  });
}

type Case = [
  where: string,
  kill: { point: KillPoint; person: number } | undefined,
  afterMs: number | undefined,
];

const named = killPoints.map((point, index): Case => [
  point,
  { point, person: 1 + ((index * 17) % people) },
  undefined,
]);
// From the first requests to the last, wherever the process is by then.
const anywhere = Array.from({ length: 13 }, (_, index): Case => {
  const afterMs = 700 + index * 170;
  return [`${afterMs} ms after its start`, undefined, afterMs];
});

describe.concurrent(
  "an audit with fix of 200 people, killed and run again, ends the same",
  { timeout: 120_000 },
  () => {
    test.for([...named, ...anywhere])(
      "killed at %s",
      async ([, kill, afterMs], { expect, onTestFinished }) => {
        const folder = await mkdtemp(join(tmpdir(), "killed-audit-"));
        onTestFinished(() => rm(folder, { recursive: true, force: true }));
        const path = join(folder, "audit.jsonl");
        await using sandbox = await startSandbox({
          users: Array.from({ length: people }, (_, index) => ({ email: `leaver.${index}@example.com` })),
        });
        const { baseUrl, accountId, clientId, clientSecret } = sandbox;
        const order = {
          credentials: { baseUrl, accountId, clientId, clientSecret },
          path,
          emails: sandbox.users.map(({ email }) => email),
        };
        const first = await audit({ ...order, ...(kill === undefined ? {} : { kill }) }, afterMs);
        if (kill !== undefined) expect(first, first.errors).toMatchObject({ signal: "SIGKILL" });

        const second = await audit(order);
        expect(second.errors).toBe("");
        expect(JSON.parse(second.out)).toEqual({ stopped: null });
        expect(sandbox.users.filter(({ state }) => state !== "SUSPENDED")).toEqual([]);

        const verified = await verifyAudit(path);
        expect(verified).toMatchObject({ ok: true });
        const lines = (await readFile(path, "utf8")).split("\n").flatMap((line) => {
          try {
            return [JSON.parse(line) as AuditLine];
          } catch {
            // The torn one, which `verifyAudit` has told of.
            return [];
          }
        });
        const of = (phase: string, id: string) =>
          lines.filter(({ user, unmapped }) => unmapped.phase === phase && user?.uid === id);
        let dangling = 0;
        for (const { id } of sandbox.users) {
          const writes = sandbox.requests.filter(({ path: sent }) => sent.endsWith(`${id}:suspend`));
          const [intents, outcomes] = [of("intent", id), of("outcome", id)];
          // Every write accounted for: an intent for each, and an outcome but for the one that was cut off.
          expect(intents.length, `intents of ${id}`).toBeGreaterThanOrEqual(writes.length);
          expect(intents.length - outcomes.length, `cut off for ${id}`).toBeLessThanOrEqual(1);
          dangling += intents.length - outcomes.length;
          const changes = outcomes.filter(({ unmapped }) => unmapped.changed === true);
          expect(changes.length, `changes of ${id}`).toBeLessThanOrEqual(1);
          expect(writes.length, `writes of ${id}`).toBe(1);
        }
        expect(dangling).toBeLessThanOrEqual(1);
        expect(verified.danglingIntents).toHaveLength(dangling);
      },
    );
  },
);
