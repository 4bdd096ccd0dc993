import type { JsonSchema, ToolInputSchema } from "../descriptor.js";
import { userIdPattern } from "../user.js";
import { schemaIn } from "./admitted.js";

/** How long an id is that {@link userIdPattern} takes. */
const idLength = 26;

type Arguments = Readonly<Record<string, unknown>>;

/** How much of a text is put into words where its schema does not say how long it may be, in UTF-16 code units. */
const maxTextLength = 10_000;
/** The least that is kept of a text that is too long, so that it can be shown. */
const minTextLength = 2000;
/** How many arguments that a tool does not have are looked at one by one. */
const maxExtra = 100;
/** How many arguments that a tool does not have are put into words. */
const maxUnknown = 10;

/**
 * Whether arguments cannot fit by their number, or by the length of a text alone. It is asked first, so that nothing
 * has to look into them.
 */
export function isTooLarge(args: unknown, schema: ToolInputSchema): boolean {
  if (typeof args !== "object" || args === null) return false;
  if (hasTooMany(args, schema)) return true;
  const { properties } = schema;
  return Object.entries(args).some(([name, value]) => {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (!Array.isArray(value)) return isTooLong(value, property);
    const items = schemaIn(property?.items);
    if (typeof property?.maxItems === "number" && value.length > property.maxItems) return true;
    return value.some((entry) => isTooLong(entry, items));
  });
}

/** Whether there are far more arguments than a tool has, and it takes no others. */
export function hasTooMany(args: object, { properties, additionalProperties }: ToolInputSchema): boolean {
  if (additionalProperties !== false) return false;
  return Object.keys(args).length > Object.keys(properties).length + maxExtra;
}

/** Arguments as they are put into words: texts are cut, still too long where they were, and of unknown ones there are some. */
export function boundedArguments(args: Arguments, { properties }: ToolInputSchema): Arguments {
  const names = Object.keys(args);
  const known = names.filter((name) => Object.hasOwn(properties, name));
  const unknown = names.filter((name) => !Object.hasOwn(properties, name)).slice(0, maxUnknown);
  const bounded = [...known, ...unknown].map((name): [string, unknown] => {
    const value = args[name];
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (!Array.isArray(value)) return [name, cut(value, property)];
    const items = schemaIn(property?.items);
    const some = typeof property?.maxItems === "number" ? value.slice(0, property.maxItems + 1) : value;
    return [name, some.map((entry) => cut(entry, items))];
  });
  return Object.fromEntries(bounded);
}

function isTooLong(value: unknown, schema: JsonSchema | undefined): boolean {
  const most = maxUnits(schema);
  return typeof value === "string" && most !== undefined && value.length > most;
}

function cut(value: unknown, schema: JsonSchema | undefined): unknown {
  if (typeof value !== "string") return value;
  const most = maxUnits(schema);
  return value.slice(0, most === undefined ? maxTextLength : Math.max(most + 1, minTextLength));
}

/** The most UTF-16 code units that a text may have; a schema counts characters, of up to two each. */
function maxUnits(schema: JsonSchema | undefined): number | undefined {
  if (schema?.pattern === userIdPattern.source) return idLength;
  return typeof schema?.maxLength === "number" ? schema.maxLength * 2 : undefined;
}
