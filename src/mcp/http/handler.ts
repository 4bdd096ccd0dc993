import type { ToolManager } from "../../manager.js";
import { refuseOption, refuseUnknownOptions, shownOption } from "../../option-error.js";
import { anonymous } from "../access.js";
import { mcpOptionNames, type McpOptions } from "../mcp-options.js";
import { warnOfSelfApproval } from "../self-approval.js";
import { tellFailureOf } from "../tell-failure.js";
import { mcpToolset } from "../toolset.js";
import { unauthorized } from "./bearer.js";
import { mcpEndpoint } from "./endpoint.js";
import { limitNames, limitsOf, type EndpointLimits } from "./limits.js";
import { requestCheck, requestCheckNames, type RequestCheckOptions } from "./request-check.js";
import type { RequestFacts } from "./request-facts.js";
import { logged, shownPath, withKnownTools, type RequestLog } from "./request-log.js";
import { atMost } from "./timer.js";
import { preflightAnswer, readableByPage } from "./web-pages.js";

/** What an MCP server over HTTP shows of a manager, to whom, and how much it takes on. */
export interface McpHandlerOptions extends McpOptions, RequestCheckOptions, EndpointLimits {
  /**
   * Tells who calls: a name for records, which sessions and approvals are bound to, or `undefined` for a caller who
   * is refused (401). See `bearerTokens`.
   *
   * Callers who are known by name cannot approve, by elicitation, what they asked for themselves: where there are tools
   * that write, neither `selfApproval` nor an `ask` of your own, the manager's `onWarning` says so at the start, and
   * each of their writes is refused.
   *
   * @default everybody is "anonymous": only for a server that nobody else can reach
   */
  authenticate?: ((request: Request) => string | undefined | Promise<string | undefined>) | undefined;
  /** Takes one line for each request. @default nothing is recorded */
  log?: RequestLog | undefined;
}

/** Where a request comes from, as `@hono/node-server` passes it beside the request. */
export interface McpConnectionInfo {
  readonly incoming?: { readonly socket?: { readonly remoteAddress?: string | undefined } };
}

/** An MCP server as a `fetch`-shaped function. Both may be taken off it. */
export interface McpHandler {
  /**
   * Answers a request: any path is MCP, but for `GET` and `HEAD /healthz`. Where an adapter passes the connection beside
   * the request, as `@hono/node-server` does, callers who were not asked who they are have places by their addresses.
   */
  readonly fetch: (request: Request) => Promise<Response>;
  /**
   * Stops: later requests get 503, calls under way may finish for `graceMs`, then every stream is closed. May be
   * called more than once.
   */
  readonly close: () => Promise<void>;
}

const optionNames: readonly string[] = [
  ...mcpOptionNames,
  ...requestCheckNames,
  ...limitNames,
  "authenticate",
  "log",
];

/**
 * A manager's tools as an MCP server over Streamable HTTP, for clients of both protocol revisions: in Node by any
 * adapter that makes a `Request` of what comes, elsewhere as it is.
 *
 * @throws {@link ToolsetError} `invalid_argument` for an option that does not fit
 * @example
 * ```ts
 * import { createServer } from "node:http";
 * import { getRequestListener } from "@hono/node-server";
 *
 * const handler = createMcpHandler(new ToolManager(), { methods: ["read"], log: (line) => console.log(line) });
 * const server = createServer(getRequestListener(handler.fetch)).listen(3000, "127.0.0.1");
 * process.once("SIGTERM", () => void handler.close().then(() => server.close()));
 * ```
 */
export function createMcpHandler(manager: ToolManager, options: McpHandlerOptions = {}): McpHandler {
  refuseUnknownOptions(options, optionNames, "createMcpHandler");
  const { authenticate, log } = options;
  checkFunction("authenticate", authenticate);
  checkFunction("log", log);
  const check = requestCheck(options);
  const limits = limitsOf(options);
  const toolset = mcpToolset(manager, options);
  if (authenticate !== undefined) warnOfSelfApproval(manager, options);
  const tell = tellFailureOf(manager);
  const endpoint = mcpEndpoint({ serverFor: (access) => toolset.server(access), limits });
  const shownLog = withKnownTools(log, toolset.isTool);
  let closing: Promise<void> | undefined;

  const serve = async (
    request: Request,
    path: string,
    address: string | undefined,
    facts: RequestFacts,
  ): Promise<Response> => {
    const { method } = request;
    if (path === "/healthz" && (method === "GET" || method === "HEAD")) {
      return health(method, closing !== undefined);
    }
    const answer = check.refusal(request) ?? preflightAnswer(request);
    if (answer !== undefined) return answer;
    let principal: string | undefined = anonymous;
    try {
      if (authenticate !== undefined) principal = await authenticate(request);
    } catch (error) {
      tell("authenticate", error);
      throw error;
    }
    if (typeof principal !== "string" || principal === "") return unauthorized(request);
    const access = {
      principal,
      server: "default",
      filter: toolset.filter,
      ...(authenticate === undefined && { address }),
    };
    return endpoint.fetch(request, access, { facts });
  };

  return {
    fetch(request: Request, connection?: McpConnectionInfo) {
      const address = connection?.incoming?.socket?.remoteAddress;
      const { pathname } = new URL(request.url);
      return readableByPage(
        check,
        request,
        logged(shownLog, request, shownPath(pathname), (facts) => serve(request, pathname, address, facts)),
      );
    },
    close: () =>
      (closing ??= Promise.all([endpoint.close(), atMost(limits.graceMs, toolset.idle())]).then(
        () => undefined,
      )),
  };
}

function health(method: string, isStopping: boolean): Response {
  const answer = Response.json(
    { status: isStopping ? "stopping" : "ok" },
    { status: isStopping ? 503 : 200 },
  );
  return method === "HEAD" ? new Response(null, answer) : answer;
}

function checkFunction(option: string, value: unknown): void {
  if (value === undefined || typeof value === "function") return;
  throw refuseOption(option, `is ${shownOption(value)}`, "Give a function.");
}
