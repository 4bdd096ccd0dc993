import {
  isJsonContentType,
  isLegacyRequest,
  type AuthInfo,
  type McpServer,
} from "@modelcontextprotocol/server";
import type { McpAccess } from "../access.js";
import { createExchanges } from "./exchanges.js";
import { innerRequest } from "./inner-request.js";
import { limitsOf, type EndpointLimits } from "./limits.js";
import { createPlaces } from "./places.js";
import { readJson } from "./read-json.js";
import { noSuchSession, refusal, stopping } from "./refusal.js";
import { factsOf, type RequestFacts } from "./request-facts.js";
import { createSessions, type Arrival } from "./sessions.js";

/** Serves MCP over Streamable HTTP to 2025 clients, in sessions, and to 2026 clients, without. */
export interface McpEndpoint {
  /**
   * Answers one request. Host, Origin and who calls are for the caller to check.
   *
   * @param access - on whose behalf: a session answers only to the principal and the server that it was started with
   * @param options - `authInfo` is passed on to tools; `facts` is filled for the log
   */
  fetch(
    request: Request,
    access: McpAccess,
    options?: { authInfo?: AuthInfo | undefined; facts?: RequestFacts | undefined },
  ): Promise<Response>;
  /**
   * Takes a server away. From this call on its sessions are unknown; streams on which clients listen and questions
   * to persons end at once, and calls that are being executed may finish, for `graceMs` at most.
   *
   * Requests that come later are served again: whoever calls `fetch` answers them before.
   *
   * @returns when nothing of it is under way
   */
  end(server: string): Promise<void>;
  /** Stops: later requests get 503, all servers are taken away. May be called more than once. */
  close(): Promise<void>;
}

/**
 * Puts servers behind one `fetch`.
 *
 * @param options - `serverFor` gives a new server for each session of a 2025 client and each request of a 2026 one
 * @throws {@link ToolsetError} `invalid_argument` for a limit that cannot be
 */
export function mcpEndpoint({
  serverFor,
  limits: given,
}: {
  serverFor: (access: McpAccess) => McpServer;
  limits?: EndpointLimits | undefined;
}): McpEndpoint {
  const limits = limitsOf(given);
  const places = createPlaces(limits.maxSessions);
  const sessions = createSessions(serverFor, limits, places);
  const exchanges = createExchanges(serverFor, limits, places);
  /** Requests that are not with either yet, or start a session. */
  const arriving = new Set<{ access: McpAccess; gone: boolean }>();
  let closing: Promise<void> | undefined;

  const end = async (server: string | undefined, reason: string) => {
    for (const arrival of arriving) {
      if (server === undefined || arrival.access.server === server) arrival.gone = true;
    }
    await Promise.all([sessions.end(server, reason), exchanges.end(server)]);
  };

  const serve = async (
    request: Request,
    arrival: { -readonly [Name in keyof Arrival]: Arrival[Name] },
    facts: RequestFacts,
  ): Promise<Response> => {
    if (request.method === "POST") {
      const read = await readJson(request, limits);
      if ("refused" in read) return read.refused;
      arrival.body = read.value;
      Object.assign(facts, factsOf(read.value));
    }
    const inner = innerRequest(request);
    const legacy = request.method !== "POST" || (await isLegacyRequest(inner, arrival.body));
    facts.era = legacy ? "2025" : "2026";
    if (arrival.gone) return closing === undefined ? noSuchSession() : stopping();
    return legacy ? sessions.serve(inner, arrival) : exchanges.serve(request, arrival);
  };

  return {
    async fetch(request, access, { authInfo, facts = {} } = {}) {
      facts.server = access.server;
      facts.principal = access.principal;
      if (closing !== undefined) return stopping();
      const refused = checkForm(request);
      if (refused !== undefined) return refused;
      const arrival = { access, authInfo, body: undefined as unknown, gone: false };
      arriving.add(arrival);
      try {
        return await serve(request, arrival, facts);
      } catch {
        return refusal(
          500,
          -32603,
          "The server failed to answer. Try again, and tell its operator if it goes on.",
        );
      } finally {
        arriving.delete(arrival);
      }
    },
    end: (server) => end(server, "This server was taken away. Ask its operator for another."),
    close: () => (closing ??= end(undefined, "This server is stopping. Try again in a few seconds.")),
  };
}

function checkForm({ method, headers }: Request): Response | undefined {
  if (method === "GET" || method === "DELETE") return undefined;
  if (method !== "POST") {
    const message = "MCP is spoken by POST; GET opens a stream in a session and DELETE ends one.";
    return refusal(405, -32000, message, { Allow: "GET, POST, DELETE" });
  }
  if (isJsonContentType(headers.get("content-type"))) return undefined;
  return refusal(415, -32000, "The body has to be JSON. Send it with Content-Type: application/json.");
}
