import type { ToolDescriptor, ToolInputSchema } from "./descriptor.js";
import { ToolsetError } from "./errors/toolset-error.js";
import type { GuardOptions } from "./layers/guard-options.js";
import { judgingOptions } from "./layers/judging-options.js";
import { targetToDeclare } from "./layers/known-targets.js";
import { fitsSchema, holdsEmails, isTarget, targetOf } from "./target.js";
import type { Reading } from "./layers/targets.js";

/**
 * Checks what somebody says of whom a tool concerns.
 *
 * @throws {@link ToolsetError} `invalid_argument` for what is no target, or names an argument that the tool does not have
 */
export function checkTarget(name: string, target: unknown, inputSchema: ToolInputSchema): void {
  if (target === undefined || target === "none" || target === "unknown") return;
  if (!isTarget(target) || typeof target === "string") {
    throw new ToolsetError(
      "invalid_argument",
      `"target" of "${name}" does not say whom the tool concerns. Give { argument: "id", holds: "id" } (or "ids", ` +
        `"email", "emails"), "none" or "unknown".`,
    );
  }
  if (fitsSchema(target, inputSchema)) return;
  throw new ToolsetError(
    "invalid_argument",
    `"target" of "${name}" names the argument ${JSON.stringify(target.argument.slice(0, 80))}, which is not in its schema. ` +
      `Name the one that holds the user, by its name or by a JSON Pointer such as "/user/id": ` +
      `${Object.keys(inputSchema.properties).join(", ")}.`,
  );
}

/**
 * Why the guards that were asked for could not judge whom a tool changes.
 *
 * @param whoDeclares - who has to say whom it concerns, up to what they have to declare
 * @returns `undefined` where they can
 */
export function unjudgeable(
  descriptor: ToolDescriptor,
  guards: GuardOptions,
  reading: Reading,
  whoDeclares = "Its author has to declare",
): string | undefined {
  const [option] = judgingOptions(guards);
  const target = targetOf(descriptor);
  if (option === undefined || target === "none") return undefined;
  if (target === "unknown") {
    return (
      `"target" of "${descriptor.name}" is not known, and "${option}" has to know whom it concerns. ` +
      `${whoDeclares} ${targetToDeclare}.`
    );
  }
  const by = holdsEmails(target) ? "email" : "id";
  if (by === "email" ? reading.byEmail : reading.byId) return undefined;
  return (
    `"readUser" is missing, and "${option}" has to know whom "${descriptor.name}" concerns. Give a function, or a ` +
    `source, that reads a user by ${by === "email" ? "their email" : "their id"}.`
  );
}

/**
 * Refuses a tool of one's own that the guards could not judge: they would be none.
 *
 * @param whoDeclares - as of {@link unjudgeable}
 * @throws {@link ToolsetError} `invalid_argument` naming what has to be given
 */
export function checkJudgeable(
  descriptor: ToolDescriptor,
  guards: GuardOptions,
  reading: Reading,
  whoDeclares?: string,
): void {
  const why = unjudgeable(descriptor, guards, reading, whoDeclares);
  if (why !== undefined) throw new ToolsetError("invalid_argument", why);
}
