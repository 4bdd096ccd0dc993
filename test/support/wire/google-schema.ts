import type { JsonObject } from "./loopback.js";

const keywords = new Set([
  ...["type", "format", "title", "description", "nullable", "default", "enum", "example", "anyOf"],
  ...["items", "minItems", "maxItems"],
  ...["properties", "required", "minProperties", "maxProperties", "propertyOrdering"],
  ...["minimum", "maximum", "minLength", "maxLength", "pattern"],
]);

const types = new Set(["string", "number", "integer", "boolean", "array", "object", "null"]);

/**
 * What Gemini's parser finds wrong with a function's parameters, before it looks at their meaning: any
 * keyword outside its subset of OpenAPI 3.0, a list of types, values of enumerations that are not text.
 *
 * @see https://ai.google.dev/api/caching#Schema
 */
export function unreadableParts(schema: unknown, place: string): string[] {
  if (!isObject(schema)) return [`Invalid value at '${place}': expected an object.`];
  const faults = Object.keys(schema)
    .filter((keyword) => !keywords.has(keyword))
    .map(
      (keyword) =>
        `Invalid JSON payload received. Unknown name "${keyword}" at '${place}': Cannot find field.`,
    );
  const { type, items, properties, anyOf } = schema;
  if (Array.isArray(type))
    faults.push(
      `Invalid JSON payload received. Unknown name "type" at '${place}': Proto field is not repeating, cannot start list.`,
    );
  else if (type !== undefined && !(typeof type === "string" && types.has(type.toLowerCase())))
    faults.push(
      `Invalid value at '${place}.type' (type.googleapis.com/google.ai.generativelanguage.v1beta.Type), ${JSON.stringify(type)}`,
    );
  for (const keyword of ["enum", "required"] as const)
    list(schema[keyword]).forEach((value, index) => {
      if (typeof value !== "string")
        faults.push(
          `Invalid value at '${place}.${keyword}[${index}]' (TYPE_STRING), ${JSON.stringify(value)}`,
        );
    });
  if (items !== undefined) faults.push(...unreadableParts(items, `${place}.items`));
  list(anyOf).forEach((branch, index) =>
    faults.push(...unreadableParts(branch, `${place}.any_of[${index}]`)),
  );
  if (isObject(properties))
    Object.values(properties).forEach((property, index) =>
      faults.push(...unreadableParts(property, `${place}.properties[${index}].value`)),
    );
  return faults;
}

/**
 * What Gemini finds wrong with the meaning of parameters that it could read.
 *
 * @see https://github.com/google-gemini/gemini-cli/issues/3178 (formats of text)
 * @see https://github.com/anomalyco/opencode/pull/11888 (properties of what is not an object)
 */
export function senselessParts(schema: JsonObject, place: string): string[] {
  const faults: string[] = [];
  const { format, items, properties, anyOf } = schema;
  const type = typeof schema.type === "string" ? schema.type.toLowerCase() : undefined;
  if (type === "array" && items === undefined) faults.push(`${place}.items: missing field.`);
  if (
    type === "object" &&
    anyOf === undefined &&
    Object.keys(isObject(properties) ? properties : {}).length === 0
  )
    faults.push(`${place}.properties: should be non-empty for OBJECT type`);
  if (type !== "object")
    for (const keyword of ["properties", "required"])
      if (keyword in schema) faults.push(`${place}.${keyword}: only allowed for OBJECT type`);
  if (type !== "string" && "enum" in schema) faults.push(`${place}.enum: only allowed for STRING type`);
  if (type === "string" && format !== undefined && format !== "enum" && format !== "date-time")
    faults.push(`${place}.format: only 'enum' and 'date-time' are supported for STRING type`);
  list(schema.required).forEach((name, index) => {
    if (!isObject(properties) || !Object.hasOwn(properties, name as string))
      faults.push(`${place}.required[${index}]: property is not defined`);
  });
  if (isObject(items)) faults.push(...senselessParts(items, `${place}.items`));
  list(anyOf).forEach((branch, index) =>
    faults.push(...senselessParts(branch as JsonObject, `${place}.any_of[${index}]`)),
  );
  if (isObject(properties))
    for (const [name, property] of Object.entries(properties))
      faults.push(...senselessParts(property as JsonObject, `${place}.properties[${name}]`));
  return faults;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
