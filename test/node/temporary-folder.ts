import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A folder for the test that is running, removed afterwards. */
export async function useFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "node-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
