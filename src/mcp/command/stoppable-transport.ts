import type { JSONRPCMessage, RequestId, Transport } from "@modelcontextprotocol/server";

/** JSON-RPC's code for what a server says of itself; none of the named ones fits. */
const stoppingCode = -32_000;

/** The one request that is not answered until its client goes. */
const subscribing = "subscriptions/listen";

/** A transport that can be told to take no more requests, and knows which are under way. */
export class StoppableTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: NonNullable<Transport["onmessage"]>;
  readonly #wire: Transport;
  readonly #requests = new Set<RequestId>();
  /** What the client was asked and has not answered. */
  readonly #questions = new Set<RequestId>();
  readonly #whenIdle: (() => void)[] = [];
  #isStopping = false;
  #isClientGone = false;

  constructor(wire: Transport) {
    this.#wire = wire;
  }

  async start(): Promise<void> {
    this.#wire.onclose = () => this.onclose?.();
    this.#wire.onerror = (error) => this.onerror?.(error);
    this.#wire.onmessage = (message, extra) => {
      if ("id" in message && !("method" in message) && message.id !== undefined)
        this.#questions.delete(message.id);
      if (!this.#isRefused(message)) this.onmessage?.(message, extra);
    };
    await this.#wire.start();
  }

  async send(...[message, options]: Parameters<Transport["send"]>): Promise<void> {
    if ("id" in message && "method" in message) {
      this.#questions.add(message.id);
      if (this.#isClientGone) this.#answerForClient();
    }
    try {
      await this.#wire.send(message, options);
    } finally {
      if ("id" in message && !("method" in message)) this.#end(message.id);
    }
  }

  close(): Promise<void> {
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

  #answerForClient(): void {
    const questions = [...this.#questions];
    this.#questions.clear();
    for (const id of questions) {
      const error = { code: stoppingCode, message: "The client has ended, and nobody has answered." };
      // Not in the middle of sending the question.
      queueMicrotask(() => this.onmessage?.({ jsonrpc: "2.0", id, error }));
    }
  }

  #end(id: RequestId | undefined): void {
    if (id === undefined || !this.#requests.delete(id) || this.#requests.size > 0) return;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }
}
