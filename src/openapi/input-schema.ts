import type { JsonSchema } from "../descriptor.js";
import {
  childOf,
  elementsOf,
  flagAt,
  isAbsent,
  malformed,
  objectAt,
  resolve,
  textAt,
  type Place,
  type Resolved,
} from "./document.js";
import { mergeAllOf } from "./merge-all-of.js";
import { isReadOnly, withoutReadOnly } from "./read-only.js";
import { describedWith, screenedPattern } from "../patterns/screened-pattern.js";
import { checkKeyword, keywordShapes, typesAt } from "./schema-keywords.js";

/** Told of a pattern that may be slow, and where in the document it stands. */
export type SlowPatternListener = (pattern: string, pointer: string) => void;

/** Reads the schema at a place as the JSON Schema of an input. */
export type ReadSchema = (place: Place) => JsonSchema;

/** How deep schemas nest in a descriptor, and how deep when that is too much. What lies deeper no model fills in. */
const depths = [8, 6, 4, 3, 2, 1];
/** How many schemas a descriptor holds; five hundred are some 8,000 tokens in every request of an agent. */
const greatestCount = 500;
/** How often a schema that contains itself is spelled out on the way down. */
const greatestRecursion = 2;

/**
 * Reads schemas so that all of them together stay within bounds: eight levels deep and five hundred schemas.
 * Where that is not enough, deeper levels are cut, the deepest first, until it is: what is cut accepts any
 * value of its type and says so in its description. Documents that dereference to gigabytes take no longer
 * than others.
 *
 * The result has no `$ref`; a schema that contains itself is spelled out twice and then cut. It never refuses
 * what the document allows: where something inside of `oneOf`, `not`, `if` or beside `unevaluatedProperties`
 * was cut, so that these would refuse more, `oneOf` becomes `anyOf` and the others go. OpenAPI 3.0's
 * `nullable` and boolean `exclusiveMinimum` become what JSON Schema has for them (in 3.1 documents too, where
 * they are mistakes with one meaning), a `pattern` that JavaScript cannot read is left out, and
 * `format: binary` becomes base64, because arguments are JSON. A `pattern` that is not known to be checked in time
 * proportional to the text is left out and said in the description; so is `format: url`, which JSON Schema does not
 * have and the validator takes exponential time for.
 *
 * @param build - reads the schemas; called again, with less depth, when they were too many
 * @param onSlowPattern - called for each pattern that may be slow before it is left out; it may throw
 */
export function readSchemas<Result>(
  root: Place,
  build: (read: ReadSchema) => Result,
  onSlowPattern: SlowPatternListener = () => undefined,
): Result {
  for (const depth of depths) {
    const reader = new SchemaReader(root, depth, greatestCount, onSlowPattern);
    const result = build((place) => reader.readInput(place));
    if (!reader.isExhausted) return result;
  }
  const reader = new SchemaReader(root, 0, Infinity, onSlowPattern);
  return build((place) => reader.readInput(place));
}

/** One pass over the schemas of a descriptor, with the bounds of that pass. */
class SchemaReader {
  readonly #root: Place;
  readonly #depth: number;
  readonly #greatestCount: number;
  readonly #isOpenApi30: boolean;
  readonly #onSlowPattern: SlowPatternListener;
  /** The schema objects being read, outermost first. By identity: a document may be dereferenced in memory. */
  readonly #open: unknown[] = [];
  #count = 0;
  /** How often something was left out, so that more is accepted than the document says. */
  #loosened = 0;

  constructor(root: Place, depth: number, count: number, onSlowPattern: SlowPatternListener) {
    this.#root = root;
    this.#depth = depth;
    this.#greatestCount = count;
    this.#onSlowPattern = onSlowPattern;
    this.#isOpenApi30 = String(objectAt(root).openapi).startsWith("3.0");
  }

  /** Whether there were more schemas than allowed; what was read is worth nothing then. */
  get isExhausted(): boolean {
    return this.#count > this.#greatestCount;
  }

  readInput(place: Place): JsonSchema {
    return withoutReadOnly(this.#read(place, 0));
  }

  #read(place: Place, depth: number): JsonSchema {
    this.#count++;
    if (this.isExhausted) return {};
    const resolved = resolve(this.#root, place);
    const { target, referrers } = resolved;
    if (typeof target.value === "boolean") return target.value ? {} : { not: {} };
    objectAt(target, "a schema: an object, or in OpenAPI 3.1 a boolean");
    const chain = [...referrers, target];
    const isDeep = depth >= this.#depth && !chain.every(isLeaf);
    if (isDeep || chain.some((link) => this.#isOpen(link))) return this.#cut(resolved);

    this.#open.push(...chain.map(({ value }) => value));
    const schema = referrers.reduceRight<JsonSchema>(
      (inner, referrer) => {
        const beside = this.#besideReference(referrer, depth);
        return Object.keys(beside).length === 0 ? inner : mergeAllOf(beside, [inner]);
      },
      this.#readKeywords(target, depth),
    );
    this.#open.length -= chain.length;
    return schema;
  }

  #isOpen({ value }: Place): boolean {
    return this.#open.filter((open) => open === value).length >= greatestRecursion;
  }

  /** In OpenAPI 3.0 nothing beside `$ref` counts; a description there is harmless, and meant. */
  #besideReference(referrer: Place, depth: number): JsonSchema {
    if (!this.#isOpenApi30) return this.#readKeywords(referrer, depth);
    const description = textAt(childOf(referrer, "description"));
    return description === undefined ? {} : { description };
  }

  #cut({ target, referrers }: Resolved): JsonSchema {
    this.#loosened++;
    const schema: JsonSchema = {};
    const types = typesAt(childOf(target, "type"));
    if (types !== undefined) {
      schema.type = oneOrMore(flagAt(childOf(target, "nullable")) ? [...types, "null"] : types);
    }
    const chain = [...referrers, target];
    const texts = chain.map((place) => textAt(childOf(place, "description")));
    const text = texts.find((one) => one !== undefined) ?? "";
    schema.description = `${text} (What is inside is not described here.)`.trimStart();
    if (chain.some((place) => flagAt(childOf(place, "readOnly")))) schema.readOnly = true;
    return schema;
  }

  #readKeywords(place: Place, depth: number): JsonSchema {
    const schema: JsonSchema = {};
    const members: JsonSchema[] = [];
    const loosenedBefore = this.#loosened;
    for (const keyword of Object.keys(objectAt(place))) {
      const child = childOf(place, keyword);
      const shape = keywordShapes.get(keyword);
      if (shape === undefined || (shape !== "any" && isAbsent(child))) continue;
      checkKeyword(child, shape);
      const loosenedInside = this.#loosened;
      const isLoose = () => this.#loosened > loosenedInside;
      if (keyword === "allOf") members.push(...this.#readList(child, depth));
      else if (shape === "schema") {
        const inner = typeof child.value === "boolean" ? child.value : this.#read(child, depth + 1);
        if (!(isLoose() && /^(not|if)$/.test(keyword))) schema[keyword] = inner;
      } else if (shape === "schemas") {
        const inner = this.#readList(child, depth);
        // Two alternatives that were told apart by what is gone now would both fit.
        if (keyword === "oneOf" && isLoose()) members.push({ anyOf: inner });
        else schema[keyword] = inner;
      } else if (shape === "map") schema[keyword] = this.#readMap(child, depth, keyword);
      else schema[keyword] = child.value;
    }
    this.#readOwnWays(place, schema);
    if (this.#loosened > loosenedBefore) dropWhatLooseSchemasBreak(schema);
    return this.#nullable(place, members.length > 0 ? mergeAllOf(schema, members) : schema);
  }

  #readList(place: Place, depth: number): JsonSchema[] {
    const elements = elementsOf(place);
    if (elements.length === 0) throw malformed(place.pointer, "is empty", "Give at least one schema.");
    return elements.map((element) => this.#read(element, depth + 1));
  }

  #readMap(place: Place, depth: number, keyword: string): Record<string, JsonSchema> {
    const entries: [string, JsonSchema][] = [];
    for (const name of Object.keys(objectAt(place))) {
      if (this.isExhausted) break;
      const child = childOf(place, name);
      if (keyword === "patternProperties" && !this.#isUsable(name, child.pointer)) continue;
      const schema = this.#read(child, depth + 1);
      if (keyword === "properties" && isReadOnly(schema)) this.#loosened++;
      entries.push([name, schema]);
    }
    return Object.fromEntries(entries);
  }

  /** The keywords that differ between the versions, or that cannot be taken as they are. */
  #readOwnWays(place: Place, schema: JsonSchema): void {
    const types = typesAt(childOf(place, "type"));
    if (types !== undefined) schema.type = oneOrMore(types);

    this.#readPattern(childOf(place, "pattern"), schema);

    for (const [bound, exclusive] of [
      ["minimum", "exclusiveMinimum"],
      ["maximum", "exclusiveMaximum"],
    ] as const) {
      const limit = childOf(place, exclusive);
      const { value, pointer } = limit;
      if (value === true && schema[bound] !== undefined) {
        schema[exclusive] = schema[bound];
        Reflect.deleteProperty(schema, bound);
      } else if (typeof value === "number") schema[exclusive] = value;
      else if (!isAbsent(limit) && typeof value !== "boolean") {
        throw malformed(pointer, "is neither a number nor a boolean", "Correct the schema.");
      }
    }

    // The validator takes exponential time for this one, which is none of JSON Schema's formats.
    if (schema.format === "url") {
      Reflect.deleteProperty(schema, "format");
      schema.description = `${(schema.description as string | undefined) ?? ""} A URL.`.trimStart();
      this.#loosened++;
    }
    if (schema.format === "binary") {
      Reflect.deleteProperty(schema, "format");
      schema.contentEncoding = "base64";
      schema.description = `${(schema.description as string | undefined) ?? ""} Base64.`.trimStart();
    }
  }

  #readPattern(place: Place, schema: JsonSchema): void {
    const pattern = textAt(place);
    if (pattern === undefined) return;
    if (this.#isUsable(pattern, place.pointer)) schema.pattern = pattern;
    else if (screenedPattern(pattern) === "slow") {
      schema.description = describedWith(pattern, schema.description);
    }
  }

  /** Whether a pattern is kept; more is accepted without it. */
  #isUsable(pattern: string, pointer: string): boolean {
    const screened = screenedPattern(pattern);
    if (screened === "usable") return true;
    if (screened === "slow") this.#onSlowPattern(pattern, pointer);
    this.#loosened++;
    return false;
  }

  #nullable(place: Place, schema: JsonSchema): JsonSchema {
    if (!flagAt(childOf(place, "nullable"))) return schema;
    const isCombined = ["allOf", "anyOf", "oneOf", "const"].some((keyword) => keyword in schema);
    if (isCombined) {
      const { title, description, default: byDefault, deprecated, readOnly, writeOnly, ...rest } = schema;
      const annotations = { title, description, default: byDefault, deprecated, readOnly, writeOnly };
      const given = Object.entries(annotations).filter(([, value]) => value !== undefined);
      return { ...Object.fromEntries(given), anyOf: [rest, { type: "null" }] };
    }
    const { type, enum: values } = schema;
    return {
      ...schema,
      ...(type === undefined ? {} : { type: oneOrMore([type, "null"].flat() as string[]) }),
      ...(Array.isArray(values) ? { enum: [...new Set([...(values as unknown[]), null])] } : {}),
    };
  }
}

/** Whether nothing nests in a schema. */
function isLeaf({ value }: Place): boolean {
  return Object.entries(value as object).every(([keyword, inner]) => {
    const shape = keywordShapes.get(keyword);
    return typeof inner === "boolean" || !(shape === "schema" || shape === "schemas" || shape === "map");
  });
}

/**
 * Takes out what would refuse too much now that something beside or inside of it accepts more, or that has
 * lost one of its parts.
 */
function dropWhatLooseSchemasBreak(schema: JsonSchema): void {
  const broken = ["unevaluatedProperties", "unevaluatedItems", "maxContains"];
  if (!("if" in schema)) broken.push("then", "else");
  // A property whose pattern is gone is no additional one.
  if ("patternProperties" in schema) broken.push("additionalProperties");
  for (const keyword of broken) Reflect.deleteProperty(schema, keyword);
}

function oneOrMore(types: readonly string[]): string | string[] | undefined {
  const unique = [...new Set(types)];
  return unique.length > 1 ? unique : unique[0];
}
