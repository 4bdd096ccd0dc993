import { plainText } from "../../content/plain-text.js";
import { ToolsetError } from "../../errors/toolset-error.js";
import { userIdPattern } from "../../user.js";
import type { ToolRoute } from "./tool-descriptor.js";

/** A call of a tool as `/proxy` takes it, in the shape that `openapi-fetch` takes. */
export interface ProxyRequest {
  readonly httpMethod: "get" | "post" | "patch" | "delete";
  readonly path: "/proxy/{resource}" | "/proxy/{resource}/{id_or_method}";
  readonly params: {
    readonly path: Readonly<Record<string, string>>;
    readonly query: Readonly<Record<string, unknown>>;
  };
  readonly body?: Readonly<Record<string, unknown>>;
  /** The id of the one record or user concerned, where the arguments name one. */
  readonly id: unknown;
  /** The email that the arguments hold. */
  readonly email: unknown;
}

/** The longest arguments that are sent, in UTF-16 code units of JSON; a model's are a few hundred. */
const longestBody = 1_000_000;
/** What servers and proxies commonly take as a URL, less what else is in it. */
const longestQuery = 6000;

/**
 * Sorts a tool's arguments to the path, the query and the body.
 *
 * @throws {@link ToolsetError} `invalid_argument` for what would lead to another path, another account or
 * nowhere; nothing is sent then
 */
export function proxyRequest(
  route: ToolRoute,
  args: Readonly<Record<string, unknown>>,
  integratedAccountId: string,
): ProxyRequest {
  const { resource, method } = route;
  const given = Object.entries(args).filter(([, value]) => value !== undefined);
  for (const [name] of given) {
    if (!route.names.has(name)) throw refuse(name, `is not an argument of "${method}" of "${resource}"`);
  }
  const { id } = args;
  if (route.isAboutUsers && id !== undefined && !(typeof id === "string" && userIdPattern.test(id))) {
    throw refuse("id", "is not a user id: it is 26 upper-case letters and digits, as find and list show it");
  }
  const query = Object.fromEntries(given.filter(([name]) => route.queryNames.has(name)));
  const body = Object.fromEntries(given.filter(([name]) => !route.queryNames.has(name)));
  const build = (
    httpMethod: ProxyRequest["httpMethod"],
    last: string | null,
    rest: Readonly<Record<string, unknown>>,
    hasBody: boolean,
  ): ProxyRequest => {
    checkQuery(rest);
    if (hasBody && JSON.stringify(body).length > longestBody) {
      throw refuse("arguments", `of "${method}" are longer than ${longestBody} characters together`);
    }
    return {
      httpMethod,
      path: last === null ? "/proxy/{resource}" : "/proxy/{resource}/{id_or_method}",
      params: {
        path: { resource, ...(last === null ? {} : { id_or_method: last }) },
        query: { ...rest, integrated_account_id: integratedAccountId },
      },
      ...(hasBody ? { body } : {}),
      id: id ?? (route.isAboutUsers ? args.user_id : undefined),
      email: args.email,
    };
  };
  switch (method) {
    case "list":
      return build("get", null, query, false);
    case "create":
      return build("post", null, query, true);
    case "get":
    case "delete":
      Reflect.deleteProperty(query, "id");
      return build(method, pathValue(id), query, false);
    case "update":
      Reflect.deleteProperty(query, "id");
      Reflect.deleteProperty(body, "id");
      return build("patch", pathValue(id), query, true);
    default:
      return build("post", method, query, true);
  }
}

/** A value for a segment of the path; `openapi-fetch` encodes it, which `.` and `..` survive. */
function pathValue(id: unknown): string {
  const text = typeof id === "number" ? String(id) : id;
  if (typeof text !== "string" || text === "") throw refuse("id", "is missing, empty or not a plain value");
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/^\.{1,2}$|[/\\?#%\u0000-\u001f\u007f]/.test(text) || text.length > 500 || isBroken(text)) {
    throw refuse("id", `is "${plainText(text, 60)}", which would lead to another path`);
  }
  return text;
}

/** `openapi-fetch` encodes values and not names, and takes no deeper values than these. */
function checkQuery(query: Readonly<Record<string, unknown>>): void {
  let length = 0;
  for (const [name, value] of Object.entries(query)) {
    const isNested = typeof value === "object" && value !== null;
    const parts = isNested ? Object.entries(value as Record<string, unknown>) : [[name, value] as const];
    for (const [key, part] of parts) {
      if (!/^[\w.-]{1,64}$/.test(key)) throw refuse(name, `holds the name "${plainText(key, 60)}"`);
      if (typeof part === "object" && part !== null) throw refuse(name, "is nested too deep for a query");
      if (typeof part === "string" && isBroken(part)) throw refuse(name, "is not well-formed Unicode");
      length += name.length + key.length + encodeURIComponent(String(part)).length + 4;
    }
  }
  if (length > longestQuery)
    throw refuse("arguments", `are longer than a query may be (${longestQuery} characters)`);
}

/** Whether half a character is in a text, which no URL can hold. */
function isBroken(text: string): boolean {
  return /\p{Surrogate}/u.test(text);
}

function refuse(name: string, problem: string): ToolsetError {
  return new ToolsetError("invalid_argument", `"${plainText(name, 60)}" ${problem}. Nothing was sent.`);
}
