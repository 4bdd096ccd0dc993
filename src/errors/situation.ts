import type { ToolDescriptor } from "../descriptor.js";

/** What is known of a call when its failure is put into words. */
export interface Situation {
  readonly descriptor: ToolDescriptor;
  readonly args: Readonly<Record<string, unknown>>;
  /** The name of the tool with this verb, where the model has one; only such a tool may be recommended. */
  readonly nameOf: (method: string) => string | undefined;
}

/** A sentence that names the next call to make, or `undefined` where the model has no such tool. */
export function nextCall(
  { nameOf }: Pick<Situation, "nameOf">,
  method: string,
  args: Readonly<Record<string, unknown>>,
  why: string,
): string | undefined {
  const name = nameOf(method);
  return name === undefined ? undefined : `Next: call ${name} with ${JSON.stringify(args)} ${why}.`;
}

/** What is left to a model that has no tool to go on with. */
export const askSomebody =
  "Next: report this to the person who gave you the task, and make no further call for it.";
