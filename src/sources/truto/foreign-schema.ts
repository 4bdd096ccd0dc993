import { plainText } from "../../content/plain-text.js";
import type { JsonSchema } from "../../descriptor.js";
import { ToolsetError } from "../../errors/toolset-error.js";
import { describedWith, screenedPattern } from "../../patterns/screened-pattern.js";

/** The arguments that a JSON Schema of others describes. */
export interface ForeignArguments {
  properties: Record<string, JsonSchema>;
  required: string[];
  /** Arguments that no model can be offered, because of their names. */
  unusable: string[];
}

/** How deep schemas may stand in each other; what is deeper is left open. */
const deepest = 10;

/** How many schemas one tool may be made of, references counted each time they are followed. */
const mostSchemas = 500;

const mostValues = 200;
const longestValue = 200;
const longestDescription = 500;

const typeNames: readonly unknown[] = ["string", "number", "integer", "boolean", "object", "array", "null"];

/** Formats that every validator checks alike and in no time. */
const formats: readonly unknown[] = [
  "date",
  "time",
  "date-time",
  "email",
  "uuid",
  "ipv4",
  "ipv6",
  "hostname",
];

const bounds = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"];
const counts = ["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"];

/**
 * Whether an argument may go by a name: what all model providers take, and nothing that every object has
 * already, such as `constructor`.
 */
export function isArgumentName(name: string): boolean {
  return /^[a-zA-Z0-9_.-]{1,64}$/.test(name) && !(name in Object.prototype);
}

/**
 * Reads the arguments out of a JSON Schema that others wrote. Nothing of it is passed on as it stands: it is
 * built anew from the keywords that are known, each checked, texts made plain and bounded, references
 * followed. What cannot be kept is left open rather than made up, so that no argument is refused here that
 * the server would take; the server checks again anyway.
 *
 * @throws {@link ToolsetError} `bad_response` for what describes no arguments, and for what is too large
 */
export function argumentsIn(document: unknown): ForeignArguments {
  const found: ForeignArguments = { properties: {}, required: [], unusable: [] };
  if (document === undefined || document === null) return found;
  if (!isRecord(document)) throw unfit("is not a JSON Schema of an object");
  let schemasLeft = mostSchemas;

  function countOne(): void {
    schemasLeft -= 1;
    if (schemasLeft < 0) throw unfit(`holds more than ${mostSchemas} schemas`);
  }

  /** Arguments may stand in the schema itself, and in those that it is put together from. */
  function collect(raw: unknown, depth: number, refs: readonly string[], isRequired: boolean): void {
    countOne();
    if (!isRecord(raw)) return;
    if (depth > deepest) throw unfit(`is put together more than ${deepest} levels deep`);
    const types = Array.isArray(raw.type) ? (raw.type as unknown[]) : [raw.type];
    if (raw.type !== undefined && !types.includes("object")) {
      if (depth === 0) throw unfit("is not a JSON Schema of an object");
      // An alternative such as `null`, which holds no arguments.
      return;
    }
    const target = follow(raw.$ref, refs);
    if (target !== undefined) collect(target.schema, depth + 1, target.refs, isRequired);
    for (const part of listIn(raw.allOf)) collect(part, depth + 1, refs, isRequired);
    // Providers take no alternatives at this level, so every alternative's arguments are offered.
    for (const part of [...listIn(raw.anyOf), ...listIn(raw.oneOf)]) collect(part, depth + 1, refs, false);
    for (const [name, schema] of entriesOf(raw.properties)) {
      if (isArgumentName(name)) {
        found.properties[name] = clean(schema, depth + 1, refs);
      } else {
        countOne();
        found.unusable.push(name);
      }
    }
    if (isRequired) found.required.push(...namesIn(raw.required));
  }

  function clean(raw: unknown, depth: number, refs: readonly string[]): JsonSchema {
    countOne();
    if (!isRecord(raw) || depth > deepest) return {};
    const target = follow(raw.$ref, refs);
    const schema: JsonSchema = target === undefined ? {} : clean(target.schema, depth + 1, target.refs);
    const cleanOne = (part: unknown) => clean(part, depth + 1, refs);
    Object.assign(schema, plainKeywords(raw));
    const properties = entriesOf(raw.properties).filter(([name]) => isArgumentName(name));
    if (properties.length > 0) {
      schema.properties = Object.fromEntries(properties.map(([name, part]) => [name, cleanOne(part)]));
      const wanted = new Set(listIn(raw.required));
      const required = properties.map(([name]) => name).filter((name) => wanted.has(name));
      if (required.length > 0) schema.required = required;
    }
    if (raw.additionalProperties === false) schema.additionalProperties = false;
    else if (isRecord(raw.additionalProperties))
      schema.additionalProperties = cleanOne(raw.additionalProperties);
    if (isRecord(raw.items)) schema.items = cleanOne(raw.items);
    else if (schema.type === "array") schema.items ??= {};
    const allOf = listIn(raw.allOf).map(cleanOne);
    if (allOf.length > 0) schema.allOf = allOf;
    // Parts that were left open may overlap, so that "exactly one" would refuse what fits.
    const anyOf = [...listIn(raw.anyOf), ...listIn(raw.oneOf)].map(cleanOne);
    if (anyOf.length > 0) schema.anyOf = anyOf;
    return schema;
  }

  /** What a reference within this document leads to; `undefined` for one that leads nowhere or in a circle. */
  function follow(reference: unknown, refs: readonly string[]) {
    if (typeof reference !== "string" || refs.includes(reference)) return undefined;
    const schema = lookUp(document, reference);
    return schema === undefined ? undefined : { schema, refs: [...refs, reference] };
  }

  collect(document, 0, [], true);
  return found;
}

/** The keywords that hold no schemas. */
function plainKeywords(raw: Readonly<Record<string, unknown>>): JsonSchema {
  const schema: JsonSchema = {};
  const types = (Array.isArray(raw.type) ? (raw.type as unknown[]) : [raw.type]).filter((type) =>
    typeNames.includes(type),
  );
  if (types.length > 0) schema.type = types.length === 1 ? types[0] : [...new Set(types)];
  const description =
    typeof raw.description === "string" ? plainText(raw.description, longestDescription) : "";
  if (description !== "") schema.description = description;
  const values = listIn(raw.enum).length <= mostValues ? listIn(raw.enum).filter(isShowable) : [];
  if (values.length > 0) schema.enum = values;
  if (isShowable(raw.const)) schema.const = raw.const;
  if (isShowable(raw.default)) schema.default = raw.default;
  if (formats.includes(raw.format)) schema.format = raw.format;
  if (typeof raw.pattern === "string") {
    const screened = screenedPattern(raw.pattern);
    if (screened === "usable") schema.pattern = raw.pattern;
    if (screened === "slow") schema.description = describedWith(raw.pattern, schema.description);
  }
  for (const name of bounds) if (Number.isFinite(raw[name])) schema[name] = raw[name];
  for (const name of counts) {
    const count = raw[name];
    if (typeof count === "number" && Number.isSafeInteger(count) && count >= 0) schema[name] = count;
  }
  if (Number.isFinite(raw.multipleOf) && (raw.multipleOf as number) > 0) schema.multipleOf = raw.multipleOf;
  if (raw.uniqueItems === true) schema.uniqueItems = true;
  return schema;
}

/** A value that a model can be shown and send back unchanged. */
function isShowable(value: unknown): boolean {
  if (typeof value === "string") return plainText(value, longestValue) === value;
  return value === null || typeof value === "boolean" || Number.isFinite(value);
}

/** RFC 6901, as a fragment. */
function lookUp(document: unknown, reference: string): unknown {
  if (reference === "#") return document;
  if (!reference.startsWith("#/") || reference.length > 300) return undefined;
  let found = document;
  for (const part of reference.slice(2).split("/")) {
    const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, name)) return undefined;
    found = (found as Record<string, unknown>)[name];
  }
  return found;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function entriesOf(value: unknown): [string, unknown][] {
  return isRecord(value) ? Object.entries(value) : [];
}

function listIn(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

/**
 * The names in a list of names, such as `required`.
 *
 * @throws {@link ToolsetError} `bad_response` for a list that no schema here can live up to
 */
export function namesIn(value: unknown): string[] {
  const names = listIn(value);
  if (names.length > mostSchemas) throw unfit(`requires more than ${mostSchemas} of them`);
  return names.filter((name) => typeof name === "string");
}

function unfit(problem: string): ToolsetError {
  return new ToolsetError("bad_response", `the schema of its arguments ${problem}`, { retryable: false });
}
