import { dispatchCustomEvent } from "@langchain/core/callbacks/dispatch/web";
import type { RunnableConfig } from "@langchain/core/runnables";
import type { ToolsetEvent } from "./call.js";

/** The name that this library's events have in `streamEvents` and in callbacks' `handleCustomEvent`. */
export const customEventName = "onepassword";

/** LangGraph's addition to a runnable's config. */
export type HostConfig = RunnableConfig & { writer?: ((chunk: unknown) => void) | undefined };

/** Shows an event wherever somebody may watch: in LangGraph's custom stream, in `streamEvents`, in callbacks. */
export function showEvent(event: ToolsetEvent, config: HostConfig): void {
  // Events are for watching. Nothing that goes wrong with a watcher may cost the call.
  try {
    config.writer?.(event);
  } catch {
    // The stream is gone; the call goes on.
  }
  dispatchCustomEvent(customEventName, event, config).catch(() => undefined);
}
