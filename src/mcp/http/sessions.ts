import { isInitializeRequest, type AuthInfo, type McpServer } from "@modelcontextprotocol/server";
import type { McpAccess } from "../access.js";
import type { Limits } from "./limits.js";
import { ownerOf, type Places } from "./places.js";
import { full, noSuchSession, refusal } from "./refusal.js";
import { startSession, type Session } from "./session.js";

/** What is known of a request when it reaches the part that answers it. */
export interface Arrival {
  readonly access: McpAccess;
  readonly body: unknown;
  readonly authInfo: AuthInfo | undefined;
  /** Whether the server was taken away since the request came. */
  readonly gone: boolean;
}

/** The sessions of all 2025 clients of an endpoint. */
export interface Sessions {
  serve(request: Request, arrival: Arrival): Promise<Response>;
  /**
   * Forgets sessions at once, and settles when they have ended.
   *
   * @param server - whose; all without it
   */
  end(server: string | undefined, reason: string): Promise<void>;
}

/** Who is named most often. */
function mostHeld(owners: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const owner of owners) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  return [...counts].sort(([, one], [, other]) => other - one)[0]?.[0];
}

/** Keeps sessions, each bound to who started it and on which server. Their calls take places. */
export function createSessions(
  serverFor: (access: McpAccess) => McpServer,
  limits: Limits,
  places: Places,
): Sessions {
  // In the order of their last use.
  const sessions = new Map<string, { session: Session; access: McpAccess }>();
  const ending = new Set<Promise<void>>();
  let starting = 0;

  const end = (id: string, reason: string) => {
    const ended = sessions.get(id)?.session.end(reason);
    if (ended === undefined) return;
    sessions.delete(id);
    ending.add(ended);
    const forget = () => ending.delete(ended);
    ended.then(forget, forget);
  };

  const makeRoom = (): boolean => {
    if (sessions.size + starting < limits.maxSessions) return true;
    // Who has most makes room first: nobody is shut out by the number of somebody else's sessions.
    const idle = [...sessions].filter(([, { session }]) => !session.busy);
    const most = mostHeld([...sessions.values()].map(({ access }) => ownerOf(access)));
    const [id] = idle.find(([, { access }]) => ownerOf(access) === most) ?? idle[0] ?? [];
    if (id === undefined) return false;
    end(id, "The session was idle, and others needed its place.");
    return true;
  };

  const start = async (request: Request, arrival: Arrival): Promise<Response> => {
    if (!makeRoom()) return full();
    starting++;
    try {
      const { access } = arrival;
      const server = serverFor(access);
      const session = await startSession(server, limits, {
        takePlaces: (count) => places.take(access, count),
        idle: () => session.id !== undefined && end(session.id, "The session was idle."),
        used() {
          const { id } = session;
          const kept = id === undefined ? undefined : sessions.get(id);
          if (id === undefined || kept === undefined) return;
          sessions.delete(id);
          sessions.set(id, kept);
        },
      });
      const response = await session.serve(request, arrival.body, arrival.authInfo);
      if (session.id === undefined || arrival.gone) {
        await session.end("There is no such server.");
        return arrival.gone ? noSuchSession() : response;
      }
      sessions.set(session.id, { session, access });
      return response;
    } finally {
      starting--;
    }
  };

  return {
    async serve(request, arrival) {
      const { access, body, authInfo } = arrival;
      const id = request.headers.get("mcp-session-id");
      if (id === null) {
        const messages: unknown[] = Array.isArray(body) ? body : [body];
        if (messages.some((message) => isInitializeRequest(message))) return start(request, arrival);
        const message =
          "The request names no session. Send initialize first, and then its Mcp-Session-Id with every request.";
        return refusal(400, -32000, message);
      }
      const found = sessions.get(id);
      if (found?.access.principal !== access.principal || found.access.server !== access.server) {
        return noSuchSession();
      }
      if (request.method === "DELETE") {
        end(id, "The client has ended the session.");
        return new Response(null, { status: 200 });
      }
      return found.session.serve(request, body, authInfo);
    },
    async end(server, reason) {
      for (const [id, { access }] of [...sessions]) {
        if (server === undefined || access.server === server) end(id, reason);
      }
      await Promise.allSettled(ending);
    },
  };
}
