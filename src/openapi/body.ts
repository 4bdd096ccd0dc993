import type { JsonSchema } from "../descriptor.js";
import { childOf, flagAt, isAbsent, malformed, objectAt, resolve, textAt, type Place } from "./document.js";
import type { ReadSchema } from "./input-schema.js";

/** The one content type of a body that a tool sends. */
export interface ChosenBody {
  /** As the document writes it; a range, such as `application/*`, as a type that can be sent. */
  readonly contentType: string;
  readonly required: boolean;
  readonly description: string | undefined;
  /** Where its schema is; `undefined` where the document has none. */
  readonly schema: Place | undefined;
  readonly form: "data" | "text" | "bytes";
}

/** The arguments of a body: one for each property, or one for all of it. */
export type BodySchema =
  | {
      readonly mode: "properties";
      readonly properties: Record<string, JsonSchema>;
      readonly required: string[];
    }
  | { readonly mode: "argument"; readonly schema: JsonSchema };

/** What kinds of bodies there are, the ones that arguments fit best first. */
const preferences: readonly (readonly [RegExp, ChosenBody["form"]])[] = [
  [/^application\/json$/, "data"],
  [/\+json$/, "data"],
  [/^(application|\*)\/\*$/, "data"],
  [/^application\/x-www-form-urlencoded$/, "data"],
  [/^multipart\//, "data"],
  [/^text\/|[/+]xml$/, "text"],
  [/./, "bytes"],
];

/** What a schema may say and still be no more than a list of properties. */
const plainKeywords = new Set([
  "type",
  "properties",
  "required",
  "additionalProperties",
  "unevaluatedProperties",
  "title",
  "description",
  "default",
  "deprecated",
  "writeOnly",
  // Whether there are enough of them the API says itself.
  "minProperties",
]);

/** Finds the body of an operation, and the content type to send it as. */
export function findBody(root: Place, requestBody: Place): ChosenBody | null {
  if (isAbsent(requestBody)) return null;
  const { target, referrers } = resolve(root, requestBody);
  objectAt(target, "a request body");
  const content = childOf(target, "content");
  const contentTypes = Object.keys(objectAt(content, "an object of content types"));
  const descriptions = [...referrers, target].map((place) => textAt(childOf(place, "description")));
  for (const [pattern, form] of preferences) {
    const contentType = contentTypes.find((type) => pattern.test(essence(type)));
    if (contentType === undefined) continue;
    const mediaType = resolve(root, childOf(content, contentType)).target;
    objectAt(mediaType, "a media type");
    const schema = childOf(mediaType, "schema");
    return {
      contentType: sendable(contentType),
      required: flagAt(childOf(target, "required")),
      description: descriptions.find((text) => text !== undefined),
      schema: isAbsent(schema) ? undefined : schema,
      form,
    };
  }
  throw malformed(content.pointer, "has no content type", 'Give one, such as "application/json".');
}

/** The arguments that a body is made of. */
export function readBody({ schema: place, form, description }: ChosenBody, read: ReadSchema): BodySchema {
  if (form === "data") {
    const schema = place === undefined ? {} : read(place);
    const { properties, required, additionalProperties: rest, type } = schema;
    const isPlain =
      (type ?? "object") === "object" &&
      properties !== undefined &&
      (rest === undefined || rest === false) &&
      Object.keys(schema).every((keyword) => plainKeywords.has(keyword));
    if (isPlain) {
      return {
        mode: "properties",
        properties: properties as Record<string, JsonSchema>,
        required: (required ?? []) as string[],
      };
    }
    return { mode: "argument", schema: described(schema, description ?? "The body of the request.") };
  }
  const text = description ?? "The body of the request.";
  if (form === "text") return { mode: "argument", schema: { type: "string", description: text } };
  return {
    mode: "argument",
    schema: { type: "string", contentEncoding: "base64", description: `${text} Base64.` },
  };
}

function described(schema: JsonSchema, description: string): JsonSchema {
  return "description" in schema ? schema : { ...schema, description };
}

/** A content type without its parameters, as RFC 9110 compares it. */
function essence(contentType: string): string {
  return (contentType.split(";")[0] ?? "").trim().toLowerCase();
}

function sendable(contentType: string): string {
  const type = essence(contentType);
  if (!type.endsWith("/*")) return contentType;
  if (type === "text/*") return "text/plain";
  return /^(application|\*)\//.test(type) ? "application/json" : "application/octet-stream";
}
