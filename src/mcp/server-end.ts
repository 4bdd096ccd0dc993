import type { Layer } from "../call.js";
import { ToolsetError } from "../errors/toolset-error.js";

/** Where a call's config holds the signal that aborts when its server ends. */
const configKey = "onepassword_server_over";

/** What a config has to hold so that {@link untilServerEnds} knows its server. */
export function serverEndConfig(over: AbortSignal | undefined): Record<string, unknown> {
  return over === undefined ? {} : { [configKey]: over };
}

/**
 * Lets nothing more leave for a server that was taken away or has expired, however long a call has waited for the rate
 * limit or for a person by then. What is on its way already goes on to its end.
 */
export const untilServerEnds: Layer = (next) => (request) => {
  const { context } = request;
  const over = context.config.configurable?.[configKey] as AbortSignal | undefined;
  if (over !== undefined) {
    const { send } = context;
    context.send = (exchange, options) =>
      send((signal) => {
        if (over.aborted) throw new ToolsetError("forbidden", overText, { unsent: true });
        return exchange(signal);
      }, options);
  }
  return next(request);
};

const overText =
  "This server was taken away, or has expired, while the call waited. Nothing was sent, and nothing was changed by it. " +
  "Next: report this to the person who gave you the task.";
