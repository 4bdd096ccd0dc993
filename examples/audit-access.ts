import type { WriteStream } from "node:tty";
import { auditAccess, ToolManager, type AuditAccessReport, type ToolsetEvent } from "langchain-1password";
import { startSandbox, type Sandbox } from "langchain-1password/sandbox";

/** A list of leavers against an account of 2,500 people, and one live line that shows how far it is. */
export async function main(): Promise<void> {
  const rateLimit = { limit: 20, windowMs: 2000, headers: "draft-6" } as const;
  await using sandbox = await startSandbox({ users: 2500, rateLimit });
  await using manager = new ToolManager({ ...sandbox, backoff: true, protect: ["m.scott@example.com"] });
  const csv = leaversOf(sandbox);
  console.log(
    `A list of ${csv.split("\n").length - 1} leavers, ${rateLimit.limit} requests every 2 s allowed:`,
  );

  const line = liveLine(process.stdout);
  const report = await auditAccess(
    manager,
    { csv, fix: true, reason: "leavers of October" },
    { writer: (event) => line.show(event) },
  );
  line.end();
  for (const told of reportLines(report)) console.log(told);
}

/** Some who are suspended already, some thirty who are not, and what lists have beside that. */
function leaversOf({ users }: Sandbox): string {
  const gone = users.filter(({ state }) => state === "SUSPENDED").slice(0, 20);
  const here = users.filter(({ state, role }) => state === "ACTIVE" && role === "member").slice(0, 30);
  const emails = [...gone, ...here].map(({ email }) => email);
  const odd = ["m.scott@example.com", "nobody@example.com", "ask Dwight", gone[0]?.email ?? ""];
  return ["Email;State", ...[...emails, ...odd].map((email) => `${email};suspended`)].join("\n");
}

function reportLines({ rows, counts, drift, fixes, stopped }: AuditAccessReport): string[] {
  const exceptions = rows.flatMap(({ line, given, finding, fix, why, firstLine }) => {
    if (finding === "as_expected" || fix?.outcome === "changed") return [];
    const told = fix?.code ?? why ?? (firstLine === undefined ? "" : `first on line ${firstLine}`);
    return [`  line ${line}: ${given}, ${fix?.outcome ?? finding}${told === "" ? "" : ` (${told})`}`];
  });
  return [
    `${rows.length} lines: ${counts.as_expected} were as expected, ${drift} had drifted, ${fixes?.changed ?? 0} were changed.`,
    ...(stopped === undefined ? [] : [`Stopped by ${stopped.code}: ${stopped.why}`]),
    ...exceptions,
  ];
}

/** Shows events on one line that is written over; where there is no terminal, some of them on lines of their own. */
function liveLine(output: WriteStream): { show: (event: ToolsetEvent) => void; end: () => void } {
  const start = performance.now();
  let [people, writes, waits, waitedMs] = [0, 0, 0, 0];
  return {
    show(event) {
      if (event.type === "page") people = event.people;
      else if (event.type === "write") writes += 1;
      else [waits, waitedMs] = [waits + 1, waitedMs + event.waitMs];
      const now =
        event.type === "wait" ? `waits ${(event.waitMs / 1000).toFixed(1)} s (${event.reason})` : "";
      const seconds = `${((performance.now() - start) / 1000).toFixed(1)} s`.padStart(7);
      const told = `${seconds}  ${people} people read, ${writes} changed  ${now}`;
      if (output.isTTY) output.write(`\r${told.slice(0, Math.max(40, output.columns) - 1)}\u001b[K`);
      else if (event.type === "page" || (event.type === "write" && writes % 10 === 0))
        console.log(told.trimEnd());
    },
    end() {
      if (output.isTTY) output.write("\r\u001b[K");
      console.log(
        `${people} people read, ${waits} waits for the rate limit, ${(waitedMs / 1000).toFixed(1)} s in all.`,
      );
    },
  };
}
