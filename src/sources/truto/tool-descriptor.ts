import { plainText } from "../../content/plain-text.js";
import type { JsonSchema, ToolAnnotations, ToolDescriptor, ToolInputSchema } from "../../descriptor.js";
import { ToolsetError } from "../../errors/toolset-error.js";
import { stateAfter, userIdPattern } from "../../user.js";
import type { TargetArgument, ToolTarget } from "../../target.js";
import { usersResource } from "../../user-tool.js";
import { argumentsIn, isArgumentName, namesIn } from "./foreign-schema.js";

/** Where the calls of a tool go, and how its arguments are sorted. */
export interface ToolRoute {
  /** `/proxy/<resource>`. */
  readonly resource: string;
  /** As in the descriptor. */
  readonly method: string;
  /** Arguments that go into the query; the path's and the body's are the others. */
  readonly queryNames: ReadonlySet<string>;
  /** Every argument that the tool takes. */
  readonly names: ReadonlySet<string>;
  /** Whether its records are people of 1Password, so that more is known of them than Truto says. */
  readonly isAboutUsers: boolean;
}

/** A tool as this library offers it, and the route of its calls. */
export interface RoutedTool {
  readonly descriptor: ToolDescriptor;
  readonly route: ToolRoute;
  /** Optional arguments that are left out, because no model's provider takes their names. */
  readonly leftOut: readonly string[];
}

/** The largest schema of arguments that is offered, in UTF-16 code units of JSON: some 8,000 tokens. */
const largestSchema = 32_000;

const longestDescription = 2000;

/** Fills the place of the integrated account in every request; no argument of a model may. */
const accountArgument = "integrated_account_id";

/** Methods that are sent to the path of one record. */
const recordMethods = ["get", "update", "delete"];

/** What every list of Truto's proxy takes, whether the tool says so or not. */
const pagingArguments = ["limit", "next_cursor"];

/** The largest page of the API underneath, which is 1Password's own. */
const largestPage = 1000;

/**
 * Makes a descriptor of a tool as Truto lists it. Its texts and schemas are written by others: they are
 * checked, made plain and bounded, and nothing of them is passed on as it stands.
 *
 * @param tags - what the tool was asked for by; it may say itself what tags it has
 * @throws {@link ToolsetError} `bad_response` saying what is wrong with the tool
 * @see https://truto.one/docs/guides/tools/overview
 */
export function describeTool(tool: unknown, tags: readonly string[] = []): RoutedTool {
  const { resource, method, name, description, query_schema, body_schema, required } = (tool ??
    {}) as Partial<Record<string, unknown>>;
  if (typeof name !== "string" || !/^[a-zA-Z0-9_-]{1,64}$/.test(name)) {
    throw unfit(name, "its name is not 1 to 64 letters, digits, hyphens and underscores");
  }
  if (!isPathSegment(resource)) throw unfit(name, 'its "resource" cannot stand in a path');
  if (!isPathSegment(method)) throw unfit(name, 'its "method" cannot stand in a path');
  try {
    const query = argumentsIn(query_schema);
    const body = argumentsIn(body_schema);
    const isAboutUsers = concernsUsers(resource, name);
    const inputSchema = mergedSchema(method, query, body, namesIn(required));
    if (isAboutUsers) tellOfUsers(inputSchema.properties, method);
    if (JSON.stringify(inputSchema).length > largestSchema) {
      throw unfit(name, `its schema is larger than ${largestSchema} characters`);
    }
    const names = new Set([
      ...Object.keys(inputSchema.properties),
      ...(method === "list" ? pagingArguments : []),
    ]);
    return {
      descriptor: {
        name,
        description: descriptionOf(description, method, resource),
        inputSchema,
        method,
        kind: isRead(method) ? "read" : "write",
        resource: isAboutUsers ? usersResource : otherResource(resource),
        ...(isRead(method) ? {} : { target: isAboutUsers ? userTarget(method, inputSchema) : "unknown" }),
        tags: tagsOf(tool, tags),
        annotations: annotationsOf(method),
      },
      route: { resource, method, queryNames: queryNames(method, names, query, body), names, isAboutUsers },
      leftOut: [...query.unusable, ...body.unusable],
    };
  } catch (error) {
    if (error instanceof ToolsetError) throw unfit(name, error.text);
    throw error;
  }
}

function mergedSchema(
  method: string,
  query: ReturnType<typeof argumentsIn>,
  body: ReturnType<typeof argumentsIn>,
  listed: readonly string[],
): ToolInputSchema {
  // An argument of both is sent in the body, so that the body's schema stands.
  const properties: Record<string, JsonSchema> = { ...query.properties, ...body.properties };
  const required = new Set([...listed, ...query.required, ...body.required]);
  if (recordMethods.includes(method)) required.add("id");
  // A model that could name it would choose whose account is changed.
  Reflect.deleteProperty(properties, accountArgument);
  required.delete(accountArgument);
  for (const name of required) {
    if (!isArgumentName(name)) {
      throw new ToolsetError(
        "bad_response",
        `it requires the argument "${plainText(name, 60)}", and no model's provider takes that name`,
      );
    }
    if (name in properties) continue;
    properties[name] = { type: "string", description: "Required; Truto does not describe it." };
  }
  if (method === "list" && !("next_cursor" in properties)) {
    const description = "The cursor of the page before, unchanged. Leave it out for the first page.";
    properties.next_cursor = { type: "string", description };
  }
  return {
    type: "object",
    properties,
    ...(required.size > 0 ? { required: [...required] } : {}),
    additionalProperties: false,
  };
}

/** Adds what is known of 1Password's people where Truto does not say it. */
function tellOfUsers(properties: Record<string, JsonSchema>, method: string): void {
  const { id, limit } = properties;
  if (id !== undefined && (id.type === undefined || id.type === "string")) {
    const description =
      id.description ?? "The person's id: 26 upper-case letters and digits, as a list shows it.";
    properties.id = { ...id, type: "string", description, pattern: userIdPattern.source };
  }
  if (method === "list" && limit !== undefined && limit.maximum === undefined) {
    properties.limit = { type: "integer", minimum: 1, ...limit, maximum: largestPage };
  }
}

function queryNames(
  method: string,
  names: Set<string>,
  query: ReturnType<typeof argumentsIn>,
  body: ReturnType<typeof argumentsIn>,
): Set<string> {
  if (isCustom(method)) return new Set();
  if (method === "create" || method === "update") {
    return new Set(Object.keys(query.properties).filter((name) => !(name in body.properties)));
  }
  return names;
}

/**
 * Whether a tool is about the people of a 1Password account, by its resource and by the names that Truto makes: of a
 * resource, `1_password_users`, with the method before or behind it. Groups of people are something else.
 */
function concernsUsers(resource: string, name: string): boolean {
  return (
    resource === usersResource && /(^|_)1_password_users?(_by_id)?$|^1_password_users_[a-z_]+$/.test(name)
  );
}

/** Arguments of tools about users that name them, and what they hold. */
const targetArguments: Readonly<Record<string, TargetArgument["holds"]>> = {
  id: "id",
  user_id: "id",
  ids: "ids",
  user_ids: "ids",
  email: "email",
  emails: "emails",
};

/** What ends the name of an argument that names users as well, in a way that is not understood. */
const otherTarget = /(?:^|_)(?:users?|people|persons?|members?)(?:_ids?|_emails?)?$/;

/**
 * Whom a write about users concerns: those in the one argument that names users. Several could name different people,
 * and which of them the server goes by is not known; beside an id that has to be given, an email is what the record is
 * to hold. Whoever is created is not in the directory yet.
 */
function userTarget(method: string, { properties, required = [] }: ToolInputSchema): ToolTarget {
  if (method === "create") return "unknown";
  const given = Object.keys(properties);
  const isOther = (name: string) =>
    !Object.hasOwn(targetArguments, name) &&
    otherTarget.test(name.replace(/([a-z])([A-Z])/g, "$1_$2").toLowerCase());
  if (given.some(isOther)) return "unknown";
  const naming = given.filter((name) => Object.hasOwn(targetArguments, name));
  const ids = naming.filter((name) => !name.startsWith("email"));
  const [argument, ...others] = ids.some((name) => required.includes(name)) ? ids : naming;
  if (argument === undefined || others.length > 0) return "unknown";
  return { argument, holds: targetArguments[argument] ?? "id" };
}

/** What a tool is about that is not about the users of 1Password, whatever Truto calls it. */
function otherResource(resource: string): string {
  return resource === usersResource ? `other_${resource}` : resource;
}

function isRead(method: string): boolean {
  return method === "list" || method === "get";
}

function isCustom(method: string): boolean {
  return !["list", "create", ...recordMethods].includes(method);
}

function annotationsOf(method: string): ToolAnnotations {
  const readOnlyHint = isRead(method);
  return {
    readOnlyHint,
    destructiveHint: !readOnlyHint && method !== "create",
    // What is suspended stays suspended, even where Truto answers the second time with a conflict.
    idempotentHint: readOnlyHint || method === "delete" || stateAfter(method) !== undefined,
    openWorldHint: true,
  };
}

function descriptionOf(description: unknown, method: string, resource: string): string {
  const text = typeof description === "string" ? plainText(description, longestDescription) : "";
  return text === "" ? `Calls "${method}" of "${resource}". Truto does not describe it.` : text;
}

/** Truto filters by tags and does not list them: what it answers with has the tags that were asked for. */
function tagsOf(tool: unknown, asked: readonly string[]): readonly string[] {
  const { tags } = tool as { tags?: unknown };
  if (!Array.isArray(tags)) return asked;
  return tags.filter((tag) => typeof tag === "string" && plainText(tag, 64) === tag).slice(0, 64) as string[];
}

function isPathSegment(value: unknown): value is string {
  return typeof value === "string" && /^[a-zA-Z0-9_-][a-zA-Z0-9_.-]{0,99}$/.test(value);
}

function unfit(name: unknown, problem: string): ToolsetError {
  const shown = typeof name === "string" ? `"${plainText(name, 80)}"` : "without a name";
  return new ToolsetError(
    "bad_response",
    `Truto lists a tool ${shown}, and it cannot be offered: ${problem}.`,
    {
      retryable: false,
    },
  );
}
