import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { finished } from "node:stream/promises";
import { anonymous } from "../access.js";
import { StoppableTransport } from "../stoppable-transport.js";
import type { McpToolset } from "../toolset.js";
import { JsonLines } from "./json-lines.js";
import type { ProtocolStreams } from "./protocol-streams.js";
import type { Serving } from "./serving.js";

/** Serves the one client at the other end of standard input and output. */
export function serveOverStdio(
  toolset: McpToolset,
  { input, output, ended, unread }: ProtocolStreams,
): Serving {
  const transport = new StoppableTransport(new JsonLines(input, output));
  const handle = serveStdio(
    () => toolset.server({ principal: anonymous, server: "default", filter: toolset.filter }),
    { transport },
  );
  void ended.then(() => transport.clientIsGone());
  return {
    notes: ["Listening: standard input; standard output is for the protocol alone."],
    ended,
    unread,
    refuseNew: () => transport.refuseNew(),
    idle: async () => {
      await transport.idle();
      // A call that was cancelled has no answer, and may still be on its way.
      await toolset.idle();
    },
    close: async () => {
      await handle.close();
      output.end();
      await finished(output).catch(() => undefined);
    },
  };
}
