import type { JsonSchema } from "../descriptor.js";

/** JSON's own names of types, as schemas use them. */
export type JsonType = "null" | "boolean" | "integer" | "number" | "string" | "array" | "object";

/**
 * The types that a schema says it admits; `undefined` where it does not say. A schema that says nothing admits
 * everything, and then no value has to be read as another one.
 */
export function admittedTypes(schema: JsonSchema): ReadonlySet<JsonType> | undefined {
  const { type } = schema;
  if (typeof type === "string") return new Set([type as JsonType]);
  if (Array.isArray(type)) return new Set(type as JsonType[]);
  if (Array.isArray(schema.enum)) return new Set(schema.enum.map(typeOf));
  if ("const" in schema) return new Set([typeOf(schema.const)]);
  const branches = branchesOf(schema).map(admittedTypes);
  if (branches.length === 0 || branches.includes(undefined)) return undefined;
  return new Set(branches.flatMap((types) => [...(types ?? [])]));
}

/** Whether a schema admits `null` by name, as a nullable one does. */
export function admitsNull(schema: JsonSchema): boolean {
  const { type, enum: values } = schema;
  if (type === "null" || schema.nullable === true || schema.const === null) return true;
  if (Array.isArray(type) && type.includes("null")) return true;
  if (Array.isArray(values) && values.includes(null)) return true;
  return [...branchesOf(schema), ...schemasIn(schema.allOf)].some(admitsNull);
}

/** Whether the empty text is a value of its own in a schema, and not merely a text that is not too long. */
export function namesEmptyText(schema: JsonSchema): boolean {
  if (schema.const === "" || schema.minLength === 0) return true;
  if (Array.isArray(schema.enum)) return schema.enum.includes("");
  return [...branchesOf(schema), ...schemasIn(schema.allOf)].some(namesEmptyText);
}

/** The one part of a schema that describes values of a type; `undefined` where several could be meant, or none is. */
export function partFor(type: "array" | "object", schema: JsonSchema): JsonSchema | undefined {
  if (schema.type !== undefined || schema.properties !== undefined || schema.items !== undefined) {
    return admittedTypes(schema)?.has(type) === false ? undefined : schema;
  }
  const [part, ...others] = branchesOf(schema).filter((branch) => admittedTypes(branch)?.has(type) !== false);
  return part === undefined || others.length > 0 ? undefined : partFor(type, part);
}

/** The type of a value; a whole number is an `integer`. */
export function typeOf(value: unknown): JsonType {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  if (typeof value === "string" || typeof value === "boolean") return typeof value as JsonType;
  return "object";
}

/** Whether a value is of a type among these. */
export function isOfType(value: unknown, types: ReadonlySet<JsonType>): boolean {
  const type = typeOf(value);
  return types.has(type) || (type === "integer" && types.has("number"));
}

/** A value of a schema that is a schema itself; `true` and `false`, which say nothing of a value's form, are none. */
export function schemaIn(value: unknown): JsonSchema | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as JsonSchema)
    : undefined;
}

function branchesOf({ anyOf, oneOf }: JsonSchema): JsonSchema[] {
  return [...schemasIn(anyOf), ...schemasIn(oneOf)];
}

function schemasIn(list: unknown): JsonSchema[] {
  if (!Array.isArray(list)) return [];
  return list.map(schemaIn).filter((schema) => schema !== undefined);
}
