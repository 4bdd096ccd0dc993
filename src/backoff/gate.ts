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
  /** How long it may wait, in milliseconds; with 0 it leaves at once or not at all. */
  readonly maxWaitMs: number;
  /**
   * How long a server's word that nothing may be sent is believed, in milliseconds. After that, while the gate is still
   * closed, one request is sent to ask again.
   *
   * @default Infinity
   */
  readonly maxClosedMs?: number | undefined;
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

/** The leave to send several requests, one after another, with nothing to wait for between them. */
export interface Reservation {
  /**
   * Takes the leave for the next one.
   *
   * @returns `null` where it would have to wait after all, because the limit has changed meanwhile
   */
  take(): GatePass | null;
  /** Gives back what was not taken. Has to be called, however it ends; further calls do nothing. */
  release(): void;
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
  /**
   * Waits until several requests may be sent together.
   *
   * @param permits - how many, from 1 on
   * @throws as {@link Gate.enter} does
   */
  reserve(request: GateRequest, permits: number): Promise<Reservation>;
}
