import type { CallRequest } from "../call.js";
import type { ToolDescriptor } from "../descriptor.js";
import { stateAfter, type User } from "../user.js";
import { plainText } from "../content/plain-text.js";

/** The argument that holds the id of the person whom a tool's calls concern; `undefined` where they concern nobody. */
export function userArgumentOf({ userArgument, method, inputSchema }: ToolDescriptor): string | undefined {
  if (userArgument !== undefined) return userArgument;
  return stateAfter(method) !== undefined && "id" in inputSchema.properties ? "id" : undefined;
}

/** The id of the person whom a call concerns. */
export function subjectId({
  descriptor,
  args,
}: Pick<CallRequest, "descriptor" | "args">): string | undefined {
  const name = userArgumentOf(descriptor);
  const id = name === undefined ? undefined : args[name];
  return typeof id === "string" ? id : undefined;
}

/** A person in one line, as sentences name them. */
export function shownPerson({ id, email, display_name: name }: User): string {
  const shownName = typeof name === "string" ? plainText(name, 80) : "";
  return `${shownName === "" ? "" : `${JSON.stringify(shownName)} `}<${plainText(email, 254)}> (id ${plainText(id, 40)})`;
}
