import { ToolInputParsingException } from "@langchain/core/tools";
import type { ToolsetError } from "./toolset-error.js";

/**
 * The error as it has to be thrown so that the host lets it through.
 *
 * Classic `AgentExecutor` makes an empty observation of every error that a tool throws, in `invoke` and in
 * `stream`, but for LangChain's own `ToolInputParsingException`; `createAgent` shows the model a stack trace
 * for just that class. The executor passes no tool call id and the newer hosts always do, so the id decides.
 * Whatever is thrown has the same fields and is `instanceof` the same classes of this library, by brand.
 */
export function throwableBy(error: ToolsetError, toolCallId: string | undefined): Error {
  if (toolCallId !== undefined || error instanceof ToolInputParsingException) return error;
  const carrier = new ToolInputParsingException(error.message);
  const { output: _unused, ...fields } = Object.getOwnPropertyDescriptors(error) as PropertyDescriptorMap;
  Object.defineProperties(carrier, fields);
  // What `inspect` and loggers name the error by.
  Object.defineProperty(carrier, "constructor", { value: error.constructor, configurable: true });
  Object.defineProperty(carrier, "text", { value: error.text, configurable: true });
  Object.defineProperty(carrier, "output", { value: undefined, enumerable: false, configurable: true });
  return carrier;
}
