import type { GuardOptions } from "../layers/guard-options.js";
import { checkJudgeable } from "../check-target.js";
import { checkTaskUsers } from "../layers/task-users.js";
import { selectDescriptors } from "../filter.js";
import { toolkitOf, type ToolManager } from "../manager.js";
import { refuseOption } from "../option-error.js";
import type { Toolkit } from "../toolkit.js";
import { readingOf } from "../toolkit-setup.js";
import { askByElicitation } from "./elicitation.js";
import type { McpOptions } from "./mcp-options.js";
import { untilServerEnds } from "./server-end.js";
import { rateLimitWatch, type RateLimitWatch } from "./rate-limit-watch.js";

/** A manager's tools as MCP clients get them. */
export interface GuardedToolkit {
  readonly toolkit: Toolkit;
  readonly watch: RateLimitWatch;
}

const known = new WeakMap<ToolManager, Map<string, GuardedToolkit>>();

/**
 * A manager's tools with what it leaves open decided as it has to be where others call them: writes say whom they
 * mean, and somebody is asked. What the manager decides itself holds. Made once, so that guards remember.
 *
 * @throws `ToolsetError` `invalid_argument` where the manager asks somebody already, and `approval` is given
 */
export function guardedToolkit(
  manager: ToolManager,
  { approval, selfApproval, names = "portable", methods = ["read"], tags, taskUsers }: McpOptions,
): GuardedToolkit {
  const own = toolkitOf(manager);
  const { guards, layers, source } = own.setup;
  checkTaskUsers(taskUsers, source.userIds);
  if (guards.approval !== undefined && approval !== undefined) {
    throw refuseOption(
      "approval",
      `is ${JSON.stringify(approval)}, and the manager has an "approval" of its own, which holds`,
      "Leave one of them out.",
    );
  }
  if (guards.approval !== undefined && selfApproval !== undefined) {
    throw refuseOption(
      "selfApproval",
      `is ${JSON.stringify(selfApproval)}, and the manager has an "approval" of its own, which holds`,
      'Give it there, as "approval.selfApproval".',
    );
  }
  const variants = known.get(manager) ?? new Map<string, GuardedToolkit>();
  known.set(manager, variants);
  const variant = JSON.stringify([
    names,
    approval ?? "elicitation",
    selfApproval ?? false,
    taskUsers ?? null,
  ]);
  const made = variants.get(variant);
  if (made !== undefined) return made;

  const watch = rateLimitWatch();
  const stricter: GuardOptions = {
    ...guards,
    identity: guards.identity ?? "required",
    approval:
      guards.approval ?? (approval === "none" ? undefined : { ask: askByElicitation(), selfApproval }),
    taskUsers: taskUsers ?? guards.taskUsers,
  };
  const isChanged = (["identity", "approval", "taskUsers"] as const).some(
    (name) => stricter[name] !== guards[name],
  );
  const definitions = own.setup.definitions.map(({ descriptor }) => descriptor);
  for (const descriptor of selectDescriptors(definitions, { methods, ...(tags && { tags }) }))
    checkJudgeable(descriptor, stricter, readingOf(own.setup));
  const toolkit = own.as({
    names,
    handleErrors: "all",
    artifact: "full",
    layers: [...layers, watch.layer, untilServerEnds],
    ...(isChanged ? { guards: stricter } : {}),
    ...(taskUsers === undefined ? {} : { taskUsers: guards.taskUsers }),
  });
  const guarded = { toolkit, watch };
  variants.set(variant, guarded);
  return guarded;
}
