import type { RunnableConfig } from "@langchain/core/runnables";
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

/** What is known of an answer that no server gave. */
export const noMeta: AnswerMeta = {
  status: null,
  headers: {},
  rateLimit: null,
  requestId: null,
  nextCursor: null,
};

/** What became of a call that reached its end without an error. */
export type CallResult =
  | {
      kind: "answer";
      data: unknown;
      meta: AnswerMeta;
      /** What the model reads, where the call knows better than to show its data. */
      text?: string;
      /** What the model has to hear beside the data, in a sentence. */
      note?: string | undefined;
    }
  | {
      kind: "write";
      previous: UserState | "unknown";
      state: UserState | "unknown";
      /** `null` where nobody looked at the person before. */
      changed: boolean | null;
      user?: User;
      /** Whether the answer shows another person than the one whom the guards judged: then nothing is verified. */
      showsAnother?: boolean;
      /** What the model has to hear beside the states, in a sentence. */
      note?: string;
      /** What the model reads, where the call knows better than to show the states alone. */
      text?: string;
      meta: AnswerMeta;
    }
  | { kind: "planned"; would: string }
  | ({ kind: "refused" } & Refusal);

/** Why a call was not made. */
export interface Refusal {
  readonly code: ToolsetErrorCode;
  /** What happened, with the value, and that nothing was changed. */
  readonly text: string;
  readonly retryAfterMs?: number | undefined;
  /** What a function of the operator's threw; for those who catch the error, and in nothing that a model reads. */
  readonly cause?: unknown;
  /** The call to make instead. It is recommended only to a model that has a tool with this verb. */
  readonly next?:
    | {
        readonly method: string;
        readonly args: Readonly<Record<string, unknown>>;
        readonly why: string;
      }
    | undefined;
}

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
  | { type: "page"; page: number; people: number }
  | {
      type: "write";
      /** The verb. */
      action: string;
      /** The person's id. */
      id: string;
      state: UserState | "unknown";
      /** `null` where nobody looked before. */
      changed: boolean | null;
    };

/** An answer that backoff can learn a rate limit from. */
export interface AnswerWithHeaders {
  readonly headers: Readonly<Record<string, string>>;
}

/** What a request rests on, and has to be looked at again where the request had to wait since. */
export interface Confirmation {
  /** How many requests one look takes. */
  readonly requests: number;
  /**
   * Looks again. The request leaves right after it, with no wait for a rate limit in between.
   *
   * @param send - the way that the requests of the look have to take
   * @throws what keeps the request from being sent
   */
  readonly look: (send: Send) => Promise<void>;
}

/** How a source makes each of its HTTP requests; backoff, where it is on, lives in here. */
export type Send = <Answer extends AnswerWithHeaders>(
  request: (signal: AbortSignal) => Promise<Answer>,
  options: {
    /** Whether the request may be repeated when nobody knows whether it arrived. */
    idempotent: boolean;
    /** When it must not leave any more, in milliseconds since the epoch. */
    notAfter?: number | undefined;
    /** What it rests on. Only backoff makes requests wait; without it, nothing is looked at again. */
    confirm?: Confirmation | undefined;
  },
) => Promise<Answer>;

/** Room for several requests that leave one after another, with nothing to wait for between them. */
export interface SendReservation {
  /** The way of these requests. One that finds no room after all waits as any other does. */
  readonly send: Send;
  /** Gives back what was not used. Has to be called. */
  release(): void;
}

/** What a person said yes to. */
export interface Consent {
  /** The request that was answered. */
  readonly requestId: string;
  readonly approver?: string | undefined;
  readonly reason?: string | undefined;
  /** When the yes ends, in milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** What becomes of a write on its way to the server, as later records and reports need it. */
export interface Trail {
  /** The id of the record that says that it is about to be sent. */
  intent?: string;
  /** How often it was sent. */
  attempts: number;
}

/**
 * The users whom a call concerns. `none`: no user of the directory. `unknown`: nobody can say whom. `named`: the
 * arguments name them, and nothing that was asked for has to read them. `known`: as they were read.
 */
export type Targets =
  | { readonly state: "none" }
  | {
      readonly state: "unknown";
      /** What is not known, as part of a sentence. */
      readonly why: string;
    }
  | {
      readonly state: "named";
      /** Ids, or emails, as the arguments have them. */
      readonly names: readonly string[];
      readonly by: "id" | "email";
    }
  | { readonly state: "known"; readonly users: readonly User[] };

/** The facts of one call. Layers talk through it, never to each other. */
export interface Context {
  /** Origin, account and client: what gates, tokens and records are kept by. */
  readonly account: string;
  /** The id of this call: the model's tool call id, or one made for it. */
  readonly callId: string;
  /** LangGraph's `configurable.thread_id`. */
  readonly thread?: string;
  /** The id of the run that is this call; where the host names none, that of the run that the call is part of. */
  readonly run?: string;
  /** Within what a call is remembered: the thread, else the run of the host that makes the calls. */
  readonly scope: string;
  /** Who is behind the call: `configurable.actor`, never an argument. */
  readonly actor?: string;
  /** Why a write is made, for those who approve and record it. Taken from the argument `reason`. */
  reason?: string;
  /** Whom the caller means, one email for each user concerned. Taken from the argument `expected_email`. */
  expectedEmails?: readonly string[];
  readonly signal: AbortSignal;
  /** When the caller gives up, in milliseconds since the epoch; `Infinity` where that is not known. */
  readonly deadline: number;
  /** Urgent calls leave the gate first. The reads made for a write are as urgent as the write. */
  readonly priority: "urgent" | "normal";
  /** Whether writes are only to be planned. */
  readonly dryRun: boolean;
  /** Whom the task is about, by each option that says it; `configurable.taskUsers` of {@link Context.config} narrows it. */
  readonly taskUsers: readonly (readonly string[])[];
  /** What ids of users look like, where the source is one of this library's. */
  readonly userIds?: RegExp | undefined;
  /** The users concerned: guards judge these, never the arguments. Resolved before any guard. */
  targets: Targets;
  /** What would have stopped a write that is only planned. */
  readonly obstacles: Refusal[];
  /** Why this write needs an approval that others do not need. */
  needsApproval?: string;
  /** A yes that was given before, for several changes at once. */
  grant?: { readonly token: string; readonly consent: Consent };
  /** What a person said yes to, written by the layer that asked them. */
  consent?: Consent;
  readonly trail: Trail;
  /** What the host passed, for a tool that calls others. */
  readonly config: RunnableConfig;
  /** Reads a person, once for the whole call unless `fresh` is asked for; by another way than the call's own with `send`. */
  readUser(id: string, options?: { fresh?: boolean; send?: Send | undefined }): Promise<User>;
  /**
   * Finds the one person who has an email.
   *
   * @throws `ToolsetError` `not_found` where nobody has it, `identity_mismatch` where several have
   */
  findUser(email: string): Promise<User>;
  emit(event: ToolsetEvent): void;
  /** How requests are made. A layer may put a narrower way in its place. */
  send: Send;
  /**
   * Waits until so many requests may leave together. Absent where nothing makes requests wait.
   *
   * @throws `RateLimitError` where that takes longer than a request may wait
   */
  readonly reserve?: ((requests: number) => Promise<SendReservation>) | undefined;
}

/** Composes layers around a call; the first layer is the outermost. */
export function composeLayers(layers: readonly Layer[], call: Call): Call {
  return layers.reduceRight<Call>((next, layer) => layer(next), call);
}
