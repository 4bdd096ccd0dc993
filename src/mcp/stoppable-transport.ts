import type { JSONRPCMessage, RequestId, Transport } from "@modelcontextprotocol/server";
import { startTimer } from "./http/timer.js";
import { malformedIn, type Malformed } from "./malformed-message.js";

/** JSON-RPC's code for what a server says of itself; none of the named ones fits. */
const stoppingCode = -32_000;

/** The one request that is not answered until its client goes. */
const subscribing = "subscriptions/listen";

/** How often a client that was asked is looked after, in milliseconds. */
const pingMs = 2000;

/**
 * A transport that can be told to take no more requests, and knows which are under way. Where its wire closes, what the
 * client was asked ends at once, and the server learns of the end only when every request has its result: a write
 * that is on its way must not be aborted because nobody reads the answer.
 */
export class StoppableTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: NonNullable<Transport["onmessage"]>;
  readonly #wire: Transport;
  readonly #requests = new Set<RequestId>();
  /** What the client was asked and has not answered. */
  readonly #questions = new Set<RequestId>();
  readonly #whenIdle: (() => void)[] = [];
  /** Pings that were sent, whose answers are nobody's but ours. */
  readonly #pings = new Set<RequestId>();
  #stopPinging: (() => void) | undefined;
  #isClosed = false;
  #isStopping = false;
  #isClientGone = false;

  constructor(wire: Transport) {
    this.#wire = wire;
  }

  async start(): Promise<void> {
    this.#wire.onclose = () => void this.#closeWhenIdle();
    this.#wire.onerror = (error) => this.onerror?.(error);
    this.#wire.onmessage = (message, extra) => {
      const malformed = malformedIn(message);
      if (malformed.length > 0) {
        for (const one of malformed) this.#answerMalformed(one);
        return;
      }
      if ("id" in message && !("method" in message) && message.id !== undefined) {
        if (this.#pings.delete(message.id)) return;
        this.#endQuestion(message.id);
      }
      if (!this.#isRefused(message)) this.onmessage?.(message, extra);
    };
    await this.#wire.start();
  }

  async send(...[message, options]: Parameters<Transport["send"]>): Promise<void> {
    if ("id" in message && "method" in message) {
      this.#questions.add(message.id);
      if (this.#isClientGone) this.#answerForClient();
      else this.#ping();
    }
    try {
      await this.#wire.send(message, options);
    } finally {
      if ("id" in message && !("method" in message)) this.#end(message.id);
    }
  }

  get sessionId(): string | undefined {
    return this.#wire.sessionId;
  }

  setProtocolVersion(version: string): void {
    this.#wire.setProtocolVersion?.(version);
  }

  close(): Promise<void> {
    this.#isClosed = true;
    for (const id of [...this.#questions]) this.#endQuestion(id);
    return this.#wire.close();
  }

  /** Refuses every request from now on. Answers and cancellations still come through. */
  refuseNew(): void {
    this.#isStopping = true;
  }

  /** Tells that nothing more comes from the client: what it was asked, nobody will answer. */
  clientIsGone(): void {
    this.#isClientGone = true;
    this.#answerForClient();
  }

  /** Settles once every request that came in was answered or cancelled. */
  idle(): Promise<void> {
    if (this.#requests.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  #isRefused(message: JSONRPCMessage): boolean {
    if (!("method" in message)) return false;
    if ("id" in message) {
      if (this.#isStopping) {
        const error = { code: stoppingCode, message: "The server is stopping, and takes no more calls." };
        this.#wire.send({ jsonrpc: "2.0", id: message.id, error }).catch(() => undefined);
        return true;
      }
      if (message.method !== subscribing) this.#requests.add(message.id);
    } else if (message.method === "notifications/cancelled") {
      this.#end((message.params as { requestId?: RequestId } | undefined)?.requestId);
    }
    return false;
  }

  #answerMalformed(malformed: Malformed): void {
    if (malformed === "nothing") return;
    if ("ends" in malformed) this.#wire.onmessage?.(malformed.ends);
    // `id: null` is right where none can be told, and the SDK's type does not have it.
    else this.#wire.send(malformed.answer as JSONRPCMessage).catch(() => undefined);
  }

  #answerForClient(): void {
    const questions = [...this.#questions];
    for (const id of questions) {
      this.#endQuestion(id);
      const error = { code: stoppingCode, message: "The client has ended, and nobody has answered." };
      // Not in the middle of sending the question.
      queueMicrotask(() => this.onmessage?.({ jsonrpc: "2.0", id, error }));
    }
  }

  async #closeWhenIdle(): Promise<void> {
    if (!this.#isClosed) {
      this.clientIsGone();
      await this.idle();
    }
    this.onclose?.();
  }

  /** A pipe tells that nobody reads it only when something is written, and a question may stand for an hour. */
  #ping(): void {
    this.#stopPinging ??= startTimer(pingMs, () => {
      this.#stopPinging = undefined;
      const id = `ping-${crypto.randomUUID()}`;
      this.#pings.clear();
      this.#pings.add(id);
      this.#wire.send({ jsonrpc: "2.0", id, method: "ping" }).catch(() => undefined);
      this.#ping();
    });
  }

  #endQuestion(id: RequestId): void {
    this.#questions.delete(id);
    if (this.#questions.size > 0) return;
    this.#stopPinging?.();
    this.#stopPinging = undefined;
  }

  #end(id: RequestId | undefined): void {
    if (id === undefined || !this.#requests.delete(id) || this.#requests.size > 0) return;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }
}
