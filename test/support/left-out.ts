import type { TestContext } from "vitest";

declare module "vitest" {
  interface TaskMeta {
    /** Why the test could not be run here: what is missing, and how to get it. */
    leftOut?: string;
  }
}

/** Ends the test that is running without a result. The end of the run counts it and tells its name and why. */
export function leaveOut({ task, skip }: TestContext, why: string): never {
  task.meta.leftOut = why;
  return skip(why);
}
