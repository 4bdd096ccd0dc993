import type { JsonSchema, ToolDescriptor } from "../descriptor.js";
import {
  admitsNull,
  admittedTypes,
  isOfType,
  namesEmptyText,
  partFor,
  schemaIn,
  type JsonType,
} from "./admitted.js";
import { hasTooMany } from "./bounded.js";
import { isTooDeepText } from "./nesting.js";
import { isBookkeeping } from "./bookkeeping.js";
import { holdsEmails, type TargetArgument, type ToolTarget } from "../target.js";

type Arguments = Readonly<Record<string, unknown>>;

/** What has to be known of a tool to read its arguments. */
type Reader = Pick<ToolDescriptor, "inputSchema" | "kind" | "target">;

/**
 * Arguments as clients send them, read as what they plainly mean, before anything else looks at them: so the person
 * who approves, the record and what is remembered of a call all see the arguments that the tool is given.
 *
 * - `null`, and `""` for what may be left out, are left out, unless the schema names them as values. `""` stays,
 *   and so does not fit, where leaving it out would allow more: an expected email, `dry_run`.
 * - A number, `true` or `false` as text, a list or an object as JSON text, and a single value for a list are read,
 *   where the schema wants the one and does not take the other. Ids are never made from other types, and a list of
 *   people is one of texts.
 * - Fields that a client keeps its books by are dropped, where the schema does not have them.
 * - Arguments that are missing are none, and those that are the JSON text of an object are that object.
 *
 * Arguments that fit the schema stay as they are, but for what is left out. Whatever else does not fit is left for
 * the check against the schema to refuse.
 *
 * @returns the arguments; input that is no object of arguments as it came
 */
export function readArguments(input: unknown, tool: Reader): unknown {
  const given = objectOfArguments(input);
  if (given === undefined || hasTooMany(given, tool.inputSchema)) return given ?? input;
  return readObject(given, tool.inputSchema, tool);
}

/** The object that arguments are, or are the JSON text of; an empty one where there are none. */
export function objectOfArguments(input: unknown): Arguments | undefined {
  if (input === undefined || input === null) return {};
  if (typeof input !== "string") return plainObject(input);
  return /\S/.test(input) ? objectInText(input) : {};
}

function readObject(given: Arguments, schema: JsonSchema, tool: Reader): Arguments {
  const { required, additionalProperties } = schema;
  const properties = schemaIn(schema.properties) ?? {};
  const isTaken = (name: string) => Object.hasOwn(properties, name);
  const isOpen = additionalProperties === true || schemaIn(additionalProperties) !== undefined;
  const drops = schema === tool.inputSchema && !isOpen;
  const isRequired = (name: string) => Array.isArray(required) && required.includes(name);
  const read = Object.entries(given).flatMap(([name, value]): [string, unknown][] => {
    if (!isTaken(name)) return drops && isBookkeeping(name, value) ? [] : [[name, value]];
    const property = schemaIn(properties[name]);
    if (property === undefined) return [[name, value]];
    const isOfPerson = schema === tool.inputSchema || isNamedBy(tool.target, name);
    if (isLeftOut(name, value, property, isRequired(name), isOfPerson && tool.kind === "write")) return [];
    return [[name, readValue(value, property, name, tool)]];
  });
  return Object.fromEntries(read);
}

function isLeftOut(
  name: string,
  value: unknown,
  schema: JsonSchema,
  isRequired: boolean,
  isOfPerson: boolean,
): boolean {
  if (value === undefined) return true;
  if (value === null) return !admitsNull(schema);
  if (value !== "" || isRequired || namesEmptyText(schema)) return false;
  // Left out, the first would check nobody, and the second would do what was only to be planned.
  const allowsLess = name === "expected_email" || (isOfPerson && name === "email") || isDryRun(name);
  return !allowsLess;
}

/** A value as its schema wants it, where it plainly is that in another form; else the value. */
function readValue(value: unknown, schema: JsonSchema, name: string, tool: Reader): unknown {
  const types = admittedTypes(schema);
  if (types === undefined || isOfType(value, types)) return readInside(value, schema, name, tool);
  if (typeof value === "string") {
    const scalar = holdsIds(name, tool) ? undefined : scalarInText(value, types);
    if (scalar !== undefined) return scalar;
    const object = types.has("object") ? objectInText(value) : undefined;
    if (object !== undefined) return readInside(object, schema, name, tool);
  }
  return types.has("array") ? listOf(value, schema, name, tool) : value;
}

/** What stands in a list or an object, read one by one. */
function readInside(value: unknown, schema: JsonSchema, name: string, tool: Reader): unknown {
  if (Array.isArray(value)) {
    const items = schemaIn(partFor("array", schema)?.items);
    return items === undefined ? value : readEntries(value, items, name, tool);
  }
  const object = plainObject(value);
  const part = object === undefined ? undefined : partFor("object", schema);
  return object === undefined || part === undefined ? value : readObject(object, part, tool);
}

function readEntries(list: readonly unknown[], items: JsonSchema, name: string, tool: Reader): unknown[] {
  const types = admittedTypes(items);
  return list.map((entry) => {
    const isPlain = typeof entry !== "object" && types !== undefined && isOfType(entry, types);
    return isPlain ? entry : readValue(entry, items, name, tool);
  });
}

/** A list that came as JSON text, or as its only entry. */
function listOf(value: unknown, schema: JsonSchema, name: string, tool: Reader): unknown {
  const part = partFor("array", schema);
  if (part === undefined || value === null) return value;
  const items = schemaIn(part.items) ?? {};
  const types = admittedTypes(items);
  const isEntry = (entry: unknown) =>
    types === undefined ? typeof entry === "string" : isOfType(entry, types);
  if (typeof value === "string" && /^\s*["[{]/.test(value)) {
    const list = jsonIn(value);
    if (
      !Array.isArray(list) ||
      (holdsPeople(name, tool) && !list.every((entry) => typeof entry === "string"))
    )
      return value;
    const entries = readEntries(list, items, name, tool);
    return entries.every(isEntry) ? entries : value;
  }
  // Whom a text of several means is not for this to say.
  if (typeof value === "string" && holdsPeople(name, tool) && /[\s,;]/.test(value)) return value;
  const entry = readValue(value, items, name, tool);
  return isEntry(entry) ? [entry] : value;
}

/** The longest text that is looked at as a number. */
const longestNumber = 32;

function scalarInText(text: string, types: ReadonlySet<JsonType>): number | boolean | undefined {
  if (text.length > longestNumber) return undefined;
  if (types.has("boolean") && (text === "true" || text === "false")) return text === "true";
  if (!/^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(text)) return undefined;
  const number = Number(text);
  // Only a number that is written as JSON writes it means that number and no other.
  if (String(number) !== text || !isOfType(number, types)) return undefined;
  return number;
}

/** Whether an argument holds ids, by its tool's target or by its name. */
function holdsIds(name: string, { target }: Reader): boolean {
  return /(?:^|_)ids?$|[a-z]Ids?$/.test(name) || (isNamedBy(target, name) && !holdsEmails(target));
}

function holdsPeople(name: string, tool: Reader): boolean {
  return holdsIds(name, tool) || /e_?mails?$/i.test(name) || isNamedBy(tool.target, name);
}

function isNamedBy(target: ToolTarget | undefined, name: string): target is TargetArgument {
  return typeof target === "object" && target.argument.split("/").at(-1) === name;
}

function isDryRun(name: string): boolean {
  return /^dry[_-]?run$/i.test(name);
}

function objectInText(text: string): Arguments | undefined {
  return /^\s*\{/.test(text) ? plainObject(jsonIn(text)) : undefined;
}

function jsonIn(text: string): unknown {
  if (isTooDeepText(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function plainObject(value: unknown): Arguments | undefined {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as Arguments) : undefined;
}
