import type { CallRequest, Layer, Refusal } from "../call.js";
import { taskUsersOf } from "./task-users.js";
import { refuse } from "./refuse.js";

/** What the author of a tool has to declare, as the end of a sentence. */
export const targetToDeclare =
  `"target": the argument that holds the id, the ids, the email or the emails of the users whom it concerns, such as ` +
  `{ argument: "id", holds: "id" }, or "none" for a tool that changes no user of the directory`;

/**
 * Refuses a write whose users are not known where a guard has to judge them: who cannot be judged is not touched.
 *
 * @param judging - the options that have to know whom a write concerns, as errors name them
 */
export function knownTargets(judging: readonly string[]): Layer {
  return (next) => (request) => {
    const { targets } = request.context;
    const options = [...judging, ...(taskUsersOf(request.context) === undefined ? [] : ["taskUsers"])];
    if (targets.state !== "unknown" || options.length === 0) return next(request);
    return refuse(request, next, unknownTargets(request, targets.why, options));
  };
}

function unknownTargets({ descriptor }: CallRequest, why: string, options: readonly string[]): Refusal {
  const isDeclared = typeof descriptor.target === "object";
  const fix = isDeclared
    ? "Next: call it again with that argument."
    : `Its author has to declare ${targetToDeclare}. Next: report this to the person who gave you the task, and do ` +
      "not call it again.";
  return {
    code: options.includes("taskUsers") ? "out_of_scope" : "identity_required",
    text:
      `"${descriptor.name}" was not called: nobody knows whom it concerns, because ${why}, and ` +
      `${options.map((option) => `"${option}"`).join(" and ")} cannot judge it. Nothing was changed. ${fix}`,
  };
}
