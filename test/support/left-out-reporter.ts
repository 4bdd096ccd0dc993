import type { Reporter, TestModule } from "vitest/node";
import "./left-out.js";

/** Counts and names, after everything else that a run prints, the tests that could not be run on this machine. */
export class LeftOutReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const names = new Map<string, string[]>();
    for (const module of modules) {
      for (const test of module.children.allTests("skipped")) {
        const { leftOut } = test.meta();
        if (leftOut === undefined) continue;
        names.set(leftOut, [...(names.get(leftOut) ?? []), `${module.relativeModuleId} > ${test.fullName}`]);
      }
    }
    for (const [why, tests] of names) {
      const lines = [`Left out: ${tests.length} ${tests.length === 1 ? "test" : "tests"} (${why})`, ...tests];
      process.stdout.write(`${lines.join("\n  ")}\n`);
    }
  }
}
