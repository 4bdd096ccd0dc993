import type { ToolCall } from "@langchain/core/messages";
import { isStructuredTool, type StructuredToolInterface } from "@langchain/core/tools";
import { isToolsetError, ToolsetError } from "../errors/toolset-error.js";
import { loadOnce } from "../load-once.js";
import { checkToolList } from "../tool-list.js";
import { backoffSetup, type BackoffOptions, type BackoffSetup } from "./backoff-options.js";
import type { ToolBodyParameters } from "./paced-tool.js";

const loadPaced = loadOnce(() => import("./paced-tool.js"));

/** No more of LangChain's interface than is used: with `exactOptionalPropertyTypes`, not all its tools fit it. */
type AnyTool = Pick<StructuredToolInterface, "name" | "lc_namespace">;
type ToolBody = (...parameters: ToolBodyParameters) => unknown;
type ToolEntrance = (arg: unknown, config?: unknown, tags?: string[]) => Promise<unknown>;

/**
 * Gives any LangChain tools backoff: calls wait for the rate limit of the server behind them. It is enough that
 * their errors carry `status` 429 (or `response.status`) and `headers`, or that they answer with a `ToolMessage`
 * whose artifact says `{ error: { code: "rate_limited", retryAfterMs } }`.
 *
 * All tools of one call share a gate, unless one is given. Every error but a 429 is thrown as it is, aborts and
 * LangGraph's signals among them: whether another call may be repeated, only the tool knows.
 *
 * The tools returned are the given ones behind a proxy: the same class, name, schema and everything else, and
 * the given ones stay as they are. Only what a tool does between its callbacks is held back and repeated, so that
 * a tracer sees one run for each call, with its waits inside. What a tool streams (an async generator) is not
 * repeated once it was returned. A tool whose class overrides `invoke` or `call` with methods that use `#private`
 * fields does not work through a proxy; `private` ones do.
 *
 * @param options - as for a `ToolManager`'s backoff; `maxWaitMs` and `maxAttempts` count for one call of a tool
 * @throws `ToolsetError` `invalid_argument` naming the option, or the tool that is none
 *
 * @example
 * ```ts
 * const agent = createAgent({ model, tools: withBackoff([searchTool, crmTool], { maxWaitMs: 30_000 }) });
 * ```
 */
export function withBackoff<Tool extends AnyTool>(
  tools: readonly Tool[],
  options: BackoffOptions = {},
): Tool[] {
  const setup = backoffSetup(options);
  checkToolList(tools);
  return tools.map((tool, index) => {
    if (!isStructuredTool(tool) || typeof Reflect.get(tool, "_call") !== "function") {
      throw new ToolsetError(
        "invalid_argument",
        `"tools[${index}]" is not a StructuredTool. Give tools made by tool(), or by a class that extends ` +
          `StructuredTool; a provider's own tools run at the provider, and need no backoff here.`,
      );
    }
    return behindGate(tool, setup);
  });
}

function behindGate<Tool extends AnyTool>(tool: Tool, setup: BackoffSetup): Tool {
  const body: ToolBody = async (...args) => {
    const ownBody = Reflect.get(tool, "_call") as ToolBody;
    const { paced } = await loadPaced();
    return paced(() => ownBody.apply(tool, args), args, setup);
  };

  // `invoke` calls `call` and that calls `_call`; the classic executor's stream begins at `call`.
  const entrance: ToolEntrance = async (arg, config, tags) => {
    const call = Reflect.get(tool, "call") as ToolEntrance;
    try {
      return await call.call(proxy, arg, config, tags);
    } catch (error) {
      const isOurs = isToolsetError(error) && error.code === "rate_limited";
      if (!isOurs) throw error;
      const { throwableBy } = await import("../errors/classic-executor.js");
      throw throwableBy(error, toolCallIdIn(arg, config));
    }
  };

  const proxy: Tool = new Proxy(tool, {
    get: (target, property) => {
      if (property === "_call") return body;
      if (property === "call") return entrance;
      return Reflect.get(target, property, target) as unknown;
    },
  });
  return proxy;
}

function toolCallIdIn(arg: unknown, config: unknown): string | undefined {
  const call = isToolCall(arg) ? arg : (config as { toolCall?: ToolCall } | undefined)?.toolCall;
  return call?.id;
}

function isToolCall(value: unknown): value is ToolCall {
  return typeof value === "object" && value !== null && (value as { type?: unknown }).type === "tool_call";
}
