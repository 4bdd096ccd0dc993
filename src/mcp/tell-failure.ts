import { toolkitOf, type ToolManager } from "../manager.js";
import { thrownKind } from "../warning.js";

/** Tells the operator what a function of theirs threw, which no client reads. */
export type TellFailure = (what: string, thrown: unknown) => void;

/** Tells it to the `onWarning` of a manager. */
export function tellFailureOf(manager: ToolManager): TellFailure {
  const { onWarning } = toolkitOf(manager).setup;
  return (what, thrown) => onWarning(`"${what}" failed${thrownKind(thrown)}.`, { cause: thrown });
}
