import { expect } from "vitest";
import { isToolsetError, type ToolsetError } from "langchain-1password";

/** The error that a promise is rejected with, which must be one of this library's. */
export async function toolsetErrorOf(promise: Promise<unknown>): Promise<ToolsetError> {
  try {
    await promise;
  } catch (error) {
    if (!isToolsetError(error)) throw error;
    return error;
  }
  return expect.unreachable("it was not rejected");
}

/** The same for what throws at once. */
export function thrownBy(run: () => unknown): ToolsetError {
  try {
    run();
  } catch (error) {
    if (!isToolsetError(error)) throw error;
    return error;
  }
  return expect.unreachable("it did not throw");
}
