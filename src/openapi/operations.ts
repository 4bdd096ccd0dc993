import type { ToolDescriptor, ToolKind } from "../descriptor.js";
import { plainText } from "../content/plain-text.js";
import { readArguments } from "./arguments.js";
import { choiceOf } from "./choice.js";
import {
  childOf,
  flagAt,
  isAbsent,
  malformed,
  objectAt,
  pathsOf,
  resolve,
  rootOf,
  textAt,
  type OpenApiDocument,
  type Place,
} from "./document.js";
import { guessMethod } from "./guess-method.js";
import {
  httpMethods,
  type FoundOperation,
  type HttpMethod,
  type OpenApiOperation,
  type OpenApiOperationKey,
  type OpenApiToolsOptions,
} from "./operation.js";
import { operationExtension, wordsAt } from "./tool-extension.js";
import { refuseUnknownOptions } from "../option-error.js";
import { nameTools } from "./tool-names.js";

/** Those that may be sent twice with the effect of once. */
const idempotentMethods: ReadonlySet<HttpMethod> = new Set(
  httpMethods.filter((method) => method !== "post" && method !== "patch"),
);

/** OpenAI refuses longer ones. */
const longestDescription = 1024;

/**
 * Reads the operations of an OpenAPI 3.0 or 3.1 document: each as a tool, with what a source needs to turn
 * the tool's arguments into a request.
 *
 * - Path, query and header parameters are arguments, those of the path included; cookies are left out. So are
 *   the headers that a client sets itself (`Accept`, `Content-Type`, `Authorization`), as OpenAPI demands.
 * - The properties of a JSON or form body that is a plain object are arguments; any other body is one argument,
 *   `body`. Of several content types JSON is taken, then forms. A file, alone or in a form, is a string in
 *   base64; the source decodes it. A body of a GET or HEAD is left out, because `fetch` cannot send it.
 * - Two arguments of one name: the one in the path keeps it, then query, header, body; the other gets the
 *   place in front, such as `body_id`.
 * - Two tools of one name: the later one gets a hash of its method and path. Names that somebody chose
 *   (`x-langchain-tool`, the `names` option) are taken as they are, and two that are the same are an error.
 * - Schemas have no `$ref` and stay within bounds: eight levels and five hundred schemas a tool, and what
 *   contains itself is spelled out twice. What is deeper accepts any value, and says so.
 *
 * @throws {@link ToolsetError} `invalid_argument` naming the place as a JSON pointer, for a document that is
 * not OpenAPI 3.0 or 3.1, a reference that leads nowhere, to itself or out of the document, a required cookie,
 * and whatever else makes an operation unclear
 */
export function operationsFromOpenApi(
  document: OpenApiDocument,
  options: OpenApiToolsOptions = {},
): OpenApiOperation[] {
  refuseUnknownOptions(
    options,
    ["names", "kind"] satisfies (keyof OpenApiToolsOptions)[],
    "descriptorsFromOpenApi",
  );
  const root = rootOf(document);
  const found = findOperations(root);
  const keys = found.map(({ key }) => key);
  const nameOf = nameTools(found, options.names ?? "truto");
  const kindOf = choiceOf<ToolKind>("kind", options.kind, keys, {
    allows: (kind) => kind === "read" || kind === "write",
    rule: 'Give "read" or "write".',
  });
  const methodsByPath = new Map<string, HttpMethod[]>();
  for (const { path, httpMethod } of keys) {
    methodsByPath.set(path, [...(methodsByPath.get(path) ?? []), httpMethod]);
  }

  return found.map((operation) => {
    const { key, place, extension } = operation;
    const { operationId, httpMethod, path, tags } = key;
    const { inputSchema, parameters, body } = readArguments(root, operation);
    const kind = kindOf(key) ?? extension.kind ?? "write";
    const descriptor: ToolDescriptor = {
      name: nameOf(operation),
      description: describe(place, key),
      inputSchema,
      method: extension.method ?? guessMethod(key, methodsByPath),
      kind,
      ...(extension.resource === undefined ? {} : { resource: extension.resource }),
      ...(extension.target === undefined ? {} : { target: extension.target }),
      tags: extension.tags ?? tags,
      annotations: {
        idempotentHint: kind === "read" || idempotentMethods.has(httpMethod),
        openWorldHint: true,
        ...extension.annotations,
        readOnlyHint: kind === "read",
        destructiveHint: kind === "write" && (extension.annotations?.destructiveHint ?? true),
      },
    };
    return { descriptor, operationId, httpMethod, path, parameters, body };
  });
}

function findOperations(root: Place): FoundOperation[] {
  const { place: paths, names } = pathsOf(root);
  const found: FoundOperation[] = [];
  for (const path of names) {
    if (path.startsWith("x-")) continue;
    const place = childOf(paths, path);
    if (!path.startsWith("/")) throw malformed(place.pointer, 'does not begin with "/"', "Correct the path.");
    const { target, referrers } = resolve(root, place);
    objectAt(target, "an object of operations, such as { get: { … } }");
    const field = (name: string) =>
      [...referrers, target].map((holder) => childOf(holder, name)).find((one) => !isAbsent(one));
    for (const httpMethod of httpMethods) {
      const holder = field(httpMethod);
      if (holder === undefined) continue;
      const operation = resolve(root, holder).target;
      objectAt(operation, "an operation");
      const parameterLists = [field("parameters"), childOf(operation, "parameters")];
      found.push({
        key: {
          operationId: textAt(childOf(operation, "operationId")) ?? null,
          httpMethod,
          path,
          tags: wordsAt(childOf(operation, "tags")),
        },
        place: operation,
        parameterLists: parameterLists.filter((list) => list !== undefined),
        extension: operationExtension(operation),
      });
    }
  }
  return found;
}

function describe(operation: Place, { httpMethod, path }: OpenApiOperationKey): string {
  const summary = textAt(childOf(operation, "summary"))?.trim() ?? "";
  const description = textAt(childOf(operation, "description"))?.trim() ?? "";
  const sentences = description.startsWith(summary)
    ? [description]
    : [/[.!?]$/.test(summary) ? summary : `${summary}.`, description];
  if (summary === "" && description === "") sentences.unshift(`${httpMethod.toUpperCase()} ${path}`);
  if (flagAt(childOf(operation, "deprecated"))) sentences.unshift("Deprecated.");
  return plainText(sentences.join(" "), longestDescription);
}
