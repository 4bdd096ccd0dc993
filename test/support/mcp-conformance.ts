import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { TestContext } from "vitest";
import { useFolder } from "../node/temporary-folder.js";
import { leaveOut } from "./left-out.js";

/** How a scenario went: it passes where something was checked and nothing was complained of. */
export interface ScenarioEnd {
  readonly passes: boolean;
  /** What was complained of, warnings included. */
  readonly complaints: readonly string[];
}

interface Check {
  readonly id: string;
  readonly status: "SUCCESS" | "FAILURE" | "WARNING" | "INFO" | "SKIPPED";
  readonly errorMessage?: string;
}

const execute = promisify(execFile);
const suite = fileURLToPath(
  new URL("../../node_modules/@modelcontextprotocol/conformance/dist/index.js", import.meta.url),
);
/** The suite breaks off under Node 20. */
const neededNode = 22;

/** Runs every server scenario of the official conformance suite against a server, and tells how each went, by name. */
export async function runConformance(context: TestContext, url: string): Promise<Map<string, ScenarioEnd>> {
  const node = await nodeForSuite(context);
  const folder = await useFolder();
  const scenarios = await scenariosOf(node);
  // It ends with an error where any scenario fails; what counts are the files.
  await execute(node, [suite, "server", "--url", url, "--suite", "all", "--output-dir", folder]).catch(
    () => undefined,
  );
  const files = await readdir(folder);
  const ends = scenarios.map(async (scenario): Promise<[string, ScenarioEnd]> => {
    // Named by when they were written, too.
    const file = files.find((name) => new RegExp(`^server-${scenario}-\\d{4}-`).test(name));
    if (file === undefined) return [scenario, { passes: false, complaints: ["it was not run"] }];
    return [
      scenario,
      endOf(JSON.parse(await readFile(join(folder, file, "checks.json"), "utf8")) as Check[]),
    ];
  });
  return new Map(await Promise.all(ends));
}

function endOf(checks: readonly Check[]): ScenarioEnd {
  const complaints = checks
    .filter(({ status }) => status === "FAILURE" || status === "WARNING")
    .map(({ id, errorMessage }) => `${id}: ${errorMessage ?? "no reason was given"}`);
  return { passes: complaints.length === 0 && checks.some(({ status }) => status === "SUCCESS"), complaints };
}

async function scenariosOf(node: string): Promise<string[]> {
  const { stdout } = await execute(node, [suite, "list", "--server"]);
  return [...stdout.matchAll(/^ {2}- (\S+)/gm)].map(([, name]) => name!);
}

async function nodeForSuite(context: TestContext): Promise<string> {
  if (Number.parseInt(process.versions.node) >= neededNode) return process.execPath;
  try {
    const found = ["--yes", "--prefer-offline", "--package", `node@${neededNode}`, "--", "node"];
    const { stdout } = await execute("npx", [...found, "--print", "process.execPath"]);
    return stdout.trim();
  } catch {
    leaveOut(
      context,
      `the conformance suite needs Node ${neededNode}, from npm's registry or to run this test with`,
    );
  }
}
