import { isToolsetError } from "../../errors/toolset-error.js";
import type { ToolsetTool } from "../../tool.js";
import { toolkitOf } from "../../manager.js";
import { mcpToolset, type McpToolset } from "../toolset.js";
import { UsageError } from "./command-errors.js";
import type { CommandOptions } from "./command-options.js";
import { note } from "./note.js";
import { openManager } from "./open-manager.js";
import { takeProtocolStreams } from "./protocol-streams.js";
import { serveOverHttp } from "./serve-http.js";
import { serveOverStdio } from "./serve-stdio.js";
import { startNotes } from "./start-notes.js";
import { stopGracefully } from "./stop.js";

/**
 * Starts the server and tells the operator what it is.
 *
 * @throws `UsageError` for a value that cannot be, `StartError` or {@link ToolsetError} for what does not work
 */
export async function serve(options: CommandOptions): Promise<void> {
  // At once, before anything else can write to standard output.
  const door = options.http ?? takeProtocolStreams();
  const opened = await openManager(options, (text) => note(`warning: ${text}`));
  const { manager, mcpOptions } = opened;
  const toolset = mcpToolset(manager, mcpOptions);
  const tools = await toolsOf(toolset);
  const serving =
    "input" in door ? serveOverStdio(toolset, door) : await serveOverHttp(manager, door, mcpOptions);
  void serving.unread?.then(() => toolkitOf(manager).endQuestions(unreadText));
  stopGracefully(serving, () => opened.close(), note);
  const descriptors = tools.map(({ descriptor }) => descriptor);
  note(
    startNotes({ options, account: opened.title, tools: descriptors, listening: serving.notes }).join("\n"),
  );
}

const unreadText = "the MCP client reads no answer any more, so that nobody is asked for it";

async function toolsOf(toolset: McpToolset): Promise<readonly ToolsetTool[]> {
  try {
    return await toolset.tools(toolset.filter);
  } catch (error) {
    if (!isToolsetError(error) || error.code !== "invalid_argument") throw error;
    throw new UsageError(`--methods or --tags does not fit. ${error.text}`, { cause: error });
  }
}
