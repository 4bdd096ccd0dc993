import { plainText } from "../content/plain-text.js";
import { ToolsetError } from "../errors/toolset-error.js";

/**
 * An OpenAPI 3.0 or 3.1 document, parsed. Only the version is required here, so that an imported JSON file
 * and the types of other packages fit; what else is wrong is said, with its place, when the document is read.
 *
 * @see https://spec.openapis.org/oas/v3.1.1.html
 */
export interface OpenApiDocument {
  readonly openapi: string;
  readonly info?: unknown;
  readonly jsonSchemaDialect?: unknown;
  readonly servers?: unknown;
  readonly paths?: unknown;
  readonly webhooks?: unknown;
  readonly components?: unknown;
  readonly security?: unknown;
  readonly tags?: unknown;
  readonly externalDocs?: unknown;
}

/** A JSON object as it stands in a document. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** A value of a document and the JSON pointer that it was found by. */
export interface Place {
  readonly value: unknown;
  /** With `#` for the document itself, such as `#/paths/~1users/get`. Not percent-encoded. */
  readonly pointer: string;
}

/** A place whose references have been followed. */
export interface Resolved {
  readonly target: Place;
  /** The objects that held the references, outermost first. In OpenAPI 3.1 what stands beside `$ref` counts. */
  readonly referrers: readonly Place[];
}

const shownLength = 200;

/** A text of the document as an error message shows it. */
export function shown(text: string): string {
  return plainText(text, shownLength);
}

/** The error for a document that cannot be read: its place, the rule, and what to do. */
export function malformed(pointer: string, rule: string, fix: string): ToolsetError {
  const place = shown(pointer);
  return new ToolsetError("invalid_argument", `OpenAPI document: "${place}" ${rule}. ${fix}`);
}

/**
 * The root of a document, once its version is known to be one that can be read.
 *
 * @throws {@link ToolsetError} `invalid_argument` for anything but an OpenAPI 3.0 or 3.1 document
 */
export function rootOf(document: OpenApiDocument): Place {
  const root = { value: document, pointer: "#" };
  const { openapi, swagger } = objectAt(root, "the parsed document");
  if (typeof openapi === "string" && /^3\.[01](\.|$)/.test(openapi)) return root;
  const version = typeof openapi === "string" ? `says "openapi": "${shown(openapi)}"` : undefined;
  throw malformed(
    "#",
    version ?? (swagger === undefined ? 'has no "openapi" version' : "is a Swagger 2.0 document"),
    "Give an OpenAPI 3.0 or 3.1 document, or convert this one to 3.1.",
  );
}

/** What stands under a key, with its pointer. Inherited names are not looked at. */
export function childOf({ value, pointer }: Place, key: string): Place {
  const has = typeof value === "object" && value !== null && Object.hasOwn(value, key);
  const token = key.replaceAll("~", "~0").replaceAll("/", "~1");
  return { value: has ? (value as JsonObject)[key] : undefined, pointer: `${pointer}/${token}` };
}

/** Whether nothing stands at a place. What is left empty in YAML is `null`. */
export function isAbsent({ value }: Place): boolean {
  return value === undefined || value === null;
}

/**
 * Where a document's paths are, and what they are called. One that describes only what others are told (webhooks), or
 * only components, has none: OpenAPI 3.1 takes it for whole.
 *
 * @throws {@link ToolsetError} `invalid_argument` for paths that are no object, and a document that describes nothing
 * @see https://spec.openapis.org/oas/v3.1.1.html#openapi-document
 */
export function pathsOf(root: Place): { readonly place: Place; readonly names: readonly string[] } {
  const place = childOf(root, "paths");
  const instead = ["webhooks", "components"].map((name) => childOf(root, name)).find((one) => !isAbsent(one));
  if (isAbsent(place) && instead !== undefined) {
    objectAt(instead);
    return { place, names: [] };
  }
  return { place, names: Object.keys(objectAt(place, 'an object of paths, such as { "/users": { … } }')) };
}

/** The object at a place. */
export function objectAt(place: Place, what = "an object"): JsonObject {
  const { value, pointer } = place;
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw malformed(pointer, isAbsent(place) ? "is missing" : "is not an object", `It has to be ${what}.`);
}

/** The elements of the array at a place; none where there is nothing. */
export function elementsOf(place: Place): Place[] {
  if (isAbsent(place)) return [];
  if (!Array.isArray(place.value)) throw malformed(place.pointer, "is not an array", "Make it an array.");
  return place.value.map((_, index) => childOf(place, String(index)));
}

/** The text at a place, if there is any. */
export function textAt(place: Place): string | undefined {
  if (isAbsent(place)) return undefined;
  if (typeof place.value === "string") return place.value;
  throw malformed(place.pointer, "is not a string", "Make it a string.");
}

/** The yes or no at a place; no where there is nothing. */
export function flagAt(place: Place): boolean {
  if (isAbsent(place)) return false;
  if (typeof place.value === "boolean") return place.value;
  throw malformed(place.pointer, "is neither true nor false", "Make it a boolean.");
}

/**
 * Follows `$ref` from a place until something else stands there.
 *
 * @throws {@link ToolsetError} `invalid_argument` for a reference that leaves the document, leads nowhere or
 * leads back to itself
 */
export function resolve(root: Place, place: Place): Resolved {
  const referrers: Place[] = [];
  let target = place;
  for (;;) {
    const { value } = target;
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, "$ref")) break;
    if (referrers.some((referrer) => referrer.value === value)) {
      throw malformed(place.pointer, "refers to itself", 'Point its "$ref" to something that is there.');
    }
    referrers.push(target);
    target = referenced(root, childOf(target, "$ref"));
  }
  return { target, referrers };
}

function referenced(root: Place, { value: reference, pointer }: Place): Place {
  if (typeof reference !== "string") throw malformed(pointer, "is not a string", "Give a JSON pointer.");
  const target = shown(reference);
  if (!reference.startsWith("#")) {
    throw malformed(
      pointer,
      `refers to "${target}", which is outside of the document`,
      "Bundle the document into one file first.",
    );
  }
  const fragment = decoded(reference.slice(1));
  if (fragment === undefined || !/^(\/|$)/.test(fragment)) {
    throw malformed(pointer, `is "${target}", which is not a JSON pointer`, 'Write it as "#/components/…".');
  }
  let found = root;
  for (const token of fragment.split("/").slice(1)) {
    found = childOf(found, token.replaceAll("~1", "/").replaceAll("~0", "~"));
  }
  if (!isAbsent(found)) return found;
  throw malformed(
    pointer,
    `refers to "${target}", and nothing is there`,
    "Add what is missing, or correct the reference.",
  );
}

function decoded(fragment: string): string | undefined {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return undefined;
  }
}
