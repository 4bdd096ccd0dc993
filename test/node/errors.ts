import { expect } from "vitest";
import { isToolsetError, type ToolsetError } from "../../src/errors/toolset-error.js";

// Like those of test/support/errors.ts, without the core entry, which takes longer to load than most tests here.

/** The error that something is rejected with, or throws, which must be one of this library's. */
export async function toolsetErrorOf(what: unknown): Promise<ToolsetError> {
  try {
    await (typeof what === "function" ? (what as () => unknown)() : what);
  } catch (error) {
    if (!isToolsetError(error)) throw error;
    return error;
  }
  return expect.unreachable("there was no error");
}
