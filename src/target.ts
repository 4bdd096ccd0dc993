import type { ToolDescriptor, ToolInputSchema } from "./descriptor.js";
import { stateAfter } from "./user.js";

/** The argument of a tool that names the users whom a call concerns. */
export interface TargetArgument {
  /**
   * The argument's name, or a JSON Pointer into the arguments, such as `/user/id` (RFC 6901). A list on the way is
   * followed into each of its entries, with an index or without: `/users/id` and `/users/0/id` name all users of it.
   */
  readonly argument: string;
  /**
   * What the argument holds. A list is taken for `id` and `email` as well, and a single value for `ids` and
   * `emails`: each user is judged in any case.
   */
  readonly holds: "id" | "ids" | "email" | "emails";
}

/**
 * Whom the calls of a tool concern: the users that an argument names, no user of the directory (`"none"`), or
 * `"unknown"`. Guards that have to judge users refuse a call whose users are unknown.
 */
export type ToolTarget = "none" | "unknown" | TargetArgument;

const holdings: readonly unknown[] = ["id", "ids", "email", "emails"] satisfies TargetArgument["holds"][];

/** Whether a word says what an argument holds. */
export function isHolding(word: unknown): word is TargetArgument["holds"] {
  return holdings.includes(word);
}

/** Whether a value says whom calls concern, in a way that is understood. */
export function isTarget(value: unknown): value is ToolTarget {
  if (value === "none" || value === "unknown") return true;
  const { argument, holds } = (value ?? {}) as Partial<Record<keyof TargetArgument, unknown>>;
  return typeof argument === "string" && argument !== "" && isHolding(holds);
}

/** The most users that one call may concern. */
export const maxTargets = 100;

/** The longest id or email that is looked at, in UTF-16 code units. */
const maxNameLength = 320;

/**
 * Whom the calls of a tool concern, as its descriptor says. A read concerns nobody. A write that suspends or
 * reactivates, and that does not say it, concerns the user in its required text `id`; every other write that does not
 * say it, or say it in a way that is not understood, is unknown.
 */
export function targetOf({
  target,
  kind,
  method,
  inputSchema,
}: Pick<ToolDescriptor, "target" | "kind" | "method" | "inputSchema">): ToolTarget {
  if (kind === "read") return "none";
  if (target !== undefined) return isTarget(target) ? target : "unknown";
  const { properties, required = [] } = inputSchema;
  const takesId = properties.id?.type === "string" && required.includes("id");
  return stateAfter(method) !== undefined && takesId ? { argument: "id", holds: "id" } : "unknown";
}

/** Whether a target's argument holds emails rather than ids. */
export function holdsEmails({ holds }: TargetArgument): boolean {
  return holds === "email" || holds === "emails";
}

/**
 * The ids or emails in the argument that names users, each once.
 *
 * @returns `undefined` where it names nobody in a way that is understood: it is missing, empty, or something else
 * than a text, a whole number or a list of these
 */
export function namesIn(
  target: TargetArgument,
  args: Readonly<Record<string, unknown>>,
): readonly string[] | undefined {
  const names = valuesAt(segmentsOf(target.argument), args).map(nameIn);
  if (names.length === 0 || names.some((name) => name === undefined)) return undefined;
  return [...new Set(names as string[])];
}

/** The same arguments, with the users that a target's argument names replaced. */
export function withNames(target: TargetArgument, names: readonly string[]): Record<string, unknown> {
  const [first] = names;
  const value = target.holds === "ids" || target.holds === "emails" ? [...names] : first;
  return segmentsOf(target.argument).reduceRight<unknown>(
    (inner, segment) => ({ [segment]: inner }),
    value,
  ) as Record<string, unknown>;
}

/** The arguments without the one that names users, which is where a call differs from the same one on somebody else. */
export function withoutTarget(
  target: ToolTarget,
  args: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  if (typeof target === "string") return args;
  return (without(segmentsOf(target.argument), args) ?? {}) as Readonly<Record<string, unknown>>;
}

/** Whether the schema of a tool's arguments has a place for the argument that a target names. */
export function fitsSchema({ argument }: TargetArgument, inputSchema: ToolInputSchema): boolean {
  let properties: Record<string, unknown> | undefined = inputSchema.properties;
  for (const segment of segmentsOf(argument)) {
    // Below what the schema does not spell out, such as an `anyOf`, only a call shows what there is.
    if (properties === undefined) return true;
    if (!Object.hasOwn(properties, segment)) return false;
    const schema = properties[segment] as { properties?: Record<string, unknown> } | undefined;
    properties = schema?.properties;
  }
  return true;
}

function nameIn(value: unknown): string | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) ? String(value) : undefined;
  if (typeof value !== "string" || value.length > maxNameLength) return undefined;
  return value.trim() === "" ? undefined : value;
}

/** What a pointer leads to, list by list; `undefined` for each place where there is nothing. */
function valuesAt(segments: readonly string[], value: unknown): readonly unknown[] {
  const [segment, ...inner] = segments;
  if (Array.isArray(value)) {
    const rest = segment !== undefined && isIndex.test(segment) ? inner : segments;
    // A list in a list names nobody in a way that is understood.
    const entries = value.flatMap((entry) => (Array.isArray(entry) ? [undefined] : valuesAt(rest, entry)));
    return entries.length === 0 ? [undefined] : entries;
  }
  if (segment === undefined) return [value];
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, segment)) return [undefined];
  return valuesAt(inner, (value as Record<string, unknown>)[segment]);
}

const isIndex = /^(?:\d+|-)$/;

/** What is left of a value without what a pointer leads to; `undefined` where that is nothing. */
function without(segments: readonly string[], value: unknown): unknown {
  const [segment, ...inner] = segments;
  if (segment === undefined) return undefined;
  if (Array.isArray(value)) {
    const left = value.map((entry) => without(isIndex.test(segment) ? inner : segments, entry) ?? null);
    return left.every((entry) => entry === null) ? undefined : left;
  }
  if (typeof value !== "object" || value === null) return value;
  const { [segment]: named, ...rest } = value as Readonly<Record<string, unknown>>;
  const left = without(inner, named);
  if (left !== undefined) return { ...rest, [segment]: left };
  return Object.keys(rest).length === 0 ? undefined : rest;
}

/** The names on the way to an argument, decoded as RFC 6901 has it. */
function segmentsOf(argument: string): string[] {
  if (!argument.startsWith("/")) return [argument];
  return argument
    .slice(1)
    .split("/")
    .map((segment) => segment.replaceAll("~1", "/").replaceAll("~0", "~"));
}
