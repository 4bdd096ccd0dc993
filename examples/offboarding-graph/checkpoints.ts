import { join } from "node:path";
import type { BaseCheckpointSaver } from "@langchain/langgraph";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import { SqliteSaver } from "@langchain/langgraph-checkpoint-sqlite";
import type { Settings } from "./settings.js";

/** Where threads are kept, and how to let go of it. */
export interface Checkpoints {
  readonly checkpointer: BaseCheckpointSaver;
  close(): Promise<void>;
}

/** Opens the PostgreSQL database of the settings, or a SQLite file in their folder. */
export async function openCheckpoints({
  databaseUrl,
  folder,
}: Pick<Settings, "databaseUrl" | "folder">): Promise<Checkpoints> {
  if (databaseUrl !== undefined) {
    const checkpointer = PostgresSaver.fromConnString(databaseUrl);
    await checkpointer.setup();
    return { checkpointer, close: () => checkpointer.end() };
  }
  const checkpointer = SqliteSaver.fromConnString(join(folder, "checkpoints.sqlite"));
  return {
    checkpointer,
    close: () => {
      // Its types are a package of their own.
      (checkpointer.db as { close(): void }).close();
      return Promise.resolve();
    },
  };
}
