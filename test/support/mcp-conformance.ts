import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { TestContext } from "vitest";
import { useFolder } from "../node/temporary-folder.js";
import { leaveOut } from "./left-out.js";

/** A release of the official suite, and which of its scenarios are run. */
export interface ConformanceSuite {
  /** The package that it is installed as. */
  readonly name: string;
  /** The revision whose scenarios are run; all scenarios without it, each in a revision that it is made for. */
  readonly revision?: string;
}

/** How a scenario went: it passes where something was checked and nothing was complained of. */
export interface ScenarioEnd {
  readonly passes: boolean;
  /** What was complained of, warnings included. */
  readonly complaints: readonly Complaint[];
}

/** What a scenario complains of. */
export interface Complaint {
  /** The check's name. */
  readonly check: string;
  readonly message: string;
}

interface Check {
  readonly id: string;
  readonly status: "SUCCESS" | "FAILURE" | "WARNING" | "INFO" | "SKIPPED";
  readonly errorMessage?: string;
}

const execute = promisify(execFile);
/** The suite breaks off under Node 20. */
const neededNode = 22;
/** The check of every message's form: it says nothing of what a scenario is about, and holds in each. */
export const formCheck = "wire-schema-valid";

/** Runs every server scenario of a conformance suite against a server, and tells how each went, by name. */
export async function runConformance(
  context: TestContext,
  { name, revision }: ConformanceSuite,
  url: string,
): Promise<Map<string, ScenarioEnd>> {
  const node = await nodeForSuite(context);
  const folder = await useFolder();
  const entry = fileURLToPath(new URL(`../../node_modules/${name}/dist/index.js`, import.meta.url));
  const chosen = revision === undefined ? [] : ["--spec-version", revision];
  const scenarios = await scenariosOf(node, [entry, "list", "--server", ...chosen]);
  const run = [entry, "server", "--url", url, "--suite", "all", ...chosen, "--output-dir", folder];
  // It ends with an error where any scenario fails; what counts are the files.
  await execute(node, run).catch(() => undefined);
  const files = await readdir(folder);
  const ends = scenarios.map(async (scenario): Promise<[string, ScenarioEnd]> => {
    // Named by when they were written, too.
    const file = files.find((name) => new RegExp(`^server-${scenario}-\\d{4}-`).test(name));
    if (file === undefined) {
      return [scenario, { passes: false, complaints: [{ check: scenario, message: "it was not run" }] }];
    }
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
    .map(({ id, errorMessage = "no reason was given" }) => ({ check: id, message: errorMessage }));
  const isChecked = checks.some(({ id, status }) => status === "SUCCESS" && id !== formCheck);
  return { passes: complaints.length === 0 && isChecked, complaints };
}

async function scenariosOf(node: string, list: readonly string[]): Promise<string[]> {
  const { stdout } = await execute(node, list);
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
