import type { AuditRecord, AuditSink } from "langchain-1password";

/** An audit log in memory. */
export interface MemoryAudit extends AuditSink {
  readonly records: readonly AuditRecord[];
  /** Each record's phase, and why nothing was done, in a word each: `["intent", "outcome"]`, `["decision protected"]`. */
  readonly told: () => string[];
}

/**
 * Keeps records as plain data, which is what any log does to them.
 *
 * @param before - called with each record; what it throws is the log's failure
 */
export function memoryAudit(before: (record: AuditRecord) => unknown = () => undefined): MemoryAudit {
  const records: AuditRecord[] = [];
  return {
    records,
    told: () =>
      records.map(({ unmapped: { phase }, status_code: code }) =>
        code === undefined ? phase : `${phase} ${code}`,
      ),
    write: async (record) => {
      await before(record);
      records.push(JSON.parse(JSON.stringify(record)) as AuditRecord);
    },
  };
}
