import { isBubbleUp } from "../bubble-up.js";
import type { Context } from "../call.js";
import { isToolsetError } from "../errors/toolset-error.js";
import { thrownKind, type WarningListener } from "../warning.js";
import type { ToolSource } from "./source.js";

/**
 * A source whose calls and readings throw errors of this library alone. What a source of the operator's throws beside
 * may hold anything: the operator is told of it whole, and a model reads that it failed.
 *
 * @param warn - hears what it throws
 */
export function toldSource(source: ToolSource, warn: WarningListener): ToolSource {
  const readUser = source.readUser?.bind(source);
  const readUsers = source.readUsers?.bind(source);
  const failure = async (name: string, what: string, thrown: unknown, context: Context, isWrite = false) => {
    // LangGraph's signals and aborts are no failures.
    if (isToolsetError(thrown) || isBubbleUp(thrown) || context.signal.aborted) return thrown;
    warn(`"${name}" of the source failed${thrownKind(thrown)}.`, { cause: thrown });
    const { operatorError } = await import("../errors/foreign-error.js");
    // Whoever throws without a status had no answer: nobody knows whether a write arrived.
    const { status } = (thrown ?? {}) as { status?: unknown };
    return operatorError(what, thrown, { inDoubt: isWrite && typeof status !== "number" });
  };
  return {
    key: source.key,
    userIds: source.userIds,
    list: (...parameters) => source.list(...parameters),
    leftOut: (name) => source.leftOut?.(name),
    close: async () => source.close?.(),
    call: async (descriptor, args, context) => {
      try {
        return await source.call(descriptor, args, context);
      } catch (error) {
        const { name, kind } = descriptor;
        throw await failure("call", `${JSON.stringify(name)} failed`, error, context, kind === "write");
      }
    },
    ...(readUser !== undefined && {
      readUser: async (id, context) => {
        try {
          return await readUser(id, context);
        } catch (error) {
          throw await failure("readUser", "The person could not be read", error, context);
        }
      },
    }),
    ...(readUsers !== undefined && {
      readUsers: async function* (query, context) {
        try {
          yield* readUsers(query, context);
        } catch (error) {
          throw await failure("readUsers", "The directory could not be read", error, context);
        }
      },
    }),
  };
}
