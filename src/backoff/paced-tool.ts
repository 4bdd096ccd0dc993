import type { CallbackManagerForToolRun } from "@langchain/core/callbacks/manager";
import type { ToolCall } from "@langchain/core/messages";
import { showEvent, type HostConfig } from "../events.js";
import { attempt } from "./attempts.js";
import type { BackoffSetup } from "./backoff-options.js";
import { foreignFailure, headersInArtifact, refusalIn, ReturnedRefusal } from "./foreign-failure.js";

/** All tools that share a gate share this lane of it: nobody knows which account they call. */
const lane = "tools";

/** What LangChain calls a tool's `_call` with. */
export type ToolBodyParameters = [
  input: unknown,
  runManager?: CallbackManagerForToolRun,
  config?: HostConfig & { toolCall?: ToolCall },
];

/** Lets one call of a tool through the gate, and again after a 429. */
export async function paced(
  request: () => unknown,
  [, runManager, config]: ToolBodyParameters,
  { gate, maxWaitMs, maxAttempts, onBackoff }: BackoffSetup,
): Promise<unknown> {
  const signal = config?.signal ?? new AbortController().signal;
  try {
    return await attempt<unknown>({
      gate,
      context: { account: lane, signal, deadline: Number.POSITIVE_INFINITY, priority: "normal" },
      maxWaitMs,
      maxAttempts,
      request: async () => {
        const result = await request();
        const refusal = refusalIn(result);
        if (refusal !== null) throw refusal;
        return result;
      },
      headersOf: headersInArtifact,
      failureOf: foreignFailure,
      tell: (wait) => {
        onBackoff(wait);
        if (config === undefined) return;
        const parent = runManager === undefined ? {} : { callbacks: runManager.getChild() };
        showEvent({ type: "wait", ...wait }, { ...config, ...parent });
      },
    });
  } catch (error) {
    // A tool that answers where others throw goes on doing so.
    if (error instanceof ReturnedRefusal) return error.result;
    throw error;
  }
}
