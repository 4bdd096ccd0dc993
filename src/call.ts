import type { ToolsetErrorCode } from "./errors/toolset-error.js";
import type { ToolDescriptor } from "./descriptor.js";
import type { User, UserState } from "./user.js";

/** How much of a rate limit is left, as a server's last answer told it. */
export interface RateLimit {
  /** Requests in a window; `null` where the server did not say. */
  readonly limit: number | null;
  /** Requests left in this window; `null` where the server did not say. */
  readonly remaining: number | null;
  /** Milliseconds until the window ends; `null` where the server did not say. */
  readonly resetMs: number | null;
}

/** What is known of an answer beside its data. */
export interface AnswerMeta {
  /** The status code of the answer; `null` for a tool that asks no server. */
  readonly status: number | null;
  /** Lower-case names, on the allow-list of what may be shown. */
  readonly headers: Readonly<Record<string, string>>;
  readonly rateLimit: RateLimit | null;
  /** The server's own name for the request. */
  readonly requestId: string | null;
  /** What to pass back, unchanged, for the next page; `null` on the last one. */
  readonly nextCursor: string | null;
}

/** What became of a call that reached its end without an error. */
export type CallResult =
  | {
      kind: "answer";
      data: unknown;
      meta: AnswerMeta;
      /** What the model reads, where the call knows better than to show its data. */
      text?: string;
    }
  | {
      kind: "write";
      previous: UserState | "unknown";
      state: UserState | "unknown";
      /** `null` where nobody looked at the person before. */
      changed: boolean | null;
      user?: User;
      meta: AnswerMeta;
    }
  | { kind: "planned"; would: string }
  | { kind: "refused"; code: ToolsetErrorCode; text: string; retryAfterMs?: number };

/** One call of a tool on its way to the source. */
export interface CallRequest {
  readonly descriptor: ToolDescriptor;
  readonly args: Readonly<Record<string, unknown>>;
  readonly context: Context;
}

/** A step on the way from a tool to its source, or the whole way from there on. */
export type Call = (request: CallRequest) => Promise<CallResult>;

/**
 * The one shape for everything between a tool and its source. It may answer itself, call `next` with
 * another request, or look at what `next` gave. What it learns for others it writes on the context.
 *
 * @example
 * ```ts
 * const timed: Layer = (next) => async (request) => {
 *   const start = performance.now();
 *   try {
 *     return await next(request);
 *   } finally {
 *     console.error(`${request.descriptor.name}: ${Math.round(performance.now() - start)} ms`);
 *   }
 * };
 * ```
 */
export type Layer = (next: Call) => Call;

/** What happens during a call, as it happens. Shown in LangChain's and LangGraph's streams. */
export type ToolsetEvent =
  | {
      type: "wait";
      /** How long the request waits, in milliseconds. */
      waitMs: number;
      /** Which attempt follows the wait, 1 being the first. */
      attempt: number;
      reason: "rate_limited" | "queued" | "server_error" | "network" | "timeout" | "bad_response";
    }
  | { type: "page"; page: number; people: number };

/** An answer that backoff can learn a rate limit from. */
export interface AnswerWithHeaders {
  readonly headers: Readonly<Record<string, string>>;
}

/** How a source makes each of its HTTP requests; backoff, where it is on, lives in here. */
export type Send = <Answer extends AnswerWithHeaders>(
  request: (signal: AbortSignal) => Promise<Answer>,
  options: {
    /** Whether the request may be repeated when nobody knows whether it arrived. */
    idempotent: boolean;
  },
) => Promise<Answer>;

/** The facts of one call. Layers talk through it, never to each other. */
export interface Context {
  /** Origin, account and client: what gates, tokens and records are kept by. */
  readonly account: string;
  /** The id of this call: the model's tool call id, or one made for it. */
  readonly callId: string;
  /** LangGraph's `configurable.thread_id`. */
  readonly thread?: string;
  /** The id of the run that this call belongs to. */
  readonly run?: string;
  /** Who is behind the call: `configurable.actor`, never an argument. */
  readonly actor?: string;
  /** Why a write is made, for those who approve and record it. */
  readonly reason?: string;
  readonly signal: AbortSignal;
  /** When the caller gives up, in milliseconds since the epoch; `Infinity` where that is not known. */
  readonly deadline: number;
  /** Urgent calls leave the gate first. The reads made for a write are as urgent as the write. */
  readonly priority: "urgent" | "normal";
  /** Whether writes are only to be planned. */
  readonly dryRun: boolean;
  /** The person concerned, as read: later layers judge this, never the arguments. */
  subject?: User;
  /** What a person decided about this call, written by the layer that asked them. */
  consent?: unknown;
  /** Reads a person, once for the whole call unless `fresh` is asked for. */
  readUser(id: string, options?: { fresh?: boolean }): Promise<User>;
  emit(event: ToolsetEvent): void;
  readonly send: Send;
}

/** Composes layers around a call; the first layer is the outermost. */
export function composeLayers(layers: readonly Layer[], call: Call): Call {
  return layers.reduceRight<Call>((next, layer) => layer(next), call);
}
