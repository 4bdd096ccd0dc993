import { open } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { isToolsetError, ToolsetError } from "../errors/toolset-error.js";
import type { McpServerRecord, McpServerStore } from "../mcp/servers/server-store.js";
import { checkPath } from "./check-path.js";
import { recordsOfText, textOfRecords } from "./file-mcp-server-records.js";
import { replaceFile } from "./file-mcp-server-replacement.js";
import { systemCode } from "./system-code.js";

/** The servers of a file, and what the file looked like when they were read. */
interface Content {
  readonly version: string;
  readonly servers: readonly McpServerRecord[];
}

const empty: Content = { version: "none", servers: [] };

/**
 * Keeps the MCP servers that were handed out in one JSON file, for all processes on a machine that are given its
 * path. It holds hashes of tokens, no token. What another process changes is seen at the next look.
 *
 * The file is made with mode 0600 by the first server; the folder must exist, on a local file system. Each change
 * writes the whole file anew beside the old one and renames it, so that it is never half written: meant for hundreds
 * of servers, not for tens of thousands. Changes wait for each other; what a process that was killed in the middle of
 * one leaves behind, `<path>.lock`, is removed after ten seconds. A process that sleeps for longer than that between
 * its last look at the lock and the rename, which follow each other at once, undoes what was changed meanwhile: give
 * a database by `McpServerStore` where that matters, or where servers are in several places.
 *
 * Its methods throw a `ToolsetError`: `invalid_argument` for a file that is not one of its own or that others may
 * write to, `server_error` when it cannot be read or written.
 *
 * @param path - the file's path
 * @throws {@link ToolsetError} `invalid_argument` when that is no text
 *
 * @example
 * ```ts
 * const store = fileMcpServerStore("/var/lib/onepassword-mcp/servers.json");
 * const servers = createMcpServers(manager, { store, adminToken, publicUrl: "https://mcp.example.com" });
 * ```
 */
export function fileMcpServerStore(path: string): McpServerStore {
  checkPath("path", path);
  const file = resolve(path);
  let content = empty;
  let changes: Promise<unknown> = Promise.resolve();

  const read = () =>
    namingFile(file, async () => {
      content = await readContent(file, content);
      return content.servers;
    });

  /** One change after the other, so that this process does not compete with itself for the lock. */
  function change(edit: (servers: readonly McpServerRecord[]) => readonly McpServerRecord[] | undefined) {
    const run = () =>
      namingFile(file, () =>
        replaceFile(file, async () => {
          const edited = edit(await read());
          return edited === undefined ? undefined : textOfRecords(edited);
        }),
      );
    const changed = changes.then(run, run);
    changes = changed.catch(() => undefined);
    return changed;
  }

  return {
    async create(record) {
      await change((servers) => {
        if (!servers.some(({ id, token_hash }) => id === record.id || token_hash === record.token_hash)) {
          return [...servers, record];
        }
        throw new ToolsetError(
          "invalid_argument",
          `There is a server "${record.id}" already. Give another id.`,
        );
      });
    },
    get: async (id) => (await read()).find((record) => record.id === id),
    getByTokenHash: async (hash) => (await read()).find((record) => record.token_hash === hash),
    list: read,
    async delete(id) {
      let wasThere = false;
      await change((servers) => {
        const others = servers.filter((record) => record.id !== id);
        wasThere = others.length < servers.length;
        return wasThere ? others : undefined;
      });
      return wasThere;
    },
  };
}

/** The file's content: the one that is known, where it has not been replaced since. */
async function readContent(path: string, known: Content): Promise<Content> {
  let handle;
  try {
    handle = await open(path, "r");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return empty;
    throw error;
  }
  try {
    const { ino, size, mtimeNs, mode } = await handle.stat({ bigint: true });
    if (process.platform !== "win32" && (mode & 0o022n) !== 0n) {
      throw new ToolsetError(
        "invalid_argument",
        `Others may write to "${path}", and hand out servers by it. Take that right away: chmod 600.`,
      );
    }
    const version = [ino, size, mtimeNs].join(" ");
    if (version === known.version) return known;
    const servers = recordsOfText(await handle.readFile("utf8"));
    if (servers !== undefined) return { version, servers };
    throw new ToolsetError(
      "invalid_argument",
      `"${path}" is not a file of handed-out MCP servers, or was changed by hand. Give the path of one, or of none ` +
        `that is there; to begin anew, move this one away, which ends all of its servers.`,
    );
  } finally {
    await handle.close();
  }
}

async function namingFile<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (isToolsetError(error)) throw error;
    const code = systemCode(error) ?? "no code";
    const fixes: Record<string, string> = {
      ENOENT: `Create "${dirname(path)}".`,
      EEXIST: `Another process is at it for too long: see who holds "${path}.lock".`,
    };
    throw new ToolsetError(
      "server_error",
      `The file of handed-out MCP servers, "${path}", cannot be used (${code}). ` +
        (fixes[code] ?? "Give a file on a local disk that this process may read and write."),
      { cause: error },
    );
  }
}
