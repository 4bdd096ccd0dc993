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
  readonly #whenIdle: (() => void)[] = [];
  #isStopping = false;

  constructor(wire: Transport) {
    this.#wire = wire;
  }

  async start(): Promise<void> {
    this.#wire.onclose = () => this.onclose?.();
    this.#wire.onerror = (error) => this.onerror?.(error);
    this.#wire.onmessage = (message, extra) => {
      if (!this.#isRefused(message)) this.onmessage?.(message, extra);
    };
    await this.#wire.start();
  }

  async send(...[message, options]: Parameters<Transport["send"]>): Promise<void> {
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

  #end(id: RequestId | undefined): void {
    if (id === undefined || !this.#requests.delete(id) || this.#requests.size > 0) return;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }
}
