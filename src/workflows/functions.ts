import type { ToolsetEvent } from "../call.js";
import type { RunnableConfig } from "@langchain/core/runnables";
import { toolkitOf, type ToolManager } from "../manager.js";
import { ToolsetError } from "../errors/toolset-error.js";
import type { AuditAccessOptions, AuditAccessReport } from "./audit-access-report.js";
import type { FindUsersCriteria, FindUsersResult } from "./find-users.js";
import type { OffboardUserOptions, OffboardUserReport } from "./offboard-user.js";

/**
 * What a call without a model may bring: a `signal`, `configurable.thread_id`, `configurable.actor`, and as `writer`
 * whoever wants to be told of every wait, page and write. Inside of a LangGraph node, pass on the node's config.
 */
export type CallConfig = Pick<RunnableConfig, "signal" | "configurable" | "callbacks" | "metadata"> & {
  writer?: ((event: ToolsetEvent) => void) | undefined;
};

/**
 * Finds people as the tool `find_1_password_users` does, without a model.
 *
 * @param criteria - `{}` counts the people in the account by state
 * @throws `ToolsetError` `invalid_argument` for a criterion that is unknown, `undefined` or does not fit, and for
 * criteria that nobody can meet; what reading the directory throws
 * @example
 * ```ts
 * const { matches, complete } = await findUsers(manager, { email: "m.scott@example.com" });
 * ```
 */
export async function findUsers(
  manager: ToolManager,
  criteria: FindUsersCriteria,
  config: CallConfig = {},
): Promise<FindUsersResult> {
  const [{ findUsers: search }, check] = await Promise.all([
    import("./find-users.js"),
    import("./check-criteria.js"),
  ]);
  check.checkFindCriteria(criteria);
  check.checkConfig(config);
  return toolkitOf(manager).run("read", config as RunnableConfig, async (context, { source }) => {
    return (await search(source, criteria, context)).result;
  });
}

/**
 * Offboards a person as the tool `offboard_1_password_user` does, without a model, through every guard of the
 * manager.
 *
 * @throws `ToolsetError` where a guard refuses, with its code; `not_found` where nobody has the email; where the
 * manager is made for dry runs, an error of code `read_only` that holds the plan. LangGraph's interrupts pass.
 * @example
 * ```ts
 * const report = await offboardUser(manager, { email: "m.scott@example.com", reason: "HR-1234" });
 * if (!report.verified) throw new Error(report.note);
 * ```
 */
export async function offboardUser(
  manager: ToolManager,
  options: OffboardUserOptions,
  config: CallConfig = {},
): Promise<OffboardUserReport> {
  const [{ runOffboarding }, check] = await Promise.all([
    import("./offboard-user.js"),
    import("./check-criteria.js"),
  ]);
  check.checkOffboarding(options);
  check.checkConfig(config);
  const end = await toolkitOf(manager).run("write", config as RunnableConfig, (context, tools) =>
    runOffboarding(options, context, tools),
  );
  if (end.kind === "report") return end.report;
  if (end.kind === "planned") throw new ToolsetError("read_only", end.would, { unsent: true });
  throw new ToolsetError(end.code, end.text, { retryAfterMs: end.retryAfterMs, unsent: true });
}

/**
 * Audits a list of people as the tool `audit_1_password_access` does, without a model: one pass over the account, and
 * with `fix` each change through every guard of the manager, asked for once. `fix: true` takes access away and gives
 * none back. What ended the run before its last person is in the report's `stopped`; the same call, made again, does
 * what is left.
 *
 * @throws `ToolsetError` `invalid_argument` for a list that cannot be used, and with `fix` for one that is not
 * understood or says nothing of states while `state` is missing, before anything is sent; `read_only` for
 * `fix` where the manager only reads; what reading the directory throws; the reason of an abort. LangGraph's
 * interrupts pass.
 * @example
 * ```ts
 * const { drift, rows } = await auditAccess(manager, { csv: await readFile("leavers.csv", "utf8") });
 * ```
 */
export async function auditAccess(
  manager: ToolManager,
  options: AuditAccessOptions,
  config: CallConfig = {},
): Promise<AuditAccessReport> {
  const [{ runAudit }, check] = await Promise.all([
    import("./audit-access.js"),
    import("./check-criteria.js"),
  ]);
  check.checkAudit(options);
  check.checkConfig(config);
  const kind = options.fix === undefined || options.fix === false ? "read" : "write";
  const { report } = await toolkitOf(manager).run(kind, config as RunnableConfig, (context, tools) =>
    runAudit(options, context, tools),
  );
  return report;
}
