/**
 * Sums what Vitest's JSON reporter wrote, given the files: prints `N passed, N failed`. A test that was in several
 * runs counts once, as failed if it failed in any. A file that could not be run, or a report that is missing,
 * counts as one failure. Before that it names the tests that were left out, and what they would have needed.
 */
import { readFileSync } from "node:fs";

/** @typedef {{ fullName: string, status: string, meta: { leftOut?: string } }} TestResult */
/** @typedef {{ name: string, status: string, assertionResults: TestResult[] }} TestFile */

/** @type {Map<string, boolean>} */
const passed = new Map();
/** @type {Set<string>} */
const leftOut = new Set();
for (const report of process.argv.slice(2)) {
  for (const { name, status, assertionResults } of testFilesIn(report)) {
    /** @type {Map<string, number>} */
    const namesakes = new Map();
    for (const test of assertionResults) {
      if (test.meta.leftOut !== undefined) leftOut.add(`${test.fullName} (${test.meta.leftOut})`);
      if (test.status !== "passed" && test.status !== "failed") continue;
      const count = namesakes.get(test.fullName) ?? 0;
      namesakes.set(test.fullName, count + 1);
      record(`${name}\n${test.fullName}\n${count}`, test.status === "passed");
    }
    const hasFailedTest = assertionResults.some((test) => test.status === "failed");
    if (status === "failed" && !hasFailedTest) record(name, false);
  }
}
if (leftOut.size > 0) console.log([`Left out: ${leftOut.size}`, ...leftOut].join("\n  "));
const failures = [...passed.values()].filter((isPassed) => !isPassed).length;
console.log(`${passed.size - failures} passed, ${failures} failed`);

/**
 * @param {string} key
 * @param {boolean} isPassed
 */
function record(key, isPassed) {
  passed.set(key, isPassed && (passed.get(key) ?? true));
}

/**
 * @param {string} report
 * @returns {TestFile[]}
 */
function testFilesIn(report) {
  try {
    /** @type {unknown} */
    const read = JSON.parse(readFileSync(report, "utf8"));
    return /** @type {{ testResults: TestFile[] }} */ (read).testResults;
  } catch {
    return [{ name: report, status: "failed", assertionResults: [] }];
  }
}
