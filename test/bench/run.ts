import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { run as backoff } from "./backoff.js";
import { run as guards } from "./guards.js";
import { run as mcp } from "./mcp.js";
import type { BenchCheck, BenchTable } from "./table.js";
import { run as tokens } from "./tokens.js";
import { run as toolOverhead } from "./tool-overhead.js";

// `npm run bench`: everything, side by side within this run; the numbers are ratios, so that machines compare.

const tables: BenchTable[] = [];
for (const bench of [tokens, toolOverhead, guards, mcp, backoff]) {
  const table = await bench();
  tables.push(table);
  console.log(`\n${inMarkdown(table)}`);
}

const head = [
  "# Benchmarks",
  "",
  "Written by `npm run bench`. Medians of several runs within one; the servers are processes of their own. Ideal",
  "time is (windows − 1) × window, plus two round trips a window and one for the cold probe.",
  "",
  `Node ${process.version}, ${availableParallelism()} cores.`,
  "",
].join("\n");
writeFileSync(new URL("./RESULTS.md", import.meta.url), `${head}\n${tables.map(inMarkdown).join("\n")}`);

const broken = tables.flatMap(({ checks }) => checks).filter((check) => !holds(check));
for (const { name, value, limit } of broken)
  console.error(`Over its bound: ${name}: ${value}, at most ${limit}.`);
process.exitCode = broken.length === 0 ? 0 : 1;

function holds({ value, limit }: BenchCheck): boolean {
  return value <= limit;
}

function inMarkdown({ title, rows, checks }: BenchTable): string {
  const columns = Object.keys(rows[0] ?? {});
  return [
    `## ${title}`,
    "",
    `| ${columns.join(" | ")} |`,
    `| ${columns.map(() => "---").join(" | ")} |`,
    ...rows.map((row) => `| ${columns.map((column) => String(row[column] ?? "")).join(" | ")} |`),
    "",
    ...checks.map((check) => {
      const value = Number.isInteger(check.value) ? check.value : check.value.toFixed(2);
      return `- ${check.name}: ${value} (at most ${check.limit})${holds(check) ? "" : " **over**"}`;
    }),
    "",
  ].join("\n");
}
