import type { CallResult, Context } from "../call.js";
import { runOffboarding } from "./offboard-user.js";
import type { AccountTools } from "./workflow.js";

/** Offboards a person for a model. */
export async function offboardTool(
  args: Readonly<Record<string, unknown>>,
  context: Context,
  tools: AccountTools,
): Promise<CallResult> {
  const end = await runOffboarding(args, context, tools);
  if (end.kind !== "report") return end;
  const { report, user, meta } = end;
  return {
    kind: "write",
    previous: report.previous_state,
    state: report.state,
    changed: report.changed,
    ...(user === undefined ? {} : { user }),
    text: JSON.stringify(report),
    meta,
  };
}
