import { open } from "node:fs/promises";
import { systemCode } from "./system-code.js";

/** What a file system answers that cannot sync folders, as some on a network. PostgreSQL goes on there, too. */
const cannotSync: readonly (string | undefined)[] = ["EBADF", "EINVAL", "ENOTSUP"];

/** Makes a folder's entries durable: a file that was synced is lost with the power all the same if its name was not. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows opens no folders.
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } catch (error) {
    if (!cannotSync.includes(systemCode(error))) throw error;
  } finally {
    await handle.close();
  }
}
