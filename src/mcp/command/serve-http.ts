import { access, constants } from "node:fs/promises";
import { isIPv6 } from "node:net";
import { dirname, resolve } from "node:path";
import { isToolsetError } from "../../errors/toolset-error.js";
import type { ToolManager } from "../../manager.js";
import { systemCode } from "../../node/system-code.js";
import { fileMcpServerStore } from "../../node/file-mcp-server-store.js";
import { bearerTokens } from "../http/bearer.js";
import { createMcpHandler, type McpConnectionInfo, type McpHandlerOptions } from "../http/handler.js";
import { refusal } from "../http/refusal.js";
import { requestCheck } from "../http/request-check.js";
import { logged, type RequestLine } from "../http/request-log.js";
import { preflightAnswer, readableByPage } from "../http/web-pages.js";
import type { McpOptions } from "../mcp-options.js";
import type { McpServerStore } from "../servers/server-store.js";
import { createMcpServers, type McpServers } from "../servers/create-mcp-servers.js";
import { StartError } from "./command-errors.js";
import type { AdminOptions, HttpOptions } from "./command-options.js";
import { asFlags } from "./flag.js";
import { listenFor, type HttpListener } from "./http-listener.js";
import { isLoopback } from "./loopback.js";
import type { Serving } from "./serving.js";
import { readTokenFile } from "./token-file.js";

type Fetch = (request: Request, connection?: McpConnectionInfo) => Promise<Response>;

const loopbackNames = ["localhost", "127.0.0.1", "[::1]"];

/**
 * Serves clients over HTTP, and where that is asked for those who hand out servers, on a listener of its own.
 *
 * @throws {@link StartError} for a file or a port that does not work, `UsageError` for a name that cannot be
 */
export async function serveOverHttp(
  manager: ToolManager,
  http: HttpOptions,
  mcpOptions: McpOptions,
): Promise<Serving> {
  const { admin } = http;
  const tokens =
    http.tokenFile === undefined ? undefined : await readTokenFile("--token-file", http.tokenFile);
  const adminToken = admin === undefined ? "" : await adminTokenIn(admin);
  if (tokens?.some(({ token }) => token === adminToken) === true) {
    throw new StartError(
      "--token-file and --admin-token-file hold the same token, so that every caller would be an administrator. Make another one.",
    );
  }
  const publicName = admin?.publicUrl === undefined ? [] : [hostOf(admin.publicUrl)];
  const options: McpHandlerOptions = {
    ...mcpOptions,
    allowedHosts: [
      ...loopbackNames,
      ...namesOf(http.host),
      ...(admin === undefined ? [] : namesOf(admin.host)),
      ...publicName,
      ...http.allowedHosts,
    ],
    allowedOrigins: [...loopbackNames, ...http.allowedOrigins],
    authenticate: tokens === undefined ? undefined : bearerTokens(tokens),
    log: logToStderr,
  };
  const handler = asFlags(() => createMcpHandler(manager, options));
  let servers: McpServers | undefined;
  const listeners: HttpListener[] = [];
  const listen = async (fetch: Fetch, where: Parameters<typeof listenFor>[1]) => {
    const listener = await listenFor(fetch, where);
    listeners.push(listener);
    return listener.url;
  };
  const close = async () => {
    await Promise.all(listeners.map((listener) => listener.close()));
  };
  try {
    const nowhere = nothingThere(options);
    const main: Fetch = handler.fetch;
    const fetchHere: Fetch = (request, connection) => {
      const { pathname } = new URL(request.url);
      const isMain = pathname === "/mcp" || pathname === "/healthz";
      return isMain ? main(request, connection) : (servers?.fetch ?? nowhere)(request);
    };
    const url = await listen(fetchHere, {
      port: http.port,
      host: http.host,
      option: "--http",
      hostOption: "--host",
    });
    const notes = [
      ...(namesOf(http.host).length === 0 && publicName.length + http.allowedHosts.length === 0
        ? [
            `warning: --host ${http.host} can be reached from other machines, and no name is allowed by which they would. Give --allowed-hosts <names>.`,
          ]
        : []),
      ...(admin === undefined || isLoopback(admin.host)
        ? []
        : [
            `warning: --admin-host ${admin.host}: the administrator's token comes in the clear. Put TLS before it.`,
          ]),
      `Listening: ${url}/mcp, and ${url}/healthz.`,
      `Host names: ${[...new Set(options.allowedHosts)].join(", ")} (--allowed-hosts).`,
      `Callers: ${tokens === undefined ? "every program on this machine (--token-file)" : `those with a token: ${tokens.map(({ name }) => name).join(", ")}`}.`,
    ];
    if (admin !== undefined) {
      const publicUrl = admin.publicUrl ?? url;
      const store = await openStore(admin.serversFile);
      const made = asFlags(() =>
        createMcpServers(manager, {
          ...options,
          store,
          adminToken,
          publicUrl,
        }),
      );
      servers = made;
      const adminUrl = await listen(made.admin, {
        port: admin.port,
        host: admin.host,
        option: "--admin-port",
        hostOption: "--admin-host",
      });
      notes.push(`Servers to hand out: ${adminUrl}/mcp-servers, kept in ${admin.serversFile}.`);
    }
    return {
      notes,
      ended: new Promise(() => undefined),
      refuseNew: () => {
        // Both refuse from their first moment on; how that ends, `idle` tells.
        void handler.close();
        void servers?.close();
      },
      idle: async () => {
        await Promise.all([handler.close(), servers?.close()]);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The store of handed-out servers, once it was looked into: later, every caller would meet what is wrong with it. */
async function openStore(path: string): Promise<McpServerStore> {
  try {
    const store = fileMcpServerStore(path);
    await access(dirname(resolve(path)), constants.W_OK);
    await store.list();
    return store;
  } catch (error) {
    const why = isToolsetError(error)
      ? error.text
      : `Its folder "${dirname(resolve(path))}" is not there or not for this user (${systemCode(error) ?? "no code"}). Create it first.`;
    throw new StartError(`--servers-file ${path} cannot be used. ${why}`, { cause: error });
  }
}

/** Answers for every other path. What is nowhere may be a token: it is not shown. */
function nothingThere(options: McpHandlerOptions): Fetch {
  const check = requestCheck(options);
  const answer = (request: Request) =>
    check.refusal(request) ??
    preflightAnswer(request) ??
    refusal(404, -32_000, "There is nothing at this path. MCP is spoken at /mcp.");
  return (request) =>
    readableByPage(
      check,
      request,
      logged(logToStderr, request, "/…", () => Promise.resolve(answer(request))),
    );
}

/** The name by which a server is reached that listens on one address; none for one that listens on all. */
function namesOf(host: string): string[] {
  if (["0.0.0.0", "::", "[::]"].includes(host)) return [];
  return [isIPv6(host) ? `[${host}]` : host];
}

async function adminTokenIn({ tokenFile }: AdminOptions): Promise<string> {
  const [token, ...others] = await readTokenFile("--admin-token-file", tokenFile);
  if (token?.isNamed === true) {
    throw new StartError(
      `The --admin-token-file "${tokenFile}" holds a name before its token, and there is one administrator. Keep the token alone.`,
    );
  }
  if (token !== undefined && others.length === 0) return token.token;
  throw new StartError(
    `The --admin-token-file "${tokenFile}" holds ${others.length + 1} tokens, and there is one administrator. Keep one.`,
  );
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : url;
}

function logToStderr(line: RequestLine): void {
  process.stderr.write(`${JSON.stringify(line)}\n`);
}
