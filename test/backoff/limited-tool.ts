import { DynamicStructuredTool } from "@langchain/core/tools";
import { vi } from "vitest";

/** An error as HTTP clients throw it. */
export class StatusError extends Error {
  constructor(
    readonly status: number,
    readonly headers: unknown = {},
  ) {
    super(`Request failed with status ${status}`);
  }
}

/** A tool that this library does not know: it does what it is told, call by call, and then succeeds. */
export function limitedTool(name: string, ...outcomes: (() => unknown)[]) {
  const calls: { input: unknown; signal: AbortSignal | undefined; at: number }[] = [];
  const tool = new DynamicStructuredTool({
    name,
    description: `Does ${name}.`,
    schema: { type: "object" as const, properties: { id: { type: "string" } }, required: ["id"] },
    func: async (input: { id: string }, _runManager, config) => {
      calls.push({ input, signal: config?.signal, at: Date.now() });
      return outcomes.shift()?.() ?? `${name} of ${input.id} is done`;
    },
  });
  return { tool, calls };
}

/** Makes a tool throw. */
export function throws(error: unknown): () => never {
  return () => {
    throw error as Error;
  };
}

/** Lets fake time pass, from timer to timer, until a promise has ended, and gives that. */
export async function inFakeTime<T>(promise: Promise<T>): Promise<T> {
  const progress = { ended: false };
  const done = () => (progress.ended = true);
  promise.then(done, done);
  while (!progress.ended) {
    // What is not a matter of timers, such as an import, needs its own time.
    await new Promise((resolve) => setImmediate(resolve));
    if (vi.getTimerCount() > 0) await vi.advanceTimersToNextTimerAsync();
  }
  return promise;
}
