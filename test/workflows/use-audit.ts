import type { ApprovalRequest, AuditAccessReport, AuditAccessRow, ManagerOptions } from "langchain-1password";
import type { SandboxOptions, SandboxUserInput } from "langchain-1password/sandbox";
import { useAccount, type SourceName, type TestAccount } from "./use-account.js";

/** A small account: somebody to suspend, somebody to reactivate, two who share an email, two whom the API keeps. */
export const people: readonly SandboxUserInput[] = [
  { email: "leaver@example.com", display_name: "Lea Ver" },
  { email: "gone@example.com", state: "SUSPENDED" },
  { email: "back@example.com", state: "SUSPENDED" },
  { email: "Both@example.com", id: "A".repeat(26) },
  { email: "both@example.com", id: "B".repeat(26) },
  { email: "jos\u00e9@example.com" },
  { email: "boss@example.com", role: "owner" },
  { email: "managed@example.com", role: "externally_managed_admin" },
  { email: "other@example.com" },
];

/** So many people who are active. */
export function crowd(count: number): SandboxUserInput[] {
  return Array.from({ length: count }, (_, index) => ({ email: `person.${index}@example.com` }));
}

/** The emails of people. */
export function emailsOf(users: readonly SandboxUserInput[]): string[] {
  return users.map(({ email }) => email);
}

/** An account, and its audit as a model calls it. */
export interface TestAudit extends TestAccount {
  readonly audit: (
    args: object,
    config?: object,
  ) => Promise<{ text: string; code: string | undefined; report: AuditAccessReport }>;
}

/** Starts a sandbox for the test that is running, with those people in it where nothing else is said. */
export async function useAudit(
  source: SourceName,
  sandbox: SandboxOptions = {},
  options: ManagerOptions = {},
): Promise<TestAudit> {
  const account = await useAccount(source, { users: people, ...sandbox }, options);
  return {
    ...account,
    audit: async (args, config) => {
      const { text, code, data } = await account.call("audit", args, config);
      return { text, code, report: data as AuditAccessReport };
    },
  };
}

/** Rows in short: what was given, what it turned out to be, what became of it. */
export function inShort({ rows }: AuditAccessReport): string[] {
  return rows.map(({ given, finding, fix }) =>
    [given, finding, ...(fix === undefined ? [] : [fix.outcome])].join(" "),
  );
}

/** What became of each line, or where nothing was to be done what it turned out to be. */
export function outcomesOf({ rows }: AuditAccessReport): string[] {
  return rows.map(({ finding, fix }) => fix?.outcome ?? finding);
}

/** The first row of an email. */
export function rowOf({ rows }: AuditAccessReport, email: string): AuditAccessRow {
  return rows.find(({ given }) => given === email)!;
}

/** A yes of somebody else. */
export function approve({ id }: ApprovalRequest) {
  return { decision: "approve" as const, requestId: id, approver: "it@example.com" };
}
