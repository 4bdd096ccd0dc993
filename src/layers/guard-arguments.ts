import type { Layer } from "../call.js";
import type { JsonSchema, ToolDescriptor } from "../descriptor.js";
import type { GuardOptions } from "./guard-options.js";
import { targetOf, holdsEmails } from "../target.js";

const expectedEmail = {
  type: "string",
  minLength: 3,
  maxLength: 254,
  description:
    "The email of the person you mean, as you were given it: checked first; another person is not touched.",
};

const expectedEmails = {
  type: "array",
  items: { type: "string", minLength: 3, maxLength: 254 },
  minItems: 1,
  description:
    "The emails of the people you mean, one for each id: checked first; if one is another person's, nobody is touched.",
};

const reason = {
  type: "string",
  minLength: 1,
  maxLength: 500,
  pattern: "\\S",
  description: "Why, such as a ticket number: shown to the approver and recorded.",
};

/** The descriptor of a write as it is with guards: what they want to be told are further arguments. */
export function guardedDescriptor<D extends ToolDescriptor>(descriptor: D, guards: GuardOptions): D {
  if (descriptor.kind === "read") return descriptor;
  const { inputSchema } = descriptor;
  const required = [...(inputSchema.required ?? [])];
  const properties = { ...inputSchema.properties };
  const identity = guards.identity ?? "optional";
  const takes = (name: string, schema: JsonSchema, isRequired: boolean) => {
    // A tool that has an argument of that name keeps its own description of it.
    properties[name] ??= schema;
    if (isRequired && !required.includes(name)) required.push(name);
  };
  const target = targetOf(descriptor);
  if (identity !== "off" && typeof target === "object" && !holdsEmails(target)) {
    takes("expected_email", target.holds === "ids" ? expectedEmails : expectedEmail, identity === "required");
  }
  if (guards.requireReason === true) takes("reason", reason, true);
  return {
    ...descriptor,
    inputSchema: { ...inputSchema, properties, ...(required.length > 0 ? { required } : {}) },
  };
}

/**
 * Takes what is meant for the guards out of the arguments, before anything looks at these. A tool that has such an
 * argument of its own, as one that is guarded already, is given it as well.
 */
export function guardArguments(original: ToolDescriptor): Layer {
  const own = original.inputSchema.properties;
  return (next) => (request) => {
    const { expected_email: expected, reason: why, ...rest } = request.args;
    const args: Record<string, unknown> = { ...rest };
    if ("expected_email" in own && expected !== undefined) args.expected_email = expected;
    if ("reason" in own && why !== undefined) args.reason = why;
    const emails = emailsIn(expected);
    if (emails !== undefined) request.context.expectedEmails = emails;
    if (typeof why === "string") request.context.reason = why;
    return next({ ...request, args });
  };
}

function emailsIn(expected: unknown): readonly string[] | undefined {
  if (typeof expected === "string") return [expected];
  const isList = Array.isArray(expected) && expected.every((email) => typeof email === "string");
  return isList ? expected : undefined;
}
