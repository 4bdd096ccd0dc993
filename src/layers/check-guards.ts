import { checkOneOf, refuseOption, refuseUnknownOptions, shownOption } from "../option-error.js";
import { readEmailAddress, readEmailDomain } from "../email-address.js";
import { userIdPattern } from "../user.js";
import type { ApprovalOptions } from "./approval-options.js";
import type { GuardOptions, WriteBudget } from "./guard-options.js";
import { checkTaskUsers } from "./task-users.js";

type Given<Options> = { readonly [option in keyof Options]?: unknown };

const approvalOptions: readonly (keyof ApprovalOptions)[] = [
  "ask",
  "key",
  "selfApproval",
  "store",
  "ttlMs",
  "when",
];

/**
 * Checks guards when they are given, because one that does not work would only show when it is needed.
 *
 * @param userIds - what an id looks like, where that is known
 * @throws `ToolsetError` `invalid_argument` naming the option that does not fit
 */
export function checkGuards(options: Given<GuardOptions>, userIds?: RegExp): void {
  const { identity, protect, maxWrites, approval, audit, actor } = options;
  const { onWarning } = options;
  checkOneOf("identity", identity, ["required", "optional", "off"]);
  for (const name of ["repeats", "dryRun", "requireReason"] as const) {
    checkOneOf(name, options[name], [true, false]);
  }
  checkProtect(protect);
  checkTaskUsers(options.taskUsers, userIds);
  if (maxWrites !== undefined) {
    refuseUnknownOptions(maxWrites, ["count", "windowMs"] satisfies (keyof WriteBudget)[], "maxWrites");
    const { count, windowMs } = maxWrites as Record<string, unknown>;
    check(
      "maxWrites.count",
      count,
      Number.isSafeInteger(count) && Number(count) >= 0,
      "a whole number from 0 on",
    );
    check("maxWrites.windowMs", windowMs, isDuration(windowMs), "a positive number of milliseconds");
  }
  if (approval !== undefined) checkApproval(approval ?? {});
  // It would read as if somebody were asked, and nobody ever would be.
  if ((approval as Given<ApprovalOptions> | undefined)?.when === "past-budget" && maxWrites === undefined) {
    throw refuseOption(
      "approval.when",
      'is "past-budget", and there is no budget',
      'Give "maxWrites" as well.',
    );
  }
  if (audit !== undefined)
    check("audit", audit, hasMethod(audit, "write"), "an AuditSink, such as auditFile(path)");
  if (onWarning !== undefined) {
    check("onWarning", onWarning, typeof onWarning === "function", "a function that takes a message");
  }
  if (actor !== undefined) {
    check("actor", actor, typeof actor === "string" && actor.trim() !== "", "a name or an email");
  }
}

function checkProtect(protect: unknown): void {
  if (protect === undefined || typeof protect === "function") return;
  const isList = Array.isArray(protect);
  const entries: unknown[] = isList ? protect : [protect];
  for (const entry of entries) {
    // A misspelt entry protects nobody, and nobody would notice.
    const fits = typeof entry === "string" ? isProtectable(entry) : typeof entry === "function";
    check(
      "protect",
      entry,
      isList && fits,
      'a list of ids, whole emails, "*@domain" and predicates, or one predicate',
    );
  }
}

function isProtectable(entry: string): boolean {
  if (entry.startsWith("*@")) return readEmailDomain(entry.slice(1)).domain !== undefined;
  // An address may hold a *, and whoever writes one here means a wildcard.
  return userIdPattern.test(entry) || (!entry.includes("*") && readEmailAddress(entry).address !== undefined);
}

function checkApproval(approval: Given<ApprovalOptions>): void {
  const { ask, key, selfApproval, store, ttlMs, when } = approval;
  refuseUnknownOptions(approval, approvalOptions, "approval");
  check("approval.ask", ask, typeof ask === "function", "a function that asks a person");
  const isKey = (typeof key === "string" || key instanceof Uint8Array) && key.length > 15;
  // Never with its value.
  if (key !== undefined && !isKey)
    throw refuseOption(
      "approval.key",
      "is too short to be safe, or no key",
      "Give 32 random bytes, or as much text.",
    );
  check("approval.store", store, store === undefined || isStore(store), "an ApprovalStore");
  if (key !== undefined && !hasMethod(store, "remember")) {
    throw refuseOption(
      "approval.key",
      store === undefined
        ? "is given without a store: after a restart, an answer that was used would be good once more"
        : 'is given with a store that has no "remember" and "recall": after a restart, a write that was made could be made again',
      'Give "store" as well, such as fileApprovalStore(folder) of langchain-1password/node, or leave out the key, and ' +
        "answers end with the process.",
    );
  }
  check(
    "approval.ttlMs",
    ttlMs,
    ttlMs === undefined || isDuration(ttlMs),
    "a positive number of milliseconds",
  );
  checkOneOf("approval.selfApproval", selfApproval, [true, false]);
  checkOneOf("approval.when", when, ["always", "past-budget"]);
}

function isStore(store: unknown): boolean {
  return hasMethod(store, "consume") && hasMethod(store, "remember") === hasMethod(store, "recall");
}

function check(option: string, value: unknown, fits: boolean, wanted: string): void {
  if (!fits)
    throw refuseOption(option, `is or holds ${shownOption(value)}, which does not fit`, `Give ${wanted}.`);
}

function isDuration(value: unknown): boolean {
  return typeof value === "number" && Number.isFinite(value) && value > 0;
}

function hasMethod(value: unknown, name: string): boolean {
  return typeof (value as Record<string, unknown> | null)?.[name] === "function";
}
