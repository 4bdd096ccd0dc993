import type { CallResult, Context } from "../call.js";
import { runAudit } from "./audit-access.js";
import type { AuditAccessOptions } from "./audit-access-report.js";
import { auditAccessText } from "./audit-access-text.js";
import type { AccountTools } from "./workflow.js";

/** Audits a list for a model. */
export async function auditTool(
  args: Readonly<Record<string, unknown>>,
  context: Context,
  tools: AccountTools,
): Promise<CallResult> {
  const { fix, fix_reactivate: fixReactivate, ...list } = args;
  const [suspend, reactivate] = [fix === true, fixReactivate === true];
  // The tool's schema has checked the types, and the run checks what a schema cannot.
  const options = {
    ...list,
    ...(suspend || reactivate ? { fix: { suspend, reactivate } } : {}),
  } as AuditAccessOptions;
  const { report, meta } = await runAudit(options, context, tools);
  return { kind: "answer", data: report, meta: { ...meta, nextCursor: null }, text: auditAccessText(report) };
}
