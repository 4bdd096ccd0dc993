import {
  WebStandardStreamableHTTPServerTransport,
  type AuthInfo,
  type JSONRPCMessage,
  type McpServer,
  type RequestId,
} from "@modelcontextprotocol/server";
import type { Limits } from "./limits.js";
import { refusal, shareTaken, tooLate } from "./refusal.js";
import { atMost, startTimer } from "./timer.js";

/** One 2025 client's connection to a server of its own. */
export interface Session {
  /** Set once the client was greeted; without it, the client's `initialize` was refused. */
  readonly id: string | undefined;
  /** Whether a call is under way, or a person is being asked. */
  readonly busy: boolean;
  /** Answers one request, whose body was read already. */
  serve(request: Request, body: unknown, authInfo: AuthInfo | undefined): Promise<Response>;
  /**
   * Ends it: streams on which the client listens and questions to persons at once, calls that are being executed
   * when they are done or `graceMs` is over. No question is asked any more.
   *
   * @param reason - one sentence, for calls that are given up
   */
  end(reason: string): Promise<void>;
}

interface SessionEvents {
  /** Takes places for calls; see {@link Places.take}. */
  takePlaces(count: number): (() => void) | undefined;
  /** A request came, or a call ended. */
  used(): void;
  /** Nothing happened for `sessionIdleMs`. */
  idle(): void;
}

/** Connects a server to a transport that knows what is under way. */
export async function startSession(
  server: McpServer,
  { requestMs, sessionIdleMs, graceMs }: Pick<Limits, "requestMs" | "sessionIdleMs" | "graceMs">,
  events: SessionEvents,
): Promise<Session> {
  const transport = new WebStandardStreamableHTTPServerTransport({
    sessionIdGenerator: () => crypto.randomUUID(),
  });
  /** Calls under way, each with what stops its clock. */
  const calls = new Map<RequestId, () => void>();
  /** Questions that wait for a person: the question's id, and its call's. */
  const questions = new Map<RequestId, RequestId>();
  /** Calls that came several to one request, and share its stream. */
  const batched = new Set<RequestId>();
  /** Gives back the places of calls, those among them that are not under way yet. */
  const places = new Map<RequestId, () => void>();
  const waiting = new Set<() => void>();
  let ending: Promise<void> | undefined;
  /** Requests on their way to the protocol's side. */
  let dispatching = 0;
  let stopIdling: (() => void) | undefined;

  const use = () => {
    stopIdling?.();
    stopIdling = undefined;
    if (ending !== undefined) return;
    if (calls.size === 0) stopIdling = startTimer(sessionIdleMs, () => events.idle());
    events.used();
  };
  const isQuiet = () => calls.size === 0 && dispatching === 0;
  const tellWhenQuiet = () => {
    if (isQuiet()) for (const resolve of waiting) resolve();
  };
  const leavePlace = (id: RequestId) => {
    places.get(id)?.();
    places.delete(id);
  };
  const begin = (id: RequestId) => {
    calls.get(id)?.();
    calls.set(
      id,
      startTimer(requestMs, () => giveUp(id, tooLate(requestMs))),
    );
    use();
  };
  const finish = (id: RequestId) => {
    if (!calls.has(id)) return;
    calls.get(id)?.();
    calls.delete(id);
    leavePlace(id);
    batched.delete(id);
    for (const [question, call] of questions) if (call === id) questions.delete(question);
    use();
    tellWhenQuiet();
  };

  const deliver = transport.send.bind(transport);
  const answerWithError = (id: RequestId, message: string) =>
    // A client that is gone needs no answer.
    deliver({ jsonrpc: "2.0", id, error: { code: -32000, message } }).catch(() => undefined);
  const giveUp = (id: RequestId, reason: string) => {
    if (!calls.has(id)) return;
    void answerWithError(id, reason);
    finish(id);
    transport.onmessage?.({
      jsonrpc: "2.0",
      method: "notifications/cancelled",
      params: { requestId: id, reason },
    });
  };
  const cancelledByClient = (id: RequestId) => {
    if (!calls.has(id)) return;
    // No answer follows, and the SDK would keep the stream open until the session ends.
    if (!batched.has(id)) transport.closeSSEStream(id);
    void answerWithError(id, "The call was cancelled.");
    finish(id);
  };

  transport.send = async (message, options) => {
    const call = options?.relatedRequestId;
    if ("method" in message && call !== undefined && !calls.has(call)) {
      if ("id" in message) throw new Error("The call that asks is over.");
      return;
    }
    if ("method" in message && "id" in message) {
      if (ending !== undefined) throw new Error("The session has ended: nobody can be asked any more.");
      if (call !== undefined) questions.set(message.id, call);
    }
    try {
      await deliver(message, options);
    } finally {
      if (!("method" in message) && message.id !== undefined) finish(message.id);
    }
  };
  // Set before the server connects, which calls it first.
  transport.onmessage = (message: JSONRPCMessage) => {
    if (!("method" in message)) {
      if (message.id !== undefined) questions.delete(message.id);
    } else if ("id" in message) {
      begin(message.id);
    } else if (message.method === "notifications/cancelled") {
      const id = message.params?.requestId;
      if (typeof id === "string" || typeof id === "number") cancelledByClient(id);
    }
  };
  await server.connect(transport);

  const end = async (reason: string) => {
    stopIdling?.();
    transport.closeStandaloneSSEStream();
    for (const id of [...questions.values()]) giveUp(id, reason);
    if (!isQuiet()) await atMost(graceMs, new Promise<void>((resolve) => waiting.add(resolve)));
    for (const id of [...calls.keys()]) giveUp(id, reason);
    await server.close();
  };

  return {
    get id() {
      return transport.sessionId;
    },
    get busy() {
      return !isQuiet();
    },
    async serve(request, body, authInfo) {
      use();
      const ids = requestIds(body);
      if (ids.some((id) => calls.has(id)) || new Set(ids).size < ids.length) {
        const message = "A request has the id of one that is under way. Give each request an id of its own.";
        return refusal(400, -32600, message);
      }
      const giveBack = events.takePlaces(ids.length);
      if (giveBack === undefined) return shareTaken();
      for (const id of ids) places.set(id, giveBack);
      if (Array.isArray(body)) for (const id of ids) batched.add(id);
      dispatching++;
      try {
        return await transport.handleRequest(request, {
          ...(body !== undefined && { parsedBody: body }),
          ...(authInfo !== undefined && { authInfo }),
        });
      } finally {
        dispatching--;
        // Those of a refused batch never began.
        for (const id of ids) {
          if (calls.has(id)) continue;
          batched.delete(id);
          leavePlace(id);
        }
        tellWhenQuiet();
      }
    },
    // Begun in a later step, so that `ending` is set before anything is given up.
    end: (reason) => (ending ??= Promise.resolve().then(() => end(reason))),
  };
}

/** The ids of the requests in a message, or in a batch of them. */
function requestIds(body: unknown): RequestId[] {
  const ids: RequestId[] = [];
  for (const message of Array.isArray(body) ? (body as unknown[]) : [body]) {
    if (typeof message !== "object" || message === null) continue;
    if (!("method" in message) || !("id" in message)) continue;
    if (typeof message.id === "string" || typeof message.id === "number") ids.push(message.id);
  }
  return ids;
}
