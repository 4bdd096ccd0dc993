import { ToolMessage } from "@langchain/core/messages";
import { isBubbleUp } from "../bubble-up.js";
import { isToolsetError } from "../errors/toolset-error.js";
import { foreignHeaders } from "../http/foreign-headers.js";
import type { Failure } from "./attempts.js";

/** A message by which a tool said, rather than threw, that the rate limit refused its call. */
export class ReturnedRefusal extends Error {
  constructor(
    /** What the tool returned, the message or a pair with it. */
    readonly result: unknown,
    readonly retryAfterMs: number | null,
  ) {
    super("the tool answered that it is rate limited");
  }
}

/**
 * What an error of a tool means that nobody here knows. Only a 429 may be made again: it had no effect. Whether
 * anything else may, depends on what the tool does.
 */
export function foreignFailure(error: unknown): Failure {
  const outcome = outcomeOf(error);
  const retryAfterMs = outcome.kind === "refused" ? outcome.retryAfterMs : null;
  return { outcome, repeat: null, retryAfterMs };
}

/** The refusal in what a tool returned, if it is one: a `ToolMessage` as this library's tools answer with. */
export function refusalIn(result: unknown): ReturnedRefusal | null {
  const message: unknown = Array.isArray(result) && result.length === 2 ? result[0] : result;
  if (!ToolMessage.isInstance(message) || message.status !== "error") return null;
  const error = field(message.artifact, "error");
  if (field(error, "code") !== "rate_limited") return null;
  return new ReturnedRefusal(result, durationOf(field(error, "retryAfterMs")));
}

/** The headers in the artifact of what a tool returned, where its artifacts hold them as this library's do. */
export function headersInArtifact(result: unknown): Record<string, string> {
  if (!Array.isArray(result) || result.length !== 2) return {};
  return foreignHeaders(field(result[1], "headers"));
}

function outcomeOf(error: unknown): Failure["outcome"] {
  if (error instanceof ReturnedRefusal) {
    return { kind: "refused", headers: {}, retryAfterMs: error.retryAfterMs };
  }
  // LangGraph's signals: the tool stopped to ask somebody, and no request is to be expected of it.
  if (isBubbleUp(error)) return { kind: "unsent" };
  const response = field(error, "response");
  const status = field(error, "status") ?? field(response, "status");
  const headers = foreignHeaders(field(error, "headers") ?? field(response, "headers"));
  if (status === 429 || (isToolsetError(error) && error.code === "rate_limited")) {
    return { kind: "refused", headers, retryAfterMs: durationOf(field(error, "retryAfterMs")) };
  }
  return typeof status === "number" ? { kind: "answered", headers } : { kind: "lost" };
}

function durationOf(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : null;
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return (value as Record<string, unknown>)[name] ?? undefined;
}
