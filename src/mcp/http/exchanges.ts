import { createMcpHandler, type McpServer } from "@modelcontextprotocol/server";
import type { McpAccess } from "../access.js";
import { innerRequest } from "./inner-request.js";
import type { Limits } from "./limits.js";
import { ownerOf, type Places } from "./places.js";
import { full, noSuchSession, refusal, shareTaken, stopping, tooLate } from "./refusal.js";
import type { Arrival } from "./sessions.js";
import { atMost, startTimer } from "./timer.js";
import { isStream, whenEnded } from "./watched-body.js";

/** The requests of all 2026 clients of an endpoint: each is complete in itself. */
export interface Exchanges {
  serve(request: Request, arrival: Arrival): Promise<Response>;
  /**
   * Ends subscriptions at once, and lets calls finish for `graceMs` at most.
   *
   * @param server - whose; all without it, and nothing is served any more
   */
  end(server?: string): Promise<void>;
}

/** Why an exchange is cut: it took too long, its server or all of them ended, or its client left. */
type CutReason = "late" | "ended" | "stopped" | "left";

interface Exchange {
  readonly access: McpAccess;
  /** Whether the client only listens. */
  readonly listening: boolean;
  /** What the protocol's side has. Kept here too: a request follows our signal only as long as it lives. */
  readonly inner: Request;
  /** Why it was cut, if it was. */
  readonly reason: CutReason | undefined;
  /** Cancels what it does, and ends its answer. */
  cut(why: CutReason): void;
  /** Notes that it is over. */
  end(): void;
  /** Settles when it is over. */
  readonly done: Promise<void>;
}

/** With this status, the SDK answers an exchange that was cut before it had an answer. */
const cutStatus = 499;

/** Serves 2026 clients by the SDK's handler, with a server of its own for each request. */
export function createExchanges(
  serverFor: (access: McpAccess) => McpServer,
  limits: Limits,
  places: Places,
): Exchanges {
  const accessOf = new WeakMap<Request, McpAccess>();
  const handler = createMcpHandler(
    ({ requestInfo }) => {
      const access = requestInfo && accessOf.get(requestInfo);
      if (access === undefined) throw new Error("The request is not known.");
      return serverFor(access);
    },
    { legacy: "reject", maxSubscriptions: limits.maxSessions },
  );
  const open = new Set<Exchange>();

  return {
    async serve(request, { access, body, authInfo }) {
      const listens = isSubscription(body);
      // Who only listens takes nobody's place who calls, and one caller not all the places of those who listen.
      if (listens) {
        const alike = [...open].filter(({ listening }) => listening);
        const own = alike.filter((one) => ownerOf(one.access) === ownerOf(access)).length;
        if (alike.length >= limits.maxSessions || own * 2 >= limits.maxSessions) return full();
      }
      const giveBack = listens ? () => undefined : places.take(access, 1);
      if (giveBack === undefined) return shareTaken();
      const exchange = openExchange(request, access, listens, limits);
      open.add(exchange);
      void exchange.done.then(() => {
        open.delete(exchange);
        giveBack();
      });
      try {
        accessOf.set(exchange.inner, access);
        const response = await handler.fetch(exchange.inner, {
          parsedBody: body,
          ...(authInfo !== undefined && { authInfo }),
        });
        if (isStream(response)) return whenEnded(response, () => exchange.end());
        exchange.end();
        return response.status === cutStatus ? answerToCut(exchange.reason, limits) : response;
      } catch (error) {
        exchange.end();
        throw error;
      }
    },
    async end(server) {
      const why = server === undefined ? "stopped" : "ended";
      const ending = [...open].filter(({ access }) => server === undefined || access.server === server);
      for (const exchange of ending) if (exchange.listening) exchange.cut(why);
      await atMost(limits.graceMs, Promise.all(ending.map(({ done }) => done)));
      for (const exchange of ending) if (open.has(exchange)) exchange.cut(why);
      if (server === undefined) await handler.close();
    },
  };
}

function isSubscription(body: unknown): boolean {
  return (
    typeof body === "object" && body !== null && "method" in body && body.method === "subscriptions/listen"
  );
}

function openExchange(request: Request, access: McpAccess, listening: boolean, limits: Limits): Exchange {
  const controller = new AbortController();
  let reason: CutReason | undefined;
  let resolveDone: () => void;
  const done = new Promise<void>((resolve) => (resolveDone = resolve));
  const end = () => {
    stopTimer();
    request.signal.removeEventListener("abort", leave);
    resolveDone();
  };
  const cut = (why: CutReason) => {
    reason ??= why;
    controller.abort();
    end();
  };
  const leave = () => cut("left");
  const stopTimer = startTimer(listening ? limits.sessionIdleMs : limits.requestMs, () => cut("late"));
  request.signal.addEventListener("abort", leave);
  if (request.signal.aborted) leave();
  return {
    access,
    listening,
    inner: innerRequest(request, controller.signal),
    get reason() {
      return reason;
    },
    cut,
    end,
    done,
  };
}

function answerToCut(reason: CutReason | undefined, { requestMs }: Limits): Response {
  if (reason === "stopped") return stopping();
  if (reason === "ended") return noSuchSession();
  // Who left reads no answer.
  return refusal(504, -32000, tooLate(requestMs));
}
