import type { JsonSchema } from "../descriptor.js";
import { keywordShapes } from "./schema-keywords.js";

/** Keywords whose schemas are about the same value as the schema that they stand in. */
const inPlace = new Set(["allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas"]);

/**
 * A schema without what only answers hold: `readOnly` properties are neither arguments nor required, even
 * where `required` stands in another member of an `allOf`.
 *
 * @see https://spec.openapis.org/oas/v3.0.4.html#fixed-fields-20 on `readOnly`
 */
export function withoutReadOnly(
  schema: JsonSchema,
  droppedAround: ReadonlySet<string> = new Set(),
): JsonSchema {
  const dropped = new Set([...droppedAround, ...readOnlyNames(schema)]);
  const inside = (value: unknown, keyword: string): unknown =>
    typeof value === "object" && value !== null
      ? withoutReadOnly(value as JsonSchema, inPlace.has(keyword) ? dropped : undefined)
      : value;
  const kept: JsonSchema = {};
  for (const [keyword, value] of Object.entries(schema)) {
    const shape = keywordShapes.get(keyword);
    if (keyword === "readOnly") continue;
    else if (keyword === "required") {
      const required = (value as string[]).filter((name) => !dropped.has(name));
      if (required.length > 0) kept.required = required;
    } else if (shape === "schema") kept[keyword] = inside(value, keyword);
    else if (shape === "schemas") kept[keyword] = (value as unknown[]).map((one) => inside(one, keyword));
    else if (shape === "map") {
      const entries = Object.entries(value as JsonSchema).filter(
        ([name]) => keyword !== "properties" || !dropped.has(name),
      );
      kept[keyword] = Object.fromEntries(entries.map(([name, one]) => [name, inside(one, keyword)]));
    } else kept[keyword] = value;
  }
  return kept;
}

/** Whether only answers hold the value of a schema. */
export function isReadOnly({ readOnly, allOf }: JsonSchema): boolean {
  return readOnly === true || ((allOf ?? []) as JsonSchema[]).some(isReadOnly);
}

function readOnlyNames({ properties, allOf }: JsonSchema): string[] {
  const own = Object.entries((properties ?? {}) as Record<string, JsonSchema>);
  return [
    ...own.filter(([, property]) => isReadOnly(property)).map(([name]) => name),
    ...((allOf ?? []) as JsonSchema[]).flatMap(readOnlyNames),
  ];
}
