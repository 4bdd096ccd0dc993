import type { HttpMethod, OpenApiOperationKey } from "./operation.js";

const plainMethods: Partial<Record<HttpMethod, string>> = {
  head: "get",
  put: "update",
  patch: "update",
  delete: "delete",
};

/**
 * The verb of an operation that does not name its own, from its HTTP method and the shape of its path:
 * `GET /users` list, `GET /users/{id}` get, `POST /users` create, `PUT`, `PATCH` and `POST /users/{id}`
 * update, `DELETE` delete, `/users/{id}:suspend` and `POST /users/{id}/suspend` suspend.
 *
 * A `POST` to words after an id is a verb unless they are a collection: the document has a `GET` there or a
 * path below it that goes on with an id, or the last word is a plural.
 *
 * @param paths - the document's paths with the HTTP methods of each
 * @see https://google.aip.dev/136 for `:verb`
 */
export function guessMethod(
  { httpMethod, path }: OpenApiOperationKey,
  paths: ReadonlyMap<string, readonly HttpMethod[]>,
): string {
  const segments = path.split("/").filter((segment) => segment !== "");
  const last = segments.at(-1) ?? "";
  const verb = /:([A-Za-z][\w-]*)$/.exec(last)?.[1];
  if (verb !== undefined) return verb;

  const isItem = last.endsWith("}");
  if (httpMethod === "get") return isItem ? "get" : "list";
  if (httpMethod !== "post") return plainMethods[httpMethod] ?? httpMethod;
  if (isItem) return "update";
  const isAfterId = segments.some((segment) => segment.endsWith("}"));
  const isCollection =
    last.endsWith("s") ||
    (paths.get(path)?.includes("get") ?? false) ||
    [...paths.keys()].some((other) => other.startsWith(`${path}/{`));
  return isAfterId && !isCollection ? last : "create";
}
