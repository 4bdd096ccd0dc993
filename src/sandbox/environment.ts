import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Context, MiddlewareHandler } from "hono";
import type { DocumentedRequest } from "./documented-requests.js";

/** A request that was found to be documented, taken apart. */
export interface KnownRequest {
  readonly documented: DocumentedRequest;
  /** The path's parameters, decoded. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** The fields of the form or of the JSON object; empty where there is no body. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** What Hono carries along with each request of the sandbox. */
export interface SandboxEnvironment {
  Bindings: HttpBindings;
  Variables: {
    known: KnownRequest;
    /** Set where the connection was cut without an answer. */
    unanswered?: true;
  };
}

/** A request on its way through the sandbox. */
export type SandboxContext = Context<SandboxEnvironment>;

/** A step on that way. */
export type SandboxStep = MiddlewareHandler<SandboxEnvironment>;

/** What answers a documented request. */
export type SandboxHandler = (request: KnownRequest, authorization: string | undefined) => Response;

/** Says that the answer has been written past Hono. */
export function markSent(context: SandboxContext): void {
  // Hono keeps a step's answer only where there is none yet, and copies the headers of one that is there.
  context.res = undefined;
  context.res = RESPONSE_ALREADY_SENT;
}

/** Says that there will be no answer, because the connection is gone. */
export function leaveUnanswered(context: SandboxContext): void {
  context.set("unanswered", true);
  markSent(context);
}
