import type { SandboxTrutoFilter } from "./documented-requests.js";

/** A tool as Truto lists it. Both schemas are JSON Schema objects, or `{}` where there is nothing to say. */
export interface TrutoTool {
  resource: string;
  method: string;
  name: string;
  description: string;
  query_schema: object;
  body_schema: object;
  required: string[];
}

/** The tag that all of an account's tools carry. */
export const trutoTag = "directory";

const filterSchemas: Readonly<Record<SandboxTrutoFilter, object>> = {
  email: { type: "string", description: "Return only the user with this email address" },
  state: { type: "string", enum: ["ACTIVE", "SUSPENDED"], description: "Return only users in this state" },
};

const idSchema = {
  type: "object",
  properties: { id: { type: "string", description: "The unique identifier of the user" } },
  required: ["id"],
};

/** The tools of a 1Password account, with the filters that it offers. */
export function trutoTools(filters: readonly SandboxTrutoFilter[]): TrutoTool[] {
  const change = (method: "suspend" | "reactivate", description: string): TrutoTool => ({
    resource: "users",
    method,
    name: `1_password_users_${method}`,
    description,
    query_schema: {},
    body_schema: idSchema,
    required: ["id"],
  });
  return [
    {
      resource: "users",
      method: "list",
      name: "list_all_1_password_users",
      description: "List all users in the 1Password account.",
      query_schema: {
        type: "object",
        properties: {
          limit: { type: "integer", minimum: 1, maximum: 1000, description: "How many users to return" },
          next_cursor: { type: "string", description: "The next_cursor of the page before, unchanged" },
          ...Object.fromEntries(filters.map((filter) => [filter, filterSchemas[filter]])),
        },
      },
      body_schema: {},
      required: [],
    },
    {
      resource: "users",
      method: "get",
      name: "get_single_1_password_user_by_id",
      description: "Get a single 1Password user by id.",
      query_schema: idSchema,
      body_schema: {},
      required: ["id"],
    },
    change("suspend", "Suspend a 1Password user. The user can no longer sign in."),
    change("reactivate", "Reactivate a suspended 1Password user."),
  ];
}

/**
 * Whether a tool is among those asked for, in Truto's words: `read` is list and get, `write` is create,
 * update and delete and nothing else, `custom` is every other verb, and any verb selects itself.
 */
export function isAskedFor(tool: TrutoTool, methods: readonly string[], tags: readonly string[]): boolean {
  const words = [tool.method, groupOf(tool.method)];
  const byMethod = methods.length === 0 || methods.some((method) => words.includes(method));
  return byMethod && (tags.length === 0 || tags.includes(trutoTag));
}

function groupOf(method: string): string {
  if (["list", "get"].includes(method)) return "read";
  return ["create", "update", "delete"].includes(method) ? "write" : "custom";
}
