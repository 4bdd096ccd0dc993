import type { JsonSchema } from "../descriptor.js";

/** Keywords that mean something only together: the two sides must agree on all of a group. */
const groups = [
  ["items", "prefixItems"],
  ["contains", "minContains", "maxContains"],
  ["if", "then", "else"],
];
const lowerBound = /^(exclusiveMinimum|min(imum|Length|Items|Properties))$/;
const upperBound = /^(exclusiveMaximum|max(imum|Length|Items|Properties))$/;
const flag = /^(uniqueItems|deprecated|readOnly|writeOnly)$/;
const annotation = /^(title|description|default)$/;

/**
 * A schema and the members of its `allOf` as one schema, where that means exactly the same: models read one
 * object far better than a conjunction of several, and no provider shows a conjunction as arguments. Where it
 * does not (two patterns, `additionalProperties: false` beside properties of another member, …) the `allOf`
 * stays.
 *
 * @param own - what stands beside `allOf`; its annotations win
 */
export function mergeAllOf(own: JsonSchema, members: readonly JsonSchema[]): JsonSchema {
  const looksIntoMembersOnly = members.some(
    (member) => "unevaluatedProperties" in member || "unevaluatedItems" in member,
  );
  if (!looksIntoMembersOnly) {
    const merged = [...members, own].reduce<JsonSchema | undefined>(
      (all, next) => (all === undefined ? undefined : intersect(all, next)),
      {},
    );
    if (merged !== undefined) return merged;
  }
  return { ...own, allOf: [...((own.allOf ?? []) as JsonSchema[]), ...members] };
}

/** Both schemas at once; `undefined` where one object cannot say it. Annotations of `b` win. */
function intersect(a: JsonSchema, b: JsonSchema): JsonSchema | undefined {
  for (const group of groups) {
    const isInBoth = [a, b].every((side) => group.some((keyword) => keyword in side));
    if (isInBoth && !group.every((keyword) => isSame(a[keyword], b[keyword]))) return undefined;
  }
  if (!canShareProperties(a, b)) return undefined;

  const merged: JsonSchema = { ...a };
  for (const [keyword, value] of Object.entries(b)) {
    const other = a[keyword];
    if (other === undefined || annotation.test(keyword)) merged[keyword] = value;
    else if (keyword === "type") {
      const types = commonTypes(list(other), list(value));
      if (types.length === 0) return undefined;
      merged.type = types.length > 1 ? types : types[0];
    } else if (keyword === "enum") {
      const values = list(other).filter((one) => list(value).some((two) => isSame(one, two)));
      if (values.length === 0) return undefined;
      merged.enum = values;
    } else if (keyword === "required") merged.required = [...new Set([...list(other), ...list(value)])];
    else if (keyword === "allOf") merged.allOf = [...list(other), ...list(value)];
    else if (keyword === "properties") merged.properties = sharedProperties(other, value);
    else if (keyword === "additionalProperties") merged[keyword] = isClosed(a) ? other : value;
    else if (lowerBound.test(keyword)) merged[keyword] = Math.max(other as number, value as number);
    else if (upperBound.test(keyword)) merged[keyword] = Math.min(other as number, value as number);
    else if (flag.test(keyword)) merged[keyword] = other === true || value === true;
    else if (!isSame(other, value)) return undefined;
  }
  return merged;
}

function sharedProperties(one: unknown, two: unknown): Record<string, JsonSchema> {
  const first = new Map(Object.entries(one as Record<string, JsonSchema>));
  for (const [name, schema] of Object.entries(two as Record<string, JsonSchema>)) {
    const other = first.get(name);
    first.set(name, other === undefined ? schema : (intersect(other, schema) ?? { allOf: [other, schema] }));
  }
  return Object.fromEntries(first);
}

/** `additionalProperties` is about the properties beside it, so it must not come to stand beside others. */
function canShareProperties(a: JsonSchema, b: JsonSchema): boolean {
  if (!isClosed(a) && !isClosed(b)) return true;
  if ("patternProperties" in a || "patternProperties" in b) return false;
  if (isClosed(a) && !knowsPropertiesOf(a, b)) return false;
  if (isClosed(b) && !knowsPropertiesOf(b, a)) return false;
  return !(isClosed(a) && isClosed(b)) || isSame(a.additionalProperties, b.additionalProperties);
}

function isClosed({ additionalProperties: rest }: JsonSchema): boolean {
  return rest !== undefined && rest !== true;
}

function knowsPropertiesOf({ properties }: JsonSchema, other: JsonSchema): boolean {
  return Object.keys(other.properties ?? {}).every((name) => Object.hasOwn(properties ?? {}, name));
}

function commonTypes(one: readonly unknown[], two: readonly unknown[]): unknown[] {
  const isIn = (types: readonly unknown[], type: unknown) =>
    types.includes(type) || (type === "integer" && types.includes("number"));
  return [...new Set([...one.filter((type) => isIn(two, type)), ...two.filter((type) => isIn(one, type))])];
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}

function isSame(one: unknown, two: unknown): boolean {
  return one === two || JSON.stringify(one) === JSON.stringify(two);
}
