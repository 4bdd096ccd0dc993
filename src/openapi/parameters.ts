import type { JsonSchema } from "../descriptor.js";
import { shownKey } from "./choice.js";
import {
  childOf,
  elementsOf,
  flagAt,
  isAbsent,
  malformed,
  objectAt,
  resolve,
  shown,
  textAt,
  type Place,
} from "./document.js";
import type { ReadSchema } from "./input-schema.js";
import type { FoundOperation, OpenApiOperationKey } from "./operation.js";
import { parameterExtension } from "./tool-extension.js";

/** Where a parameter stands in a request, in the order in which they are listed. */
const parameterPlaces = ["path", "query", "header"] as const;

/** OpenAPI has these ignored where they are described as parameters: they are the client's own. */
const clientHeaders = new Set(["accept", "content-type", "authorization"]);

/** A parameter as it stands in the document. */
export interface FoundParameter {
  readonly place: Place;
  readonly name: string;
  readonly in: (typeof parameterPlaces)[number];
  /** What its argument is called, if nothing before it is called so. */
  readonly wanted: string;
  /** Whether the source fills it in. */
  readonly bound: boolean;
  readonly required: boolean;
  readonly description: string | undefined;
}

/** The parameters of an operation, those of its path included: path first, then query, then header. */
export function findParameters(root: Place, operation: FoundOperation): FoundParameter[] {
  const { key, place, parameterLists } = operation;
  const found = new Map<string, FoundParameter>();
  for (const list of parameterLists) {
    const ofThisList = elementsOf(list).map((element) => findParameter(root, element, key));
    const seen = new Set<string>();
    for (const parameter of ofThisList) {
      if (parameter === undefined) continue;
      const id = `${parameter.in} parameter "${parameter.name}"`;
      if (seen.has(id)) throw malformed(list.pointer, `has the ${shown(id)} twice`, "Take one of them out.");
      seen.add(id);
      found.set(id, parameter);
    }
  }
  const parameters = [...found.values()];
  checkTemplate(place, key, parameters);
  return parameterPlaces.flatMap((where) => parameters.filter((parameter) => parameter.in === where));
}

/** The schema of a parameter's argument, with what the parameter itself says of it. */
export function parameterSchema(root: Place, parameter: FoundParameter, read: ReadSchema): JsonSchema {
  const { place, description } = parameter;
  const schema = read(schemaPlace(root, place));
  const deprecated = flagAt(childOf(place, "deprecated")) || schema.deprecated === true;
  const text = description ?? (schema.description as string | undefined);
  const told = deprecated ? `Deprecated. ${text ?? ""}`.trimEnd() : text;
  return {
    ...schema,
    ...(told === undefined ? {} : { description: told }),
    ...(deprecated ? { deprecated } : {}),
  };
}

function findParameter(root: Place, element: Place, key: OpenApiOperationKey): FoundParameter | undefined {
  const { target, referrers } = resolve(root, element);
  objectAt(target, "a parameter");
  const name = textAt(childOf(target, "name")) ?? "";
  if (name === "") throw malformed(target.pointer, 'has no "name"', "Give the parameter its name.");
  const place = childOf(target, "in");
  const isRequired = flagAt(childOf(target, "required"));
  if (place.value === "cookie") {
    if (!isRequired) return undefined;
    throw malformed(
      target.pointer,
      `makes ${shownKey(key)} require the cookie "${shown(name)}", and tools send no cookies`,
      "Make it optional, or take the operation out of the document.",
    );
  }
  const where = parameterPlaces.find((known) => known === place.value);
  if (where === undefined) {
    throw malformed(place.pointer, "is not a place of parameters", "Give path, query, header or cookie.");
  }
  if (where === "header" && clientHeaders.has(name.toLowerCase())) return undefined;
  const { argument, bound } = parameterExtension(target);
  const descriptions = [...referrers, target].map((one) => textAt(childOf(one, "description")));
  return {
    place: target,
    name,
    in: where,
    wanted: argument ?? name,
    bound,
    required: isRequired || where === "path",
    description: descriptions.find((text) => text !== undefined),
  };
}

/** A path parameter without its place in the path, or a place without its parameter, makes a wrong request. */
function checkTemplate(
  operation: Place,
  { path }: OpenApiOperationKey,
  parameters: readonly FoundParameter[],
): void {
  const places = new Set(Array.from(path.matchAll(/\{([^{}]*)\}/g), ([, name]) => name ?? ""));
  const declared = parameters.filter((parameter) => parameter.in === "path").map(({ name }) => name);
  const missing = [...places].find((name) => !declared.includes(name));
  if (missing !== undefined) {
    throw malformed(
      operation.pointer,
      `has no path parameter "${shown(missing)}"`,
      "Add the parameter, or take it out of the path.",
    );
  }
  const homeless = declared.find((name) => !places.has(name));
  if (homeless !== undefined) {
    throw malformed(
      operation.pointer,
      `has a path parameter "${shown(homeless)}" that is not in its path`,
      "Write it in the path in braces, or take it out.",
    );
  }
}

function schemaPlace(root: Place, parameter: Place): Place {
  const schema = childOf(parameter, "schema");
  if (!isAbsent(schema)) return schema;
  const content = childOf(parameter, "content");
  const [contentType] = isAbsent(content) ? [] : Object.keys(objectAt(content));
  if (contentType === undefined) {
    throw malformed(parameter.pointer, 'has neither "schema" nor "content"', "Give the parameter a schema.");
  }
  const mediaType = resolve(root, childOf(content, contentType)).target;
  objectAt(mediaType, "a media type");
  const ofContent = childOf(mediaType, "schema");
  return isAbsent(ofContent) ? { ...ofContent, value: {} } : ofContent;
}
