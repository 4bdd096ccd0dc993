import type { ToolDescriptor } from "../descriptor.js";
import { plainJson } from "../content/plain-json.js";
import { isPlainEmail } from "./nearest-search.js";

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
  if (name === undefined) return undefined;
  return `Next: call ${name} with ${plainJson(args)}${why === "" ? "" : ` ${why}`}.`;
}

/** Recommends the search for an email; `undefined` for what is no plain address, which a search may refuse. */
export function findBy(
  situation: Pick<Situation, "nameOf">,
  email: unknown,
  why: string,
): string | undefined {
  return typeof email === "string" && isPlainEmail(email)
    ? nextCall(situation, "find", { email }, why)
    : undefined;
}

/** Recommends a search where only the caller knows for whom: what stands in angle brackets is to be filled in. */
export function findSomebody(situation: Pick<Situation, "nameOf">, why: string): string | undefined {
  return nextCall(situation, "find", { email: "<the person's email>" }, why);
}

/** A text whose last sentence recommends another step than before. */
export function withNext(text: string, step: string): string {
  const end = text.indexOf(" Next: ");
  return `${end === -1 ? text : text.slice(0, end)} ${step}`;
}

/** What is left to a model that has no tool to go on with. */
export const askSomebody =
  "Next: report this to the person who gave you the task, and make no further call for it.";
