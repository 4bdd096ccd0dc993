import type { ToolDescriptor } from "./descriptor.js";

/** The resource of the tools that are about the users of an account. */
export const usersResource = "users";

/**
 * The tools with a verb that are about the users of an account, and not about something else that has the same verb,
 * such as groups. A source that names no resources has one such tool at most, or nobody knows which it is.
 */
export function userTools<Descriptor extends Pick<ToolDescriptor, "method" | "resource">>(
  descriptors: readonly Descriptor[],
  method: string,
): readonly Descriptor[] {
  const withVerb = descriptors.filter((one) => one.method === method);
  const ofUsers = withVerb.filter(({ resource }) => resource === usersResource);
  return ofUsers.length > 0 ? ofUsers : withVerb.filter(({ resource }) => resource === undefined);
}

/** The one tool with a verb that is about users; `undefined` where there is none, or where it could be several. */
export function userTool<Descriptor extends Pick<ToolDescriptor, "method" | "resource">>(
  descriptors: readonly Descriptor[],
  method: string,
): Descriptor | undefined {
  const [tool, ...others] = userTools(descriptors, method);
  return others.length === 0 ? tool : undefined;
}

/** The names of tools for users, by their verbs: what may be recommended. */
export function nameIn(entries: readonly ToolDescriptor[]): (method: string) => string | undefined {
  return (method) => userTool(entries, method)?.name;
}
