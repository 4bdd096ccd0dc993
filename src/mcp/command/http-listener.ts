import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { systemCode } from "../../node/system-code.js";
import type { McpConnectionInfo } from "../http/handler.js";
import { StartError } from "./command-errors.js";

/** How long an answer may take to be handed over once its call has ended, in milliseconds. */
const lastBytesMs = 1000;

/** A server that listens. */
export interface HttpListener {
  /** Such as `http://127.0.0.1:3000`. */
  readonly url: string;
  /** Takes no new connection, and lets answers that are on their way arrive. */
  close(): Promise<void>;
}

/**
 * Listens, and answers by a `fetch`-shaped function.
 *
 * @param where - with the options that gave port and host, for errors
 * @throws {@link StartError} where it cannot listen there
 */
export async function listenFor(
  fetch: (request: Request, connection: McpConnectionInfo) => Promise<Response>,
  { port, host, option, hostOption }: { port: number; host: string; option: string; hostOption: string },
): Promise<HttpListener> {
  const listener = getRequestListener(fetch, { overrideGlobalObjects: false });
  const server = createServer((incoming, outgoing) => void listener(incoming, outgoing));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host.replace(/^\[(.*)\]$/, "$1"), resolve);
  }).catch((error: unknown) => {
    const code = systemCode(error) ?? "no code";
    const text =
      code === "ENOTFOUND" || code === "EADDRNOTAVAIL"
        ? `${hostOption} ${host}: this machine has no such address (${code}). Give one of its own, such as 127.0.0.1.`
        : `${option} ${port}: cannot listen on ${host}, because ` +
          `${code === "EADDRINUSE" ? "something listens there already" : `the system refuses it (${code})`}. Choose another port or address.`;
    throw new StartError(text, { cause: error });
  });
  const { port: given, address, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === "IPv6" ? `[${address}]` : address}:${given}`,
    close: () =>
      new Promise((resolve) => {
        const timer = setTimeout(() => server.closeAllConnections(), lastBytesMs);
        server.close(() => {
          clearTimeout(timer);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}
