import type { Context } from "../call.js";

/** One request that asks to be sent. */
export interface GateRequest {
  /** Whose rate limit it counts against; each account has a lane of its own. */
  readonly account: Context["account"];
  /** Urgent requests leave first, whenever they came. */
  readonly priority: Context["priority"];
  /** Whether it was sent before and refused: then it comes before those that were not. */
  readonly again: boolean;
  readonly signal: AbortSignal;
  /** How long it may wait, in milliseconds. */
  readonly maxWaitMs: number;
  /** Told once, when it waits because the lane is closed: how long that will be, in milliseconds. */
  readonly onWait: (waitMs: number) => void;
}

/** What became of a request that the gate let through. */
export type Outcome =
  /** The server answered, in whatever way but a 429. Header names are lower-case. */
  | { readonly kind: "answered"; readonly headers: Readonly<Record<string, string>> }
  /** The server answered 429. */
  | {
      readonly kind: "refused";
      readonly headers: Readonly<Record<string, string>>;
      /** When to try again, for where the headers do not tell; `null` where nobody did. */
      readonly retryAfterMs: number | null;
    }
  /** No answer came, and nobody knows whether the request arrived. */
  | { readonly kind: "lost" }
  /** It was not sent after all. */
  | { readonly kind: "unsent" };

/** The leave to send one request. */
export interface GatePass {
  /** Has to be called once the request has ended, however it did. Only the first call counts. */
  readonly settle: (outcome: Outcome) => void;
}

/**
 * Lets requests through at the pace that a server's rate limit allows. What one manager learns, all that share
 * the gate know. Made by `createGate`.
 */
export interface Gate {
  /**
   * Waits until the request may be sent.
   *
   * @throws the signal's reason, at once, when it aborts; `RateLimitError` as soon as it is certain that
   * waiting would take longer than the request may wait
   */
  enter(request: GateRequest): Promise<GatePass>;
}
