import { isAbsent, malformed, type Place } from "./document.js";

/** What the value of a schema keyword has to be, and so how it is read. */
export type KeywordShape =
  | "text"
  | "flag"
  | "count"
  | "number"
  | "names"
  | "namesByName"
  | "values"
  | "any"
  | "schema"
  | "schemas"
  | "map";

/**
 * The keywords of OpenAPI 3.0 and 3.1 schemas that say something about an input. All others are left out:
 * those that are about documentation (`example`, `examples`, `xml`, `externalDocs`, `x-…`), about choosing a
 * class (`discriminator`) and about naming (`$id`, `$defs`, `$anchor`), since no reference is left.
 *
 * `type`, `pattern`, `nullable` and `exclusiveMinimum`/`exclusiveMaximum` need more than their shape, and are
 * read apart.
 *
 * @see https://json-schema.org/draft/2020-12
 */
export const keywordShapes: ReadonlyMap<string, KeywordShape> = /* @__PURE__ */ shapesByKeyword();

function shapesByKeyword(): Map<string, KeywordShape> {
  const keywordsByShape: Record<KeywordShape, string> = {
    text: "title description format contentEncoding contentMediaType",
    flag: "deprecated readOnly writeOnly uniqueItems",
    count: "minLength maxLength minItems maxItems minContains maxContains minProperties maxProperties",
    number: "multipleOf minimum maximum",
    names: "required",
    namesByName: "dependentRequired",
    values: "enum",
    any: "default const",
    schema:
      "items contains unevaluatedItems additionalProperties propertyNames unevaluatedProperties not if then else",
    schemas: "prefixItems allOf anyOf oneOf",
    map: "properties patternProperties dependentSchemas",
  };
  const entries = Object.entries(keywordsByShape).flatMap(([shape, keywords]) =>
    keywords.split(" ").map((keyword) => [keyword, shape as KeywordShape] as const),
  );
  return new Map(entries);
}

const typeNames = new Set(["null", "boolean", "object", "array", "number", "string", "integer"]);

const rules: Partial<Record<KeywordShape, [holds: (value: unknown) => boolean, rule: string]>> = {
  text: [(value) => typeof value === "string", "a string"],
  flag: [(value) => typeof value === "boolean", "true or false"],
  count: [(value) => Number.isSafeInteger(value) && Number(value) >= 0, "a whole number from 0"],
  number: [(value) => Number.isFinite(value), "a number"],
  names: [isNames, "a list of names"],
  namesByName: [
    (value) => typeof value === "object" && value !== null && Object.values(value).every(isNames),
    "an object of lists of names",
  ],
  values: [(value) => Array.isArray(value) && value.length > 0, "a list of at least one value"],
};

/** Refuses a keyword whose value is of another shape than it has to be. */
export function checkKeyword(place: Place, shape: KeywordShape): void {
  const [holds, rule] = rules[shape] ?? [];
  if (holds === undefined || holds(place.value)) return;
  throw malformed(place.pointer, `is not ${rule ?? ""}`, "Correct the schema.");
}

/** The type names of a schema; `undefined` where it says none. */
export function typesAt(place: Place): string[] | undefined {
  const { value, pointer } = place;
  if (isAbsent(place)) return undefined;
  const types: unknown[] = Array.isArray(value) ? value : [value];
  if (types.length > 0 && types.every((type) => typeNames.has(type as string))) return types as string[];
  throw malformed(
    pointer,
    "is not a type that JSON Schema knows",
    `Known are: ${[...typeNames].join(", ")}, and lists of them.`,
  );
}

function isNames(value: unknown): boolean {
  return Array.isArray(value) && value.every((name) => typeof name === "string");
}
