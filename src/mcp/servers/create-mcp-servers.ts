import type { ToolManager } from "../../manager.js";
import { refuseOption, refuseUnknownOptions, shownOption } from "../../option-error.js";
import { checkBaseUrl } from "../../http/base-url.js";
import { checkText } from "../../sources/option-checks.js";
import { guardedToolkit } from "../guarded-toolkit.js";
import { bearerTokens, unauthorized } from "../http/bearer.js";
import { mcpEndpoint } from "../http/endpoint.js";
import type { McpHandlerOptions } from "../http/handler.js";
import { limitNames, limitsOf } from "../http/limits.js";
import { requestCheck, requestCheckNames } from "../http/request-check.js";
import type { RequestFacts } from "../http/request-facts.js";
import { logged, withKnownTools, type RequestLine } from "../http/request-log.js";
import { atMost } from "../http/timer.js";
import { preflightAnswer, readableByPage } from "../http/web-pages.js";
import { mcpOptionNames } from "../mcp-options.js";
import { warnOfSelfApproval } from "../self-approval.js";
import { tellFailureOf } from "../tell-failure.js";
import { mcpToolset } from "../toolset.js";
import { createAdmin } from "./admin.js";
import { createAllowance } from "./allowance.js";
import { createHandedOutServers } from "./handed-out-servers.js";
import { ServerEnds } from "./server-ends.js";
import { serverGone, serverUnknown } from "./server-gone.js";
import type { McpServerStore } from "./server-store.js";

/** Options of {@link createMcpServers}. `methods` and `tags` say what a server may hold at most. */
export interface McpServersOptions extends Omit<McpHandlerOptions, "authenticate" | "allowedHosts"> {
  /** Where servers are kept: `memoryMcpServerStore()`, `fileMcpServerStore(path)` or a database of yours. */
  store: McpServerStore;
  /** Opens {@link McpServers.admin}: at least 32 random characters out of letters, digits and `-._~+/`. */
  adminToken: string;
  /** What the URLs of servers begin with, as their callers reach them, such as `https://mcp.example.com`. */
  publicUrl: string;
  /**
   * Tells who calls by an API token, such as `bearerTokens`, for servers with `require_api_token_auth`; `undefined`
   * is refused (401). Servers without it are opened by their URL alone, also where this is given. Writes need
   * `selfApproval`, or an `ask` of your own, as with `createMcpHandler`.
   *
   * @default there are no API tokens, and every server only reads
   */
  authenticate?: McpHandlerOptions["authenticate"];
  /**
   * The host names under which servers are reached, without port.
   *
   * @default that of `publicUrl`, and ["localhost", "127.0.0.1", "[::1]"]
   */
  allowedHosts?: McpHandlerOptions["allowedHosts"];
}

/** MCP servers that are handed out one by one, each by a URL of its own. The functions may be taken off it. */
export interface McpServers {
  /** Answers callers, at `/mcp/<token>`. Every other path, and every token without a server, has the same 404. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** Answers the administrator, at `/mcp-servers`. Put it on a listener that callers do not reach. */
  readonly admin: (request: Request) => Promise<Response>;
  /** Stops: calls under way may finish for `graceMs`, then every stream is closed. May be called more than once. */
  readonly close: () => Promise<void>;
}

const optionNames: readonly string[] = [
  ...mcpOptionNames,
  ...requestCheckNames,
  ...limitNames,
  "authenticate",
  "log",
  "store",
  "adminToken",
  "publicUrl",
];

const storeMethods = ["create", "get", "getByTokenHash", "list", "delete"] as const;
const shortestAdminToken = 32;
const loopback: readonly string[] = ["localhost", "127.0.0.1", "[::1]"];

/**
 * Hands out MCP servers over a manager's tools: an administrator's program asks for one with some of the tools and an
 * end, and gets a URL to pass on. The URL is the key to the server; only its hash is kept. A server without
 * `require_api_token_auth` only reads. Deleted or expired, it is gone from that second, its open sessions included.
 *
 * @throws {@link ToolsetError} `invalid_argument` for an option that does not fit; never with the admin token
 * @example
 * ```ts
 * const servers = createMcpServers(manager, {
 *   methods: ["read", "write"],
 *   selfApproval: true, // each caller is asked through their own client
 *   store: memoryMcpServerStore(),
 *   adminToken: process.env.MCP_ADMIN_TOKEN,
 *   publicUrl: "https://mcp.example.com",
 *   authenticate: bearerTokens([{ name: "helpdesk", token: process.env.MCP_TOKEN }]),
 * });
 * createServer(getRequestListener(servers.fetch)).listen(3000);
 * createServer(getRequestListener(servers.admin)).listen(3001, "127.0.0.1");
 * ```
 */
export function createMcpServers(manager: ToolManager, options: McpServersOptions): McpServers {
  refuseUnknownOptions(options, optionNames, "createMcpServers");
  const { store, log, authenticate } = options;
  checkStore(store);
  checkFunction("authenticate", authenticate);
  checkFunction("log", log);
  const isAdministrator = adminTokenCheck(options.adminToken);
  const publicUrl = checkPublicUrl(options.publicUrl);
  const { hostname, pathname: prefix } = new URL(publicUrl);
  const check = requestCheck({ ...options, allowedHosts: options.allowedHosts ?? [hostname, ...loopback] });
  const limits = limitsOf(options);
  const toolset = mcpToolset(manager, options);
  const tell = tellFailureOf(manager);
  const { toolkit } = guardedToolkit(manager, options);
  if (authenticate !== undefined) warnOfSelfApproval(manager, options);
  const endpoint = mcpEndpoint({ serverFor: (access) => toolset.server(access), limits });

  const ends = new ServerEnds({
    ids: async () => (await store.list()).map(({ id }) => id),
    end: (id) => endpoint.end(id),
  });
  const servers = createHandedOutServers({
    store,
    ends,
    authenticate: authenticate ?? (() => undefined),
    hasWrites: async ({ task_users: _taskUsers, ...filter }) =>
      (await toolset.tools(filter)).some(({ descriptor }) => descriptor.kind === "write"),
  });
  const administer = createAdmin({
    store,
    ends,
    publicUrl,
    allowance: createAllowance((filter) => toolkit.descriptors(filter), toolset.filter),
    authenticate: isAdministrator,
    hasApiTokens: authenticate !== undefined,
    tell,
  });

  async function serve(request: Request, facts: RequestFacts): Promise<Response> {
    const answer = check.refusal(request) ?? preflightAnswer(request);
    if (answer !== undefined) return answer;
    const token = tokenIn(request, prefix);
    if (token === undefined) return serverGone();
    let resolution;
    try {
      resolution = await servers.resolve(token, request);
    } catch (error) {
      tell("createMcpServers", error);
      return serverUnknown();
    }
    if (resolution.outcome === "none") return serverGone();
    if (resolution.outcome === "unauthorized") {
      facts.server = resolution.id;
      return unauthorized(request);
    }
    const { access, over } = resolution;
    if (isOver(over)) return serverGone();
    const response = await endpoint.fetch(request, access, { facts });
    // The endpoint speaks of sessions, and the server itself has ended meanwhile.
    return response.status === 404 && isOver(over) ? serverGone() : response;
  }

  let closing: Promise<void> | undefined;
  return {
    fetch: (request) =>
      readableByPage(
        check,
        request,
        logged(withPath(withKnownTools(log, toolset.isTool), mcpPath), request, "", (facts) =>
          serve(request, facts),
        ),
      ),
    admin: (request) =>
      logged(withPath(log, adminPath), request, new URL(request.url).pathname, async (facts) => {
        return check.refusal(request) ?? administer(request, facts);
      }),
    close() {
      ends.close();
      return (closing ??= Promise.all([endpoint.close(), atMost(limits.graceMs, toolset.idle())]).then(
        () => undefined,
      ));
    },
  };
}

/** The token in `/mcp/<token>`, also where a proxy left the path of `publicUrl` before it. */
function tokenIn(request: Request, prefix: string): string | undefined {
  const { pathname } = new URL(request.url);
  const path = prefix !== "/" && pathname.startsWith(`${prefix}/`) ? pathname.slice(prefix.length) : pathname;
  return path.startsWith("/mcp/") ? path.slice("/mcp/".length) : undefined;
}

/** Asked anew after each wait, which a compiler does not expect of a property. */
function isOver(signal: AbortSignal): boolean {
  return signal.aborted;
}

function withPath(
  log: McpServersOptions["log"],
  pathOf: (line: RequestLine) => string,
): McpServersOptions["log"] {
  return log === undefined ? undefined : (line) => log({ ...line, path: pathOf(line) });
}

/** Any other path may hold a token as well, in a place where it was not meant to be. */
function mcpPath({ server }: RequestLine): string {
  return `/mcp/${server ?? "…"}`;
}

function adminPath({ path }: RequestLine): string {
  return /^\/mcp-servers(\/[\da-f-]{36})?$/.test(path) ? path : "/…";
}

function adminTokenCheck(token: unknown): (request: Request) => Promise<string | undefined> {
  if (typeof token === "string" && token.length >= shortestAdminToken && /^[\w\-.~+/]+=*$/.test(token)) {
    return bearerTokens([{ name: "administrator", token }]);
  }
  throw refuseOption(
    "adminToken",
    `is not a text of at least ${shortestAdminToken} letters, digits and -._~+/`,
    'Give a random one, as "openssl rand -hex 32" prints them.',
  );
}

function checkPublicUrl(url: unknown): string {
  const fix = 'Give what the URLs of servers begin with, such as "https://mcp.example.com".';
  checkText("publicUrl", url, fix);
  if (!URL.canParse(url)) throw refuseOption("publicUrl", "is not a URL", fix);
  return checkBaseUrl("publicUrl", url);
}

function checkStore(store: unknown): void {
  const given = (typeof store === "object" && store !== null ? store : {}) as Record<string, unknown>;
  const missing = storeMethods.find((name) => typeof given[name] !== "function");
  if (missing === undefined) return;
  throw refuseOption(
    "store",
    `has no function "${missing}"`,
    "Give memoryMcpServerStore(), fileMcpServerStore(path), or an object with all of McpServerStore.",
  );
}

function checkFunction(option: string, value: unknown): void {
  if (value === undefined || typeof value === "function") return;
  throw refuseOption(option, `is ${shownOption(value)}`, "Give a function.");
}
